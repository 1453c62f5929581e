//! `provision reload`: runs the reload scripts that are installed on a host.

use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Result, bail};

use super::access::{Access, Cut};
use crate::apply::{self, Progress};
use crate::fault::{self, Fault, Kind};
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
    mut on_line: impl FnMut(&str),
) -> Result<Reloaded> {
    let script = apply::reload(&turn.who, turn.lock_wait, apps);
    let limits = Limits::CHANGE.and(turn.lock_wait);
    let work = async |session: &Session| {
        let mut nothing = std::io::empty();
        let script = Script { text: &script, payload: &mut nothing, limits };
        let reloading = follow(session, script, &mut on_line);
        access.unless_interrupted(reloading).await?
    };
    match access.connected(&target.connection, |_| {}, work).await {
        Ok(Some(Progress::Reloaded)) => Ok(Reloaded::Yes),
        Ok(Some(Progress::Locked { holder, .. })) => Ok(Reloaded::Locked(holder)),
        Ok(Some(Progress::Unfinished)) => Err(Fault::new("a change of this host was cut and not settled yet")
            .hint(format!("`provision up {}` settles it first", target.host))
            .into()),
        Ok(_) => bail!("not every app reloaded; the lines above say why"),
        Err(error) if fault::kind(&error) == Kind::Interrupted => Ok(Reloaded::Interrupted),
        Err(error) => Err(error),
    }
}

/// Runs the script, and returns how far it came. Before its first word nothing has begun.
async fn follow(session: &Session, script: Script<'_>, mut on_line: impl FnMut(&str)) -> Result<Option<Progress>, Cut> {
    let mut last = None;
    let mut silent = true;
    let ended = session
        .run(script, |line| {
            silent = false;
            match Progress::parse(line) {
                Some(Progress::Waiting(why)) => on_line(&format!("waiting: {why}")),
                Some(progress) => last = Some(progress),
                // What an app wrote into its log is among these.
                None => on_line(&outside::text(line.as_bytes())),
            }
            ControlFlow::Continue(())
        })
        .await;
    match ended {
        Ok(_) => Ok(last),
        Err(error) if silent => Err(Cut::before_any_change(error)),
        Err(error) => Err(Cut::meanwhile(error)),
    }
}
