//! A program that a host runs, described once: systemd's units and Upstart's jobs are rendered from the same words.
//! Knows nothing of what the program is but its runtime's own description.

use std::collections::BTreeSet;
use std::time::Duration;

use super::app::Bind;
use super::hardening::{Guard, Limits};
use super::names::{ProcessName, RemotePath, UserName};
use crate::runtime::Runtime;

/// A program that a host runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Names its unit or job.
    pub name: ProcessName,
    /// What runs it, which its comments speak of.
    pub runtime: &'static Runtime,
    /// What it is, in a few words.
    pub description: String,
    /// What makes it start.
    pub start: Start,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// How it takes up new code; `None` where only a restart does.
    pub reload: Option<Reload>,
    /// The user and group that it runs as.
    pub user: UserName,
    /// The file with its environment.
    pub environment: RemotePath,
    /// The home folder of its user.
    pub home: RemotePath,
    /// The folder that it starts in.
    pub directory: RemotePath,
    /// Where it is asked; `None` for one that nobody asks.
    pub listener: Option<Bind>,
    /// How long a start or reload may take.
    pub start_timeout: Duration,
    /// How long it may finish its work when it is to stop.
    pub stop_timeout: Duration,
    /// What it may use up.
    pub limits: Limits,
    /// How far it is locked in.
    pub confinement: Confinement,
}

/// What makes a process start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The host, when it boots: the process always runs, and comes back when it ends.
    Boot,
    /// A timer, or somebody: the process does its work and ends.
    Request,
}

/// How a process takes up new code while it runs: HUP, once a check has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reload {
    /// The program that checks, and its arguments.
    pub check: Vec<String>,
}

/// How far a process is locked in. Upstart has none of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confinement {
    /// Protections that are left out.
    pub loosen: BTreeSet<Guard>,
    /// Folders that it may write.
    pub write: BTreeSet<RemotePath>,
    /// It shares the host's temporary folders, because something of it lies there.
    pub shares_tmp: bool,
    /// It sees people's home folders, because something of it lies in one.
    pub sees_homes: bool,
}
