//! The one place that names `openssh`: a session with a host over the user's own `ssh`, and scripts run in it.
//!
//! The master connection is a real `ssh` process, so `~/.ssh/config`, jump hosts, the agent and known hosts work as
//! they always do. It stays for a while after a run, and the next run skips the handshake.

mod by_hand;
mod dial;
mod failure;
mod hearing;
mod input;
mod limits;
mod lines;
mod master;
mod refusal;
mod remote;
mod script;

pub use dial::{dial, keep_acknowledging};
pub use input::Conversation;
pub use limits::Limits;
pub use script::{Ended, Script, broken};

use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Result;

use self::script::Start;
use crate::fault::{self, Fault, Kind};
use crate::model::Connection;

/// How to become root on hosts that ask for a password.
#[derive(Clone, Default)]
pub struct Escalation {
    /// The password for `sudo`, if one was asked for. It travels on standard input only.
    pub password: Option<String>,
}

/// A connection to one host.
pub struct Session {
    inner: openssh::Session,
    control: PathBuf,
    escalate: bool,
    by_hand: String,
    escalation: Escalation,
    keep: bool,
    /// The host wanted more than it may cost, and may go on sending.
    spoiled: Cell<bool>,
    /// The connection was already up: an earlier run left it.
    pub reused: bool,
}

impl Session {
    /// Connects, or takes up the connection that an earlier run left.
    ///
    /// # Errors
    /// When the host cannot be reached or does not let the user in; with ssh's own words and a remedy.
    pub async fn connect(connection: &Connection, escalation: Escalation, directory: &Path) -> Result<Self, Fault> {
        let master = master::open(connection, directory).await?;
        Ok(Self {
            inner: openssh::Session::resume_mux(master.control.clone().into_boxed_path(), None),
            control: master.control,
            escalate: connection.escalate,
            by_hand: by_hand::by_hand(connection, &[]),
            escalation,
            keep: !connection.persist.is_zero(),
            spoiled: Cell::new(false),
            reused: master.reused,
        })
    }

    /// Runs a script as root and hands each line of its answer to `on_line` as it comes. `on_line` breaks off once the
    /// answer is whole; else the end of the remote command is waited for.
    ///
    /// # Errors
    /// When the connection breaks, `sudo` refuses, or the host wants more than it may cost ([`Kind::Excess`]).
    pub async fn run(&self, script: Script<'_>, on_line: impl FnMut(&str) -> ControlFlow<()>) -> Result<Ended> {
        let silence = Conversation { later: std::future::pending(), farewell: "" };
        self.converse(script, silence, on_line).await
    }

    /// As [`run`](Self::run); the script's standard input stays open after the payload, for what else it hears.
    ///
    /// # Errors
    /// As those of [`run`](Self::run).
    pub async fn converse(
        &self,
        script: Script<'_>,
        conversation: Conversation<impl Future<Output = String>>,
        on_line: impl FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Ended> {
        let password = self.escalation.password.as_deref();
        let how = Start { escalate: self.escalate, password, by_hand: &self.by_hand };
        let ended = script::run(&self.inner, how, script, conversation, on_line).await;
        if ended.as_ref().is_err_and(|error| fault::kind(error) == Kind::Excess) {
            self.spoiled.set(true);
        }
        ended
    }

    /// Ends the connection, so that the next one is new.
    pub async fn end(self) {
        master::end(&self.control).await;
    }

    /// Leaves the connection for the next run, or ends it where the inventory says `persist: 0`.
    pub async fn close(self) {
        if !self.keep || self.spoiled.get() {
            master::end(&self.control).await;
            master::sweep(&self.control);
        }
    }
}
