//! `provision reload`: runs the reload scripts that are installed on a host.

use std::ops::ControlFlow;

use anyhow::{Result, bail};

use super::host::Shared;
use crate::encode::shell;
use crate::model::{AppName, Target};
use crate::ssh::{Script, Session};

/// How a reload ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reloaded {
    /// New workers have taken over.
    Yes,
    /// The user stopped waiting for it.
    Interrupted,
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
        done = reloading => done.map(|()| Reloaded::Yes),
        () = shared.interrupt.first() => Ok(Reloaded::Interrupted),
    }
}

async fn reload_on(target: &Target, apps: &[AppName], shared: &Shared<'_>, on_line: impl FnMut(&str)) -> Result<()> {
    let session = Session::connect(&target.connection, shared.escalation.clone(), &shared.sockets).await?;
    let mut script = String::from("set -e\nexec 2>&1\n");
    for app in apps {
        script.push_str(&shell::quote(&format!("/usr/local/bin/reload-{app}")));
        script.push('\n');
    }
    script.push_str("echo provision-reloaded\n");
    let mut whole = false;
    let mut on_line = on_line;
    let ended = session
        .run(Script { text: &script, payload: &[] }, |line| {
            if line == "provision-reloaded" {
                whole = true
            } else {
                on_line(line)
            }
            ControlFlow::Continue(())
        })
        .await;
    session.close().await;
    ended?;
    if whole { Ok(()) } else { bail!("not every app reloaded; the lines above say why") }
}
