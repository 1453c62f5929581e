//! Services, and what each reads when it starts and when it reloads. A reload follows from the difference between
//! that and what the running process loaded, never from "this run changed a file".

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::DesiredApp;
use crate::digest::{Digest, Hasher};
use crate::model::{AppName, Bind, File, Init, Install, Link, Notify, RemotePath, Target};

/// One service of a host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Unit or job name; also the name of the note on what it loaded.
    #[serde(deserialize_with = "crate::outside::deserialize_phrase")]
    pub name: String,
    /// What it is.
    pub kind: ServiceKind,
    /// Digest of what only a restart reads.
    pub restart: Digest,
    /// The paths behind `restart`.
    pub restart_paths: BTreeSet<RemotePath>,
    /// Digest of what a reload reads.
    pub reload: Digest,
    /// The paths behind `reload`.
    pub reload_paths: BTreeSet<RemotePath>,
}

/// What a service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// A gunicorn: `APP.service`, or the Upstart job `APP`.
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
pub fn services(target: &Target, apps: &[DesiredApp], files: &[File], links: &[Link], init: Init) -> Vec<Service> {
    let inputs = Inputs { target, files, links };
    let mut services = vec![];
    for desired in apps {
        let app = &desired.app;
        let name = &app.name;
        let settings = format!("/etc/provision/{name}/gunicorn.conf.py");
        let env = format!("/etc/provision/{name}/env");
        let definition = match init {
            Init::Systemd => format!("/etc/systemd/system/{name}.service"),
            Init::Upstart => format!("/etc/init/{name}.conf"),
        };
        let current = super::current_link(name);
        let mut restart = Reads::default();
        let mut reload = Reads::default();
        restart.files(&inputs, |file| file.path.as_str() == definition || file.path.as_str() == env);
        if let Some(mark) = &desired.release.python {
            restart.hasher.field(mark.as_str());
        }
        if app.python.install == Install::Venv {
            // The interpreter's prefix is fixed when the master starts: a reload would keep the old environment.
            restart.hasher.field(&desired.release.id);
            restart.paths.insert(current.clone());
        }
        if init == Init::Upstart {
            // Without a socket unit gunicorn binds by itself, and binds anew only when it starts.
            restart.hasher.field(app.bind.to_string());
        }
        reload.hasher.field(&desired.release.id);
        reload.paths.insert(current);
        let notified = inputs.notified(&Notify::App(name.clone()));
        reload.files(&inputs, |file| file.path.as_str() == settings || notified.contains(&file.path));
        if init == Init::Systemd {
            let mut listener = Reads::default();
            let socket = format!("/etc/systemd/system/{name}.socket");
            listener.files(&inputs, |file| file.path.as_str() == socket);
            let kind = ServiceKind::Listener { app: name.clone(), bind: app.bind.clone() };
            services.push(service(format!("{name}.socket"), kind, listener, Reads::default()));
        }
        let unit = match init {
            Init::Systemd => format!("{name}.service"),
            Init::Upstart => name.to_string(),
        };
        services.push(service(unit, ServiceKind::App(name.clone()), restart, reload));
    }
    if !target.sites.is_empty() {
        let mut reload = Reads::default();
        let notified = inputs.notified(&Notify::Nginx);
        reload.files(&inputs, |file| in_nginx(file.path.as_str()) || notified.contains(&file.path));
        reload.links(&inputs);
        let name = if init == Init::Systemd { "nginx.service" } else { "nginx" };
        services.push(service(name.to_owned(), ServiceKind::Nginx, Reads::default(), reload));
    }
    for unit in inputs.other_units() {
        let mut reload = Reads::default();
        let notified = inputs.notified(&Notify::Unit(unit.clone()));
        reload.files(&inputs, |file| notified.contains(&file.path));
        let name = if init == Init::Systemd && !unit.contains('.') { format!("{unit}.service") } else { unit };
        services.push(service(name, ServiceKind::Other, Reads::default(), reload));
    }
    services
}

/// Does that path define a unit or a job?
#[must_use]
pub fn is_definition(path: &str) -> bool {
    path.starts_with("/etc/systemd/system/") || path.starts_with("/etc/init/")
}

/// The lines of a file that mean something to the service that starts with it: a comment is no reason for a restart.
/// Of a file whose comments cannot be told from values, every line.
#[must_use]
pub fn meaning<'a>(path: &str, content: &'a str) -> Vec<&'a str> {
    let environment = path.starts_with("/etc/provision/") && path.ends_with("/env") && has_plain_values(content);
    if !environment && !is_definition(path) {
        return content.lines().collect();
    }
    let meant = |line: &&str| !line.is_empty() && !line.starts_with(['#', ';']);
    content.lines().map(str::trim).filter(meant).collect()
}

/// Does every value of an environment end on the line where it begins? A longer one may have lines that look like comments.
fn has_plain_values(environment: &str) -> bool {
    let plain = |line: &str| line.ends_with('"') && !line.ends_with("\\\"") && line.contains("=\"");
    environment.lines().all(|line| line.is_empty() || line.starts_with('#') || plain(line))
}

/// Is that path part of Nginx's configuration?
#[must_use]
pub fn in_nginx(path: &str) -> bool {
    path.starts_with("/etc/nginx/")
}

fn service(name: String, kind: ServiceKind, restart: Reads, reload: Reads) -> Service {
    Service {
        name,
        kind,
        restart: restart.hasher.finish(),
        restart_paths: restart.paths,
        reload: reload.hasher.finish(),
        reload_paths: reload.paths,
    }
}

struct Inputs<'a> {
    target: &'a Target,
    files: &'a [File],
    links: &'a [Link],
}

impl Inputs<'_> {
    fn notified(&self, by: &Notify) -> BTreeSet<RemotePath> {
        let files = self.target.files.iter().filter(|file| file.notify.contains(by));
        files.map(|file| file.destination.clone()).collect()
    }

    fn other_units(&self) -> BTreeSet<String> {
        let notify = self.target.files.iter().flat_map(|file| &file.notify);
        notify.filter_map(|notify| if let Notify::Unit(unit) = notify { Some(unit.clone()) } else { None }).collect()
    }
}

/// What one start or reload reads, as it is collected.
#[derive(Default)]
struct Reads {
    hasher: Hasher,
    paths: BTreeSet<RemotePath>,
}

impl Reads {
    fn files(&mut self, inputs: &Inputs, wanted: impl Fn(&File) -> bool) {
        for file in inputs.files.iter().filter(|file| wanted(file)) {
            self.hasher.field(file.path.as_str()).field(meaning(file.path.as_str(), &file.content).join("\n"));
            self.paths.insert(file.path.clone());
        }
    }

    fn links(&mut self, inputs: &Inputs) {
        for link in inputs.links.iter().filter(|link| in_nginx(link.path.as_str())) {
            self.hasher.field(link.path.as_str()).field(link.to.as_str());
            self.paths.insert(link.path.clone());
        }
    }
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
