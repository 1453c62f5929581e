//! A target's whole desired state in the terms of its host: files, directories and links. Pure.
//! Knows nothing of what the host has now; that is the plan's business.

mod app;
mod catch_all;
mod directories;
mod env;
mod extra;
mod lines;
mod logrotate;
mod maintenance;
mod nginx;
mod process;
mod reload;
mod route;
mod scope;
mod secret;
mod server;
mod settings;
mod shared;
mod tls;

use std::collections::BTreeSet;

use crate::model::{Directory, File, Init, Link, Target};
use crate::platform::{Features, Platform};
use crate::template::{Engine, TemplateError};
use app::AppContext;
use scope::Scope;
pub use secret::{joined, of_text, shapes, written};

/// Everything that one host should have.
///
/// ```
/// use provision::inventory::Inputs;
/// use provision::platform::Platform;
/// use provision::render::render;
/// use provision::resolve::Targets;
/// use provision::template::Engine;
///
/// let inventory = "
/// version: 1
/// apps: { web: { source: { path: app }, wsgi: app:app, bind: 127.0.0.1:5000 } }
/// sites: { web: { listen: [80], routes: { /: { app: web } } } }
/// hosts: { web-01: { sites: [web] } }
/// ";
/// let inputs = Inputs { base_dir: "/inventories".as_ref(), environment: &|_| None, extra_vars: Default::default() };
/// let targets = Targets::load("web.yml", inventory, &inputs)?;
/// let engine = Engine::new(&Default::default())?;
/// let rendered = render(&targets.all()[0], &Platform::named("debian-13")?, &engine)?;
/// let site = rendered.files.iter().find(|file| file.path.as_str() == "/etc/nginx/sites-available/web");
/// assert!(site.unwrap().content.contains("listen 80"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// Regular files, in the order of the inventory's apps, then sites, then extra files.
    pub files: Vec<File>,
    /// Directories, parents first.
    pub directories: Vec<Directory>,
    /// Links that switch sites on.
    pub links: Vec<Link>,
    /// What the host is too old for, one sentence each, as the files say it in comments.
    pub downgrades: Vec<String>,
    /// The templates that the user has written instead of ours.
    pub own_templates: BTreeSet<String>,
}

/// Renders everything that `target` should have on a host that is made of `platform`.
///
/// # Errors
/// A template that fails, or a value that the language of its file cannot hold.
pub fn render(target: &Target, platform: &Platform, engine: &Engine) -> Result<Rendered, TemplateError> {
    let (init, features) = (platform.init, platform.features());
    let scope = Scope::new(target, init, &features, engine);
    let mut files = Vec::new();
    for app in &target.apps {
        let context = AppContext::new(app);
        files.extend(settings::file(app, &context, &scope)?);
        files.push(env::file(app, &context, &scope)?);
        files.extend(process::files(app, &context, init, &scope)?);
        files.extend(logrotate::file(app, &context, &scope)?);
        files.extend(reload::script(app, &context, &scope)?);
    }
    if init == Init::Systemd {
        files.extend(logrotate::sandbox_exception(target, &scope)?);
    }
    files.extend(shared::file(target, &scope).transpose()?);
    for site in &target.sites {
        files.push(nginx::site(site, target, &scope)?);
        files.extend(tls::files(site, &scope)?);
        files.extend(maintenance::page(site, &scope).transpose()?);
    }
    let mut links: Vec<Link> = target.sites.iter().map(|site| nginx::link(&site.name)).collect();
    if let Some((file, link)) = catch_all::server(target, &scope).transpose()? {
        files.push(file);
        links.push(link);
    }
    for extra in &target.files {
        files.push(extra::file(extra, target, &scope)?);
    }
    let downgrades = downgrades(&features, &files);
    let own_templates = engine.overridden().map(ToOwned::to_owned).collect();
    Ok(Rendered { files, directories: directories::of(target, init), links, downgrades, own_templates })
}

/// A template that does without a feature says so in a comment, so what the files say is what was left out.
fn downgrades(features: &Features, files: &[File]) -> Vec<String> {
    let said = |text: &&String| files.iter().any(|file| file.content.contains(text.as_str()));
    features.downgrades.values().filter(said).cloned().collect()
}
