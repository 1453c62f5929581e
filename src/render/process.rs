//! The process of an app: its runtime.

use std::time::Duration;

use crate::model::layout::{self, HOMES, TEMPORARY};
use crate::model::process::{Confinement, Process, Reload, Start};
use crate::model::{App, Install, ProcessName, RemotePath};
use crate::runtime;

/// A runtime needs a moment more than its slowest worker to stop.
const STOP_MARGIN: Duration = Duration::from_secs(10);

/// The process that runs `app`.
pub(super) fn of(app: &App) -> Process {
    Process {
        name: ProcessName::from(&app.name),
        runtime: app.runtime,
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

/// The Python that runs the app.
pub(super) fn python(app: &App) -> String {
    match app.python.install {
        Install::Venv => layout::virtual_python(&layout::CURRENT.of(&app.name)).to_string(),
        Install::System | Install::Apt => layout::PYTHON.to_owned(),
    }
}

/// How long the master may take to stop.
pub(super) fn stop_timeout(app: &App) -> Duration {
    app.graceful_timeout + STOP_MARGIN
}

/// The path of the runtime's settings; empty where it has none.
pub(super) fn settings(app: &App) -> String {
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
