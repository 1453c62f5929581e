//! A target's whole desired state in the terms of its host: files, directories and links. Pure.
//! Knows nothing of what the host has now; that is the plan's business.

mod app;
mod directories;
mod env;
mod extra;
mod gunicorn;
mod lines;
mod logrotate;
mod nginx;
mod paths;
mod reload;
mod scope;
mod units;

use crate::model::{Directory, File, Init, Link, Target};
use crate::template::{Engine, TemplateError};
use app::AppContext;
use scope::Scope;

/// Everything that one host should have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// Regular files, in the order of the inventory's apps, then sites, then extra files.
    pub files: Vec<File>,
    /// Directories, parents first.
    pub directories: Vec<Directory>,
    /// Links that switch sites on.
    pub links: Vec<Link>,
}

/// Renders everything that `target` should have under `init`.
///
/// # Errors
/// A template that fails, or a value that the language of its file cannot hold.
pub fn render(target: &Target, init: Init, engine: &Engine) -> Result<Rendered, TemplateError> {
    let scope = Scope::new(target, init, engine);
    let mut files = Vec::new();
    for app in &target.apps {
        let context = AppContext::new(app);
        files.push(gunicorn::settings(app, &context, &scope)?);
        files.push(env::file(app, &context, &scope)?);
        match init {
            Init::Systemd => {
                files.push(units::service(app, &context, &scope)?);
                files.push(units::socket(app, &context, &scope)?);
            }
            Init::Upstart => files.push(units::upstart_job(app, &context, &scope)?),
        }
        files.extend(logrotate::file(app, &context, &scope)?);
        files.push(reload::script(app, &context, &scope)?);
    }
    if init == Init::Systemd {
        files.extend(logrotate::sandbox_exception(target, &scope)?);
    }
    for site in &target.sites {
        files.push(nginx::site(site, target, &scope)?);
    }
    for extra in &target.files {
        files.push(extra::file(extra, target, &scope)?);
    }
    let links = target.sites.iter().map(|site| nginx::link(&site.name)).collect();
    Ok(Rendered { files, directories: directories::of(target, init), links })
}
