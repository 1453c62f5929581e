//! Questions to a host that change nothing: connect, ask, hang up.

use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::interrupt::Interrupt;
use crate::fault::{Fault, Kind};
use crate::model::Connection;
use crate::ssh::{self, Escalation, Limits, Script, Session};

/// What the connections of a run have in common.
pub struct Access {
    /// How to become root.
    pub escalation: Escalation,
    /// Folder of the control sockets.
    pub sockets: PathBuf,
    /// Ctrl-C.
    pub interrupt: Interrupt,
}

/// Connects, asks and hangs up.
///
/// # Errors
/// Of kind [`Kind::Unreachable`] when there is no connection, [`Kind::Interrupted`] when the user did not wait; or what
/// `ask` says.
pub async fn visit<T>(
    connection: &Connection,
    access: &Access,
    mut ask: impl AsyncFnMut(&Session) -> Result<T>,
) -> Result<T> {
    let visit = async {
        let session = connect(connection, access).await?;
        match ask(&session).await {
            // The host went away without a word, as in a power cut, and the master of an earlier run has not noticed.
            Err(error) if session.reused && ssh::broken(&error) => session.end().await,
            answer => {
                session.close().await;
                return answer;
            }
        }
        let session = connect(connection, access).await?;
        let answer = ask(&session).await;
        session.close().await;
        answer
    };
    tokio::select! {
        answer = visit => answer,
        () = access.interrupt.first() => Err(Fault::of(Kind::Interrupted, "interrupted").into()),
    }
}

async fn connect(connection: &Connection, access: &Access) -> Result<Session, Fault> {
    Session::connect(connection, access.escalation.clone(), &access.sockets).await
}

/// Runs a script whose answer ends with the line `end`, and reads the answer.
///
/// # Errors
/// When the connection breaks, the host wants more than it may cost, or `read` does not understand the answer.
pub async fn answer<T>(session: &Session, script: &str, read: impl FnOnce(&str) -> Result<T>) -> Result<T> {
    answer_within(session, script, Limits::LOOK, read).await
}

/// As [`answer`], of which more may be expected.
///
/// # Errors
/// As those of [`answer`].
pub async fn answer_within<T>(
    session: &Session,
    script: &str,
    limits: Limits,
    read: impl FnOnce(&str) -> Result<T>,
) -> Result<T> {
    let mut report = String::new();
    let ended = session
        .run(Script { text: script, payload: &[], limits }, |line| {
            report.push_str(line);
            report.push('\n');
            if line == "end" { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await?;
    read(&report).with_context(|| {
        if ended.stderr.is_empty() {
            "the host could not be looked at".to_owned()
        } else {
            format!("the host could not be looked at: {}", ended.stderr)
        }
    })
}
