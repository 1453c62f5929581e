//! Services, and what each reads when it starts and when it reloads. A reload follows from the difference between
//! that and what the running process loaded, never from "this run changed a file".

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::DesiredApp;
use crate::digest::{Digest, Hasher};
use crate::encode::env_file;
use crate::model::layout::{self, in_nginx, is_definition};
use crate::model::process::{Process, Start};
use crate::model::{App, AppName, Bind, File, Init, Install, Link, Notify, RemotePath, Target};
use crate::runtime::Runtime;

/// One service of a host.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Unit or job name; also the name of the note on what it loaded.
    pub name: String,
    /// What it is.
    pub kind: ServiceKind,
    /// Digest of what only a restart reads.
    pub restart: Digest,
    /// The paths behind `restart`. Of one that a reload reads as well, only what a reload cannot take up.
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
    /// A process of an app, such as its runtime: `APP.service`, or the Upstart job `APP`. Stored by the name that it
    /// had first.
    #[serde(rename = "app")]
    Process(AppName),
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
/// `own` are the templates that the user has written instead of ours.
pub fn services(target: &Target, own: &BTreeSet<String>, inputs: &Inputs<'_>) -> Vec<Service> {
    let init = inputs.init;
    let mut services = vec![];
    for app in &target.apps {
        for process in Process::all_of(app) {
            match process.start {
                Start::Boot => services.extend(running(app, &process, target, own, inputs)),
                // It is nothing that runs: who starts it says when.
                Start::Request => {}
            }
        }
    }
    if !target.sites.is_empty() {
        let notified = notified(target, &Notify::Nginx);
        let mut reload = inputs.files(|file| in_nginx(file.path.as_str()) || notified.contains(&file.path));
        let links = inputs.links.iter().filter(|link| in_nginx(link.path.as_str()));
        reload.extend(links.map(|link| link.path.clone()));
        // Not ours, and read with ours: one that lost its includes must not stay unseen until the next reload.
        reload.insert(layout::NGINX_MAIN.parse().expect("a valid path"));
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

/// What runs a process from boot on, behind what holds its listener.
fn running(app: &App, process: &Process, target: &Target, own: &BTreeSet<String>, inputs: &Inputs<'_>) -> Vec<Service> {
    let (init, name) = (inputs.init, &app.name);
    let (settings, current) = (layout::settings(name, app.runtime), layout::CURRENT.of(name));
    let definition = layout::definition(&process.name, init);
    let mut restart = inputs.files(|file| file.path == definition || file.path == process.environment);
    if app.python.install == Install::Venv {
        restart.insert(current.clone());
    }
    let notified = notified(target, &Notify::App(name.clone()));
    let mut reload = inputs.files(|file| Some(&file.path) == settings.as_ref() || notified.contains(&file.path));
    reload.insert(current);
    // Settings of the user's need not have what takes up the environment in ours.
    let is_ours = app.runtime.settings.is_some_and(|template| !own.contains(template.name));
    if app.runtime.start_variables.is_some() && is_ours {
        reload.insert(process.environment.clone());
    }
    if process.reload.is_none() {
        restart.append(&mut reload);
    }
    let mut services = vec![];
    if let Some(bind) = process.listener.as_ref().filter(|_| init == Init::Systemd) {
        let socket = layout::SOCKET.of(&process.name);
        let unit = socket.file_name().to_owned();
        let listener = inputs.files(|file| file.path == socket);
        let kind = ServiceKind::Listener { app: name.clone(), bind: bind.clone() };
        services.push(Service::of(unit, kind, listener, BTreeSet::new(), inputs));
    }
    let unit = layout::service(&process.name, init);
    services.push(Service::of(unit, ServiceKind::Process(name.clone()), restart, reload, inputs));
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
        let app = match &kind {
            ServiceKind::Process(name) => inputs.apps.iter().find(|desired| desired.app.name == *name),
            ServiceKind::Listener { .. } | ServiceKind::Nginx | ServiceKind::Other => None,
        };
        let runtime = app.map(|desired| desired.app.runtime);
        inputs.hash_files(&restart_paths, &mut restart, |path, content| match runtime {
            Some(runtime) if reload_paths.contains(path) => meaning_at_start(path.as_str(), content, runtime),
            _ => meaning(path.as_str(), content),
        });
        let code = app.map(|desired| layout::CURRENT.of(&desired.app.name));
        let reads = |paths: &BTreeSet<RemotePath>| code.as_ref().is_some_and(|code| paths.contains(code));
        if let Some(DesiredApp { app, release }) = app.filter(|_| reads(&restart_paths) || reads(&reload_paths)) {
            if let Some(mark) = &release.python {
                restart.field(mark.as_str());
            }
            if reads(&restart_paths) {
                // The interpreter's prefix is fixed when the master starts: a reload would keep the old environment.
                restart.field(&release.id);
            }
            if inputs.init == Init::Upstart || !app.runtime.inherits_listener {
                // Without a socket unit the app binds by itself, and binds anew only when it starts.
                restart.field(app.bind.to_string());
            }
            if reads(&reload_paths) {
                reload.field(&release.id);
            }
        }
        inputs.hash_files(&reload_paths, &mut reload, |path, content| meaning(path.as_str(), content));
        for link in inputs.links.iter().filter(|link| reload_paths.contains(&link.path)) {
            reload.field(link.path.as_str()).field(link.to.as_str());
        }
        Self { name, kind, restart: restart.finish(), restart_paths, reload: reload.finish(), reload_paths }
    }

    /// Does it run the code of that app, so that what the app requires is its business too?
    #[must_use]
    pub fn runs_code_of(&self, app: &AppName) -> bool {
        let code = layout::CURRENT.of(app);
        let is_of = matches!(&self.kind, ServiceKind::Process(of) if of == app);
        is_of && (self.restart_paths.contains(&code) || self.reload_paths.contains(&code))
    }
}

/// The lines of a file that mean something to the service that starts with it: a comment is no reason for a restart.
/// Of a file whose comments cannot be told from values, every line.
#[must_use]
pub fn meaning<'a>(path: &str, content: &'a str) -> Vec<&'a str> {
    if let Some(variables) = variables(path, content) {
        return variables.into_iter().map(|(_, line)| line).collect();
    }
    if !is_definition(path) {
        return content.lines().collect();
    }
    let meant = |line: &&str| !line.is_empty() && !line.starts_with(['#', ';']);
    content.lines().map(str::trim).filter(meant).collect()
}

/// Of a file that a reload reads as well, what only a start takes up.
#[must_use]
pub fn meaning_at_start<'a>(path: &str, content: &'a str, runtime: &Runtime) -> Vec<&'a str> {
    match runtime.start_variables.zip(variables(path, content)) {
        Some((only_a_start, variables)) => {
            variables.into_iter().filter(|(name, _)| only_a_start(name)).map(|(_, line)| line).collect()
        }
        None => meaning(path, content),
    }
}

/// The variables of an environment, each with its whole text.
fn variables<'a>(path: &str, content: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    layout::ENVIRONMENT.name_in(path)?;
    env_file::variables(content)
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

    fn hash_files<'f>(
        &'f self,
        paths: &BTreeSet<RemotePath>,
        hasher: &mut Hasher,
        meaning: impl Fn(&RemotePath, &'f str) -> Vec<&'f str>,
    ) {
        for file in self.files.iter().filter(|file| paths.contains(&file.path)) {
            hasher.field(file.path.as_str()).field(meaning(&file.path, &file.content).join("\n"));
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
    use crate::runtime;

    #[track_caller]
    fn check_same(path: &str, before: &str, after: &str, same: bool) {
        assert_eq!(meaning(path, before) == meaning(path, after), same, "{before:?} and {after:?} in {path}");
    }

    /// Hosts keep it, and older versions wrote it.
    #[test]
    fn a_process_is_stored_by_the_name_that_it_had_first() {
        let kind = ServiceKind::Process("web".parse().unwrap());
        assert_eq!(serde_json::to_value(kind).unwrap(), serde_json::json!({ "app": "web" }));
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
        check_same("/etc/provision/web/env", "# a\nKEY=\"a\n# b\"\n", "# c\nKEY=\"a\n# b\"\n", true);
        check_same("/etc/provision/web/env", "KEY=\"a\\\"\n# b\n\"\n", "KEY=\"a\\\"\n# c\n\"\n", false);
    }

    #[test]
    fn a_start_alone_takes_up_what_python_reads_then() {
        let at_start = |content| meaning_at_start("/etc/provision/web/env", content, runtime::USUAL);
        assert_eq!(at_start("# a\nKEY=\"1\"\nPYTHONPATH=\"/a\"\n"), ["PYTHONPATH=\"/a\""]);
        assert_eq!(at_start("KEY=1 # what a user wrote\n"), ["KEY=1 # what a user wrote"]);
    }

    #[test]
    fn elsewhere_every_line_counts() {
        check_same("/etc/nginx/sites-available/web", "# a\n", "# b\n", false);
    }
}
