//! What services are called that are not an app's. systemd has units with an ending, Upstart has jobs without.

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

/// The whole name of a service that somebody may have written without its ending.
#[must_use]
pub fn unit(name: &str, init: Init) -> String {
    if init == Init::Systemd && !name.contains('.') { format!("{name}.service") } else { name.to_owned() }
}
