//! The programs that a host runs, each described once: systemd's units and Upstart's jobs are rendered from the same
//! words, whatever a program is, and services follow from them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::app::{App, Install};
use super::bind::Bind;
use super::hardening::{Guard, Limits};
use super::layout::{self, HOMES, TEMPORARY};
use super::names::{ProcessName, RemotePath, UserName};
use crate::runtime::{self, Remarks, SystemCalls, Workers};

/// A runtime needs a moment more than its slowest worker to stop.
const STOP_MARGIN: Duration = Duration::from_secs(10);

/// A program that a host runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Names its unit or job.
    pub name: ProcessName,
    /// The program as a word in a sentence.
    pub program: &'static str,
    /// What the comments of its unit or job say of it.
    pub remarks: Remarks,
    /// System calls that it needs of those that services usually do not.
    pub calls: Option<SystemCalls>,
    /// Which of its processes do the work.
    pub workers: Workers,
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

impl Process {
    /// Everything that runs `app`, in the order of [`App::processes`].
    #[must_use]
    pub fn all_of(app: &App) -> Vec<Self> {
        vec![Self::of_runtime(app)]
    }

    /// The process that answers the requests of `app`.
    #[must_use]
    pub fn of_runtime(app: &App) -> Self {
        Self {
            name: ProcessName::from(&app.name),
            program: app.runtime.name,
            remarks: app.runtime.remarks,
            calls: app.runtime.system_calls,
            workers: app.runtime.workers,
            description: format!("{} for {}", app.runtime.title, app.name),
            start: Start::Boot,
            command: words(app, app.runtime.command),
            reload: app.runtime.reload.as_ref().map(|reload| Reload { check: words(app, reload.check) }),
            user: app.user.clone(),
            environment: layout::ENVIRONMENT.of(&app.name),
            home: layout::HOME.of(&app.name),
            directory: if app.runtime.enters_release { layout::HOME } else { layout::CURRENT }.of(&app.name),
            listener: app.runtime.inherits_listener.then(|| app.bind.clone()),
            start_timeout: app.health.import_timeout(),
            stop_timeout: stop_timeout(app),
            limits: app.limits.clone(),
            confinement: confinement(app),
        }
    }
}

/// The Python that runs the app.
#[must_use]
pub fn python(app: &App) -> String {
    match app.python.install {
        Install::Venv => layout::virtual_python(&layout::CURRENT.of(&app.name)).to_string(),
        Install::System | Install::Apt => layout::PYTHON.to_owned(),
    }
}

/// How long the master may take to stop.
#[must_use]
pub fn stop_timeout(app: &App) -> Duration {
    app.graceful_timeout + STOP_MARGIN
}

/// The path of the runtime's settings; empty where it has none.
#[must_use]
pub fn settings(app: &App) -> String {
    layout::settings(&app.name, app.runtime).map_or_else(String::new, |path| path.to_string())
}

/// Fills in what a command of the runtime is made of.
fn words(app: &App, command: fn(&runtime::Start<'_>) -> Vec<String>) -> Vec<String> {
    command(&runtime::Start {
        python: &python(app),
        settings: &settings(app),
        target: app.wsgi.as_str(),
        bind: &app.bind.to_string(),
        workers: app.workers,
    })
}

fn confinement(app: &App) -> Confinement {
    let lies_in = |folders: &[&str]| {
        let within = |path: &RemotePath| folders.iter().any(|folder| path.is_at_or_below(folder));
        paths_of(app).chain(&app.hardening.write).any(within)
    };
    // Folders of logs, and what the inventory names.
    let logs = app.log.files().filter_map(RemotePath::folder);
    Confinement {
        loosen: app.hardening.loosen.clone(),
        write: logs.chain(app.hardening.write.iter().cloned()).collect(),
        shares_tmp: lies_in(&TEMPORARY),
        sees_homes: lies_in(&HOMES),
    }
}

/// The paths outside its release that the app writes.
fn paths_of(app: &App) -> impl Iterator<Item = &RemotePath> {
    app.log.files().chain(app.bind.socket())
}
