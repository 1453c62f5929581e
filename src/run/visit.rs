//! Questions to a host that change nothing: connect, ask, hang up.

use std::ops::ControlFlow;

use anyhow::{Context, Result};

use super::access::{Access, Cut};
use crate::model::Connection;
use crate::ssh::{Limits, Script, Session};

/// Connects, asks and hangs up.
///
/// # Errors
/// Of kind [`Unreachable`](crate::fault::Kind::Unreachable) when there is no connection,
/// [`Interrupted`](crate::fault::Kind::Interrupted) when the user did not wait; or what `ask` says.
pub async fn visit<T>(
    connection: &Connection,
    access: &Access,
    mut ask: impl AsyncFnMut(&Session) -> Result<T>,
) -> Result<T> {
    let ask = async |session: &Session| {
        let answer = access.unless_interrupted(ask(session)).await?;
        answer.map_err(Cut::before_any_change)
    };
    access.connected(connection, |_| {}, ask).await
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
        .run(Script { text: script, payload: &mut std::io::empty(), limits }, |line| {
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
