//! `provision reload`: runs the reload scripts that are installed on a host.

use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Result, bail};

use super::visit::Access;
use crate::apply::{self, Progress};
use crate::fault::Fault;
use crate::model::{AppName, Target};
use crate::outside;
use crate::ssh::{Limits, Script, Session};

/// Whose turn it is to act on a host.
pub struct Turn {
    /// Who runs this, for the lock: user, machine, process.
    pub who: String,
    /// How long another run is waited for.
    pub lock_wait: Duration,
}

/// How a reload ended that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reloaded {
    /// New workers have taken over.
    Yes,
    /// The user stopped waiting for it.
    Interrupted,
    /// Another run is at work there; who and since when.
    Locked(String),
}

/// Reloads the apps gracefully, one after the other, and hands each line that the scripts print to `on_line`.
///
/// # Errors
/// When the host cannot be reached, or a reload is not proven to have worked.
pub async fn reload(
    target: &Target,
    apps: &[AppName],
    turn: &Turn,
    access: &Access,
    on_line: impl FnMut(&str),
) -> Result<Reloaded> {
    let reloading = reload_on(target, apps, turn, access, on_line);
    tokio::select! {
        done = reloading => done,
        () = access.interrupt.first() => Ok(Reloaded::Interrupted),
    }
}

async fn reload_on(
    target: &Target,
    apps: &[AppName],
    turn: &Turn,
    access: &Access,
    mut on_line: impl FnMut(&str),
) -> Result<Reloaded> {
    let session = Session::connect(&target.connection, access.escalation.clone(), &access.sockets).await?;
    let script = apply::reload(&turn.who, turn.lock_wait, apps);
    let mut last = None;
    let ended = session
        .run(Script { text: &script, payload: &[], limits: Limits::CHANGE.and(turn.lock_wait) }, |line| {
            match Progress::parse(line) {
                Some(Progress::Waiting(why)) => on_line(&format!("waiting: {why}")),
                Some(progress) => last = Some(progress),
                // What an app wrote into its log is among these.
                None => on_line(&outside::text(line.as_bytes())),
            }
            ControlFlow::Continue(())
        })
        .await;
    session.close().await;
    ended?;
    match last {
        Some(Progress::Reloaded) => Ok(Reloaded::Yes),
        Some(Progress::Locked(holder)) => Ok(Reloaded::Locked(holder)),
        Some(Progress::Unfinished) => Err(Fault::new("a change of this host was cut and not settled yet")
            .hint(format!("`provision up {}` settles it first", target.host))
            .into()),
        _ => bail!("not every app reloaded; the lines above say why"),
    }
}
