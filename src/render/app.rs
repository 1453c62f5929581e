//! What templates know of an app.

use std::time::Duration;

use serde::Serialize;

use crate::model::layout;
use crate::model::process::{python, settings, stop_timeout};
use crate::model::{App, Bind, Install};

/// An app in plain texts and numbers; times are whole seconds.
#[derive(Serialize)]
pub(super) struct AppContext {
    name: String,
    user: String,
    /// What runs it, as a word in a sentence.
    program: &'static str,
    /// It has a script that reloads it.
    reloads: bool,
    /// A reload takes up the environment.
    renews_environment: bool,
    wsgi: String,
    python: String,
    /// Its packages live in each release, so that a reload does not pick up new ones.
    venv: bool,
    home: String,
    current: String,
    settings: String,
    env_file: String,
    bind: String,
    /// Others than this host may ask it, past Nginx.
    open: bool,
    /// Why they may, as a comment for `lint`.
    bind_allowance: Option<String>,
    /// The addresses that Nginx of the same host comes from.
    proxies: String,
    workers: Option<u16>,
    threads: u16,
    keepalive: u16,
    max_requests: u16,
    max_requests_jitter: u16,
    limits: LimitsContext,
    timeout: u64,
    graceful_timeout: u64,
    stop_timeout: u64,
    /// How long the app may take to be imported.
    import_timeout: u64,
    log_files: Vec<String>,
    error_log: Option<String>,
}

/// Bounds; memory in bytes.
#[derive(Serialize)]
struct LimitsContext {
    files: u16,
    memory: Option<u64>,
}

impl AppContext {
    pub(super) fn new(app: &App) -> Self {
        let error_log = app.log.error.file().map(ToString::to_string);
        Self {
            name: app.name.to_string(),
            user: app.user.to_string(),
            program: app.runtime.name,
            reloads: app.runtime.reload.is_some(),
            renews_environment: app.runtime.start_variables.is_some(),
            wsgi: app.wsgi.to_string(),
            python: python(app),
            venv: app.python.install == Install::Venv,
            home: layout::HOME.of(&app.name).to_string(),
            settings: settings(app),
            env_file: layout::ENVIRONMENT.of(&app.name).to_string(),
            bind: app.bind.to_string(),
            open: app.bind.is_open(),
            bind_allowance: app.bind_allowance.clone(),
            proxies: proxies(&app.bind),
            workers: app.workers,
            threads: app.threads,
            keepalive: app.keepalive,
            max_requests: app.max_requests,
            max_requests_jitter: app.max_requests / 10,
            limits: LimitsContext { files: app.limits.files, memory: app.limits.memory },
            timeout: seconds(app.timeout),
            graceful_timeout: seconds(app.graceful_timeout),
            stop_timeout: seconds(stop_timeout(app)),
            import_timeout: seconds(app.health.import_timeout()),
            log_files: app.log.files().map(ToString::to_string).collect(),
            error_log,
            current: layout::CURRENT.of(&app.name).to_string(),
        }
    }
}

/// Who asks an address of the host itself comes from that address.
fn proxies(bind: &Bind) -> String {
    let own = match bind {
        Bind::Tcp(address) if !address.ip().is_loopback() && !address.ip().is_unspecified() => {
            format!(",{}", address.ip())
        }
        Bind::Tcp(_) | Bind::Unix(_) => String::new(),
    };
    format!("127.0.0.1,::1{own}")
}

/// Whole seconds, rounded up: no language here has a finer unit in all its versions.
pub(super) fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
