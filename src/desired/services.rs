//! Services, and what each reads when it starts and when it reloads. A reload follows from the difference between
//! that and what the running process loaded, never from "this run changed a file".

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::DesiredApp;
use crate::digest::{Digest, Hasher};
use crate::model::layout::{self, in_nginx, is_definition};
use crate::model::{AppName, Bind, File, Init, Install, Link, Notify, RemotePath, Target};

/// One service of a host.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Unit or job name; also the name of the note on what it loaded.
    pub name: String,
    /// What it is.
    pub kind: ServiceKind,
    /// Digest of what only a restart reads.
    pub restart: Digest,
    /// The paths behind `restart`.
    pub restart_paths: BTreeSet<RemotePath>,
    /// Digest of what a reload reads.
    pub reload: Digest,
    /// The paths behind `reload`; none where it never reloads.
    pub reload_paths: BTreeSet<RemotePath>,
}

/// What a service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// An app's runtime: `APP.service`, or the Upstart job `APP`.
    App(AppName),
    /// The socket unit that owns an app's listener.
    Listener {
        /// The app.
        app: AppName,
        /// Where it listens.
        bind: Bind,
    },
    /// Nginx.
    Nginx,
    /// Another unit of the host that must notice a changed extra file.
    Other,
}

/// The services of `target`, listeners before their apps, Nginx last.
pub fn services(target: &Target, inputs: &Inputs<'_>) -> Vec<Service> {
    let init = inputs.init;
    let mut services = vec![];
    for desired in inputs.apps {
        let app = &desired.app;
        let name = &app.name;
        let (settings, environment) = (layout::settings(name, app.runtime), layout::ENVIRONMENT.of(name));
        let definition = match init {
            Init::Systemd => layout::SERVICE.of(name),
            Init::Upstart => layout::JOB.of(name),
        };
        let current = layout::CURRENT.of(name);
        let mut restart = inputs.files(|file| file.path == definition || file.path == environment);
        if app.python.install == Install::Venv {
            restart.insert(current.clone());
        }
        let notified = notified(target, &Notify::App(name.clone()));
        let mut reload = inputs.files(|file| Some(&file.path) == settings.as_ref() || notified.contains(&file.path));
        reload.insert(current);
        if app.runtime.reload.is_none() {
            restart.append(&mut reload);
        }
        if init == Init::Systemd && app.runtime.inherits_listener {
            let socket = layout::SOCKET.of(name);
            let listener = inputs.files(|file| file.path == socket);
            let kind = ServiceKind::Listener { app: name.clone(), bind: app.bind.clone() };
            services.push(Service::of(layout::listener(name), kind, listener, BTreeSet::new(), inputs));
        }
        let process = layout::process(name, init);
        services.push(Service::of(process, ServiceKind::App(name.clone()), restart, reload, inputs));
    }
    if !target.sites.is_empty() {
        let notified = notified(target, &Notify::Nginx);
        let mut reload = inputs.files(|file| in_nginx(file.path.as_str()) || notified.contains(&file.path));
        let links = inputs.links.iter().filter(|link| in_nginx(link.path.as_str()));
        reload.extend(links.map(|link| link.path.clone()));
        let name = layout::nginx(init).to_owned();
        services.push(Service::of(name, ServiceKind::Nginx, BTreeSet::new(), reload, inputs));
    }
    for unit in other_units(target) {
        let notified = notified(target, &Notify::Unit(unit.clone()));
        let reload = inputs.files(|file| notified.contains(&file.path));
        services.push(Service::of(layout::unit(&unit, init), ServiceKind::Other, BTreeSet::new(), reload, inputs));
    }
    services
}

impl Service {
    /// The service that reads those paths, with the digests of what they hold.
    #[must_use]
    pub fn of(
        name: String,
        kind: ServiceKind,
        restart_paths: BTreeSet<RemotePath>,
        reload_paths: BTreeSet<RemotePath>,
        inputs: &Inputs<'_>,
    ) -> Self {
        let (mut restart, mut reload) = (Hasher::default(), Hasher::default());
        inputs.hash_files(&restart_paths, &mut restart);
        let app = match &kind {
            ServiceKind::App(name) => inputs.apps.iter().find(|desired| desired.app.name == *name),
            ServiceKind::Listener { .. } | ServiceKind::Nginx | ServiceKind::Other => None,
        };
        if let Some(DesiredApp { app, release }) = app {
            if let Some(mark) = &release.python {
                restart.field(mark.as_str());
            }
            if app.runtime.reload.is_none() || app.python.install == Install::Venv {
                // The interpreter's prefix is fixed when the master starts: a reload would keep the old environment.
                restart.field(&release.id);
            }
            if inputs.init == Init::Upstart || !app.runtime.inherits_listener {
                // Without a socket unit the app binds by itself, and binds anew only when it starts.
                restart.field(app.bind.to_string());
            }
            if app.runtime.reload.is_some() {
                reload.field(&release.id);
            }
        }
        inputs.hash_files(&reload_paths, &mut reload);
        for link in inputs.links.iter().filter(|link| reload_paths.contains(&link.path)) {
            reload.field(link.path.as_str()).field(link.to.as_str());
        }
        Self { name, kind, restart: restart.finish(), restart_paths, reload: reload.finish(), reload_paths }
    }
}

/// The lines of a file that mean something to the service that starts with it: a comment is no reason for a restart.
/// Of a file whose comments cannot be told from values, every line.
#[must_use]
pub fn meaning<'a>(path: &str, content: &'a str) -> Vec<&'a str> {
    let environment = layout::ENVIRONMENT.name_in(path).is_some() && has_plain_values(content);
    if !environment && !is_definition(path) {
        return content.lines().collect();
    }
    let meant = |line: &&str| !line.is_empty() && !line.starts_with(['#', ';']);
    content.lines().map(str::trim).filter(meant).collect()
}

/// Does every value of an environment end on the line where it begins? A longer one may have lines that look like
/// comments.
fn has_plain_values(environment: &str) -> bool {
    let plain = |line: &str| line.ends_with('"') && !line.ends_with("\\\"") && line.contains("=\"");
    environment.lines().all(|line| line.is_empty() || line.starts_with('#') || plain(line))
}

/// What services read.
#[derive(Clone, Copy)]
pub struct Inputs<'a, F = File> {
    /// The init that starts them.
    pub init: Init,
    /// Apps with their releases.
    pub apps: &'a [DesiredApp],
    /// Regular files.
    pub files: &'a [F],
    /// Links other than an app's `current`.
    pub links: &'a [Link],
}

impl Inputs<'_> {
    fn files(&self, wanted: impl Fn(&File) -> bool) -> BTreeSet<RemotePath> {
        self.files.iter().filter(|file| wanted(file)).map(|file| file.path.clone()).collect()
    }

    fn hash_files(&self, paths: &BTreeSet<RemotePath>, hasher: &mut Hasher) {
        for file in self.files.iter().filter(|file| paths.contains(&file.path)) {
            hasher.field(file.path.as_str()).field(meaning(file.path.as_str(), &file.content).join("\n"));
        }
    }
}

fn notified(target: &Target, by: &Notify) -> BTreeSet<RemotePath> {
    let files = target.files.iter().filter(|file| file.notify.contains(by));
    files.map(|file| file.destination.clone()).collect()
}

fn other_units(target: &Target) -> BTreeSet<String> {
    let notify = target.files.iter().flat_map(|file| &file.notify);
    notify.filter_map(|notify| if let Notify::Unit(unit) = notify { Some(unit.clone()) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_same(path: &str, before: &str, after: &str, same: bool) {
        assert_eq!(meaning(path, before) == meaning(path, after), same, "{before:?} and {after:?} in {path}");
    }

    #[test]
    fn comments_of_units_and_environments_mean_nothing() {
        check_same("/etc/systemd/system/web.service", "# a\n[Unit]\n", "; b\n\n[Unit]\n", true);
        check_same("/etc/systemd/system/web.service", "[Unit]\nAfter=a\n", "[Unit]\nAfter=b\n", false);
        check_same("/etc/provision/web/env", "# a\nA=\"1\"\n", "# b\nA=\"1\"\n", true);
        check_same("/etc/provision/web/env", "A=\"1\"\n", "A=\"2\"\n", false);
    }

    #[test]
    fn a_value_of_several_lines_may_have_one_that_looks_like_a_comment() {
        check_same("/etc/provision/web/env", "KEY=\"a\n# b\n\"\n", "KEY=\"a\n# c\n\"\n", false);
        check_same("/etc/provision/web/env", "KEY=\"a\\\"\n# b\n\"\n", "KEY=\"a\\\"\n# c\n\"\n", false);
    }

    #[test]
    fn elsewhere_every_line_counts() {
        check_same("/etc/nginx/sites-available/web", "# a\n", "# b\n", false);
    }
}
