//! What a host must know of an app once its files are rendered and its code is pinned.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{App, AppName, Bind, Python, RemotePath, UserName, WsgiTarget};
use crate::runtime::{self, Runtime};

/// What a host must know of an app once its files are rendered and its code is pinned. Its environment is a file by
/// then, its source a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostedApp {
    /// Names the app's unit, folder and marks.
    pub name: AppName,
    /// The system user that it runs as.
    pub user: UserName,
    /// What runs it. The usual one is not written down: what was stored before there was a choice has it.
    #[serde(default = "usual", skip_serializing_if = "Runtime::is_usual")]
    pub runtime: &'static Runtime,
    /// What the runtime imports.
    pub wsgi: WsgiTarget,
    /// The listening address.
    pub bind: Bind,
    /// Worker processes; `None` for as many as fit the host's processor cores.
    pub workers: Option<u16>,
    /// Threads of each worker. What was stored before they were looked at has one.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub threads: u16,
    /// The files that it logs to. What was stored before they were looked at has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<RemotePath>,
    /// How its Python dependencies get onto the host.
    pub python: Python,
    /// Shell command run once per new release.
    pub release_command: Option<String>,
    /// How long the release command may take. What was stored before there was a limit gets the inventory's default.
    #[serde(default = "ten_minutes")]
    pub release_timeout: Duration,
    /// Its new process is started and asked beside the live one before anything is switched.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub before_switch: bool,
    /// How long the host watches what clients get of a change of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probation: Option<Duration>,
    /// Its workers are replaced after so many requests: that one ends says nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recycles: bool,
    /// How many releases stay on the host, the live one included; at least 1.
    pub keep_releases: u16,
}

impl HostedApp {
    /// What a host must know of `app`.
    #[must_use]
    pub fn of(app: &App) -> Self {
        Self {
            name: app.name.clone(),
            user: app.user.clone(),
            runtime: app.runtime,
            wsgi: app.wsgi.clone(),
            bind: app.bind.clone(),
            workers: app.workers,
            threads: app.threads,
            logs: app.log.files().cloned().collect(),
            python: app.python.clone(),
            release_command: app.release_command.clone(),
            release_timeout: app.release_timeout,
            before_switch: app.health.before_switch,
            probation: app.health.probation,
            recycles: app.max_requests > 0,
            keep_releases: app.keep_releases,
        }
    }

    /// What starts its new release beside the live one, where that is done at all.
    #[must_use]
    pub fn proof(&self) -> Option<&'static str> {
        self.runtime.proof.filter(|_| self.before_switch)
    }
}

const fn usual() -> &'static Runtime {
    runtime::USUAL
}

const fn one() -> u16 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
const fn is_one(threads: &u16) -> bool {
    *threads == 1
}

const fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
const fn is_yes(before_switch: &bool) -> bool {
    *before_switch
}

const fn ten_minutes() -> Duration {
    Duration::from_secs(600)
}
