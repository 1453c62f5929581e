//! `provision reload`: runs the reload scripts that are installed on a host.

use std::ops::ControlFlow;

use anyhow::{Result, bail};

use super::host::Shared;
use crate::apply::{self, Progress};
use crate::model::{AppName, Target};
use crate::ssh::{Script, Session};

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
    shared: &Shared<'_>,
    on_line: impl FnMut(&str),
) -> Result<Reloaded> {
    let reloading = reload_on(target, apps, shared, on_line);
    tokio::select! {
        done = reloading => done,
        () = shared.interrupt.first() => Ok(Reloaded::Interrupted),
    }
}

async fn reload_on(
    target: &Target,
    apps: &[AppName],
    shared: &Shared<'_>,
    mut on_line: impl FnMut(&str),
) -> Result<Reloaded> {
    let session = Session::connect(&target.connection, shared.escalation.clone(), &shared.sockets).await?;
    let script = apply::reload(&shared.who, shared.lock_wait, apps);
    let mut last = None;
    let ended = session
        .run(Script { text: &script, payload: &[] }, |line| {
            match Progress::parse(line) {
                Some(Progress::Waiting(why)) => on_line(&format!("waiting: {why}")),
                Some(progress) => last = Some(progress),
                None => on_line(line),
            }
            ControlFlow::Continue(())
        })
        .await;
    session.close().await;
    ended?;
    match last {
        Some(Progress::Reloaded) => Ok(Reloaded::Yes),
        Some(Progress::Locked(holder)) => Ok(Reloaded::Locked(holder)),
        Some(Progress::Unfinished) => bail!(
            "a change of this host was cut and not settled yet\nhelp: `provision up {}` settles it first",
            target.host
        ),
        _ => bail!("not every app reloaded; the lines above say why"),
    }
}
