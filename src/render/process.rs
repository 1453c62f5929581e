//! The process of an app: gunicorn's master, which starts the workers.

use std::time::Duration;

use crate::model::layout::{self, HOMES, TEMPORARY};
use crate::model::process::{Confinement, Process, Reload, Start};
use crate::model::{App, Bind, Install, RemotePath};

/// gunicorn's master needs a moment more than its slowest worker to stop.
const STOP_MARGIN: Duration = Duration::from_secs(10);

/// The process that runs `app`.
pub(super) fn of(app: &App) -> Process {
    Process {
        name: app.name.clone(),
        description: format!("Gunicorn for {}", app.name),
        start: Start::Boot,
        command: gunicorn(app, &[]),
        reload: Some(Reload { check: gunicorn(app, &["--check-config"]) }),
        user: app.user.clone(),
        environment: layout::ENVIRONMENT.of(&app.name),
        directory: layout::HOME.of(&app.name),
        listener: Some(app.bind.clone()),
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

/// `-m` runs gunicorn with exactly this Python, whatever a `gunicorn` command on the path would use.
fn gunicorn(app: &App, options: &[&str]) -> Vec<String> {
    let (python, settings) = (python(app), layout::WSGI_SETTINGS.of(&app.name));
    let mut words = vec![python.as_str(), "-m", "gunicorn.app.wsgiapp"];
    words.extend(options);
    words.extend(["--config", settings.as_str(), app.wsgi.as_str()]);
    words.into_iter().map(ToOwned::to_owned).collect()
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
    let socket = match &app.bind {
        Bind::Unix(path) => Some(path),
        Bind::Tcp(_) => None,
    };
    app.log.files().chain(socket)
}
