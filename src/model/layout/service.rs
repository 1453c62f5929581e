//! What services are called. systemd has units with an ending, Upstart has jobs without.

use super::places::{JOB, SERVICE, SOCKET};
use crate::model::names::AppName;
use crate::model::resource::Init;

/// What Nginx is called by each init.
pub const NGINX_SERVICES: [&str; 2] = ["nginx.service", "nginx"];

/// Nginx.
#[must_use]
pub fn nginx(init: Init) -> &'static str {
    match init {
        Init::Systemd => NGINX_SERVICES[0],
        Init::Upstart => NGINX_SERVICES[1],
    }
}

/// What runs an app: `APP.service`, or the job `APP`.
#[must_use]
pub fn process(app: &AppName, init: Init) -> String {
    match init {
        Init::Systemd => SERVICE.of(app).file_name().to_owned(),
        Init::Upstart => app.to_string(),
    }
}

/// What holds an app's listener under systemd: `APP.socket`.
#[must_use]
pub fn listener(app: &AppName) -> String {
    SOCKET.of(app).file_name().to_owned()
}

/// Everything that an app may be run by, its listener first.
#[must_use]
pub fn services_of(app: &AppName, init: Init) -> Vec<String> {
    let listener = (init == Init::Systemd).then(|| listener(app));
    listener.into_iter().chain([process(app, init)]).collect()
}

/// The service that a file defines, and the app that it would run, if the file lies where those of apps do.
#[must_use]
pub fn service_at(path: &str, init: Init) -> Option<(AppName, String)> {
    match init {
        Init::Systemd => {
            let app = SERVICE.name_in(path).map(|app| (process(&app, init), app));
            app.or_else(|| SOCKET.name_in(path).map(|app| (listener(&app), app)))
        }
        Init::Upstart => JOB.name_in(path).map(|app| (process(&app, init), app)),
    }
    .map(|(service, app)| (app, service))
}

/// Is that the name of what holds a listener?
#[must_use]
pub fn is_listener(service: &str) -> bool {
    service.ends_with(".socket")
}

/// The whole name of a service that somebody may have written without its ending.
#[must_use]
pub fn unit(name: &str, init: Init) -> String {
    if init == Init::Systemd && !name.contains('.') { format!("{name}.service") } else { name.to_owned() }
}
