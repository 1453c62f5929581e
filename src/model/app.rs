//! An app: a web application in Python, where its code comes from and how it runs.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::bind::Bind;
use super::hardening::{Hardening, Limits};
use super::names::{AppName, EnvName, ProcessName, RelativePath, RemotePath, UrlPath, UserName, WsgiTarget};
use crate::runtime::Runtime;

/// One WSGI application as one host runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Names the app's system user, unit, folder under `/srv` and reload script.
    pub name: AppName,
    /// The name that it had before.
    pub renamed_from: Option<AppName>,
    /// Where the code comes from.
    pub source: Source,
    /// What runs it.
    pub runtime: &'static Runtime,
    /// `module:callable`.
    pub wsgi: WsgiTarget,
    /// The listening address.
    pub bind: Bind,
    /// What a comment of the inventory says for it to `lint`: `allow RULE because REASON`.
    pub bind_allowance: Option<String>,
    /// The system user that the app runs as; the app's name unless the inventory says otherwise.
    pub user: UserName,
    /// Worker processes; `None` for as many as fit the host's processor cores.
    pub workers: Option<u16>,
    /// Threads in each worker; 1 keeps workers that answer one request at a time.
    pub threads: u16,
    /// Connections that each Nginx worker keeps open to the app between requests; more than none only with threads.
    pub keepalive: u16,
    /// A worker silent for this long is killed and replaced.
    pub timeout: Duration,
    /// How long a worker may finish its requests after a reload or stop.
    pub graceful_timeout: Duration,
    /// A worker is replaced after so many requests, and up to a tenth more; 0 for never.
    pub max_requests: u16,
    /// How its Python dependencies get onto the host.
    pub python: Python,
    /// What it may do in spite of its protection.
    pub hardening: Hardening,
    /// What it may use up.
    pub limits: Limits,
    /// Environment of the app's processes.
    pub env: IndexMap<EnvName, EnvValue>,
    /// Where its runtime logs.
    pub log: Log,
    /// How to tell that the app works.
    pub health: Health,
    /// Shell command run once per new release, before it goes live, as the app's user in the release folder.
    pub release_command: Option<String>,
    /// How long the release command may take before it is ended and the release refused.
    pub release_timeout: Duration,
    /// How many releases stay on the host, the live one included; at least 1.
    pub keep_releases: u16,
}

impl App {
    /// What its processes are called, the one that answers requests first.
    #[must_use]
    pub fn processes(&self) -> Vec<ProcessName> {
        vec![ProcessName::from(&self.name)]
    }
}

/// Where an app's code comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A folder on the controller.
    Path(LocalFolder),
    /// A repository that the host clones; `reference` is a branch, tag or commit.
    Git {
        /// What `git clone` takes.
        url: String,
        /// Branch, tag or full commit.
        reference: String,
    },
}

/// A folder of code on the controller, and what of it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFolder {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// What is sent although it would be left out, such as `.env`.
    pub include: Vec<RelativePath>,
    /// The inventory, absolute, which is left out where it lies in the folder.
    pub inventory: PathBuf,
}

/// How Python dependencies are installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Python {
    /// The method.
    pub install: Install,
    /// A requirements file inside the release.
    pub requirements: Option<RelativePath>,
    /// Further requirement specifiers (`flask>=2`), or Debian package names with [`Install::Apt`].
    pub packages: Vec<String>,
    /// Every requirement must have a hash. What was stored before there was a choice has none.
    #[serde(default)]
    pub require_hashes: bool,
}

/// The method by which Python dependencies are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Install {
    /// `pip3 install` for the whole host.
    System,
    /// A virtual environment inside each release.
    Venv,
    /// Debian packages only; pip is never run.
    Apt,
}

/// One environment value.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvValue {
    /// The text.
    pub value: String,
    /// The variable of the controller's environment that it came from. Such a value is never shown in a diff, log or
    /// report.
    pub secret: Option<EnvName>,
}

impl fmt::Debug for EnvValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.secret {
            Some(variable) => write!(f, "EnvValue(secret {variable})"),
            None => write!(f, "EnvValue({:?})", self.value),
        }
    }
}

/// Where the two logs of a runtime go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// One line per request.
    pub access: LogTarget,
    /// Starts, stops, worker failures, tracebacks.
    pub error: LogTarget,
}

impl Log {
    /// The files that the runtime logs to, each once.
    pub fn files(&self) -> impl Iterator<Item = &RemotePath> {
        let access = self.access.file();
        let error = self.error.file().filter(|error| Some(*error) != access);
        access.into_iter().chain(error)
    }
}

/// Where one log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogTarget {
    /// Standard output or error, which systemd's journal (or Upstart's log) keeps.
    Journal,
    /// A file that the runtime appends to and logrotate rotates.
    File(RemotePath),
    /// Nowhere.
    Off,
}

impl LogTarget {
    /// The file, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&RemotePath> {
        match self {
            Self::File(path) => Some(path),
            Self::Journal | Self::Off => None,
        }
    }
}

/// How to tell that an app works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The request path, as the app itself sees it. `None` asks for `/` and accepts any status below 500.
    pub path: Option<UrlPath>,
    /// The statuses that count as healthy.
    pub status: StatusRange,
    /// How long the app may take to become healthy.
    pub timeout: Duration,
    /// A new process is started and asked beside the live one before anything is switched.
    pub before_switch: bool,
    /// How many of the requests that clients made lately a new release is asked before it goes live; `None` for none.
    pub rehearse: Option<u16>,
    /// How long a new release can still go back by itself, by what real clients get; `None` where it cannot.
    pub probation: Option<Duration>,
}

impl Health {
    /// How long the app may take to be imported: what may take a while to become healthy may take as long for that.
    #[must_use]
    pub fn import_timeout(&self) -> Duration {
        self.timeout.max(Duration::from_secs(30))
    }
}

/// An inclusive range of HTTP statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRange {
    /// Lowest healthy status.
    pub first: u16,
    /// Highest healthy status.
    pub last: u16,
}
