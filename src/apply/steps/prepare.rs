//! What comes before the switch: everything is prepared beside what is live, and checked. Pure.

use super::Builder;
use crate::apply::touches::{acting, starting};
use crate::desired::DesiredApp;
use crate::model::Install;
use crate::model::layout::{self, in_nginx};
use crate::plan::Operation;
use crate::source::Pinned;

impl<'a> Builder<'a> {
    /// Everything that can be prepared beside what is live.
    pub(super) fn stage(&mut self) {
        let packages: Vec<_> = self
            .operations()
            .filter_map(
                |operation| if let Operation::InstallPackage(name) = operation { Some(name.as_str()) } else { None },
            )
            .collect();
        if !packages.is_empty() {
            let patience = self.options.package_lock.as_secs().to_string();
            let words: Vec<&str> = [patience.as_str()].into_iter().chain(packages.iter().copied()).collect();
            self.add(format!("install {}", packages.join(", ")), "install_packages", words);
        }
        for operation in self.operations() {
            match operation {
                Operation::CreateUser(user) => {
                    self.add(
                        format!("create user {}", user.name),
                        "create_user",
                        [user.name.as_str(), user.home.as_str()],
                    );
                }
                Operation::PutDirectory(directory) => {
                    let (mode, owner, group) = (directory.mode.to_string(), &directory.owner, &directory.group);
                    let words = [mode.as_str(), owner.as_str(), group.as_str(), directory.path.as_str()];
                    self.add(format!("put directory {}", directory.path), "put_directory", words);
                }
                _ => {}
            }
        }
        for file in self.files() {
            let number = self.payload().file(&file.content).to_string();
            let mode = file.mode.to_string();
            let words = [&number, &mode, file.owner.as_str(), file.group.as_str(), file.path.as_str()];
            self.add(format!("stage {}", file.path), "stage_file", words);
        }
        for app in &self.desired.apps {
            self.stage_release(app);
        }
    }

    fn stage_release(&mut self, desired: &DesiredApp) {
        let app = &desired.app;
        let (name, id) = (app.name.as_str(), desired.release.id.as_str());
        let new = self.adds_release(&app.name);
        let python = self.operations().any(|operation| *operation == Operation::InstallPython(app.name.clone()));
        if new {
            match &desired.release.source {
                Pinned::Folder(folder) => {
                    self.payload().archives.insert(name.to_owned(), folder.clone());
                    self.add(format!("unpack release {name} {id}"), "unpack_release", [name, id]);
                }
                Pinned::Commit { url, commit } => {
                    let title = format!("fetch release {name} {id} from {url}");
                    self.add(title, "fetch_release", [name, id, url, commit]);
                }
                // The plan refuses to add what nobody can deliver.
                Pinned::OnHost(_) => {}
            }
        }
        if let Some(mark) = &desired.release.python
            && (python || (new && app.python.install == Install::Venv))
        {
            let method = if app.python.install == Install::Venv { "venv" } else { "system" };
            let requirements = app.python.requirements.as_ref().map_or("", |path| path.as_str());
            let hashes = if app.python.require_hashes { "demanded" } else { "no" };
            let mut words = vec![method, name, id, mark.as_str(), requirements, hashes];
            words.extend(app.python.packages.iter().map(String::as_str));
            self.add(format!("install the Python dependencies of {name}"), "install_python", words);
        }
    }

    /// Everything that is checked on the host before anything live is touched.
    pub(super) fn check(&mut self) {
        let back = self.operations().filter_map(|operation| match operation {
            Operation::ActivateRelease(app, id) if !self.adds_release(app) => Some((app, id)),
            _ => None,
        });
        for (app, id) in back.collect::<Vec<_>>() {
            self.add(format!("look through release {app} {id}"), "check_release", [app.as_str(), id]);
        }
        let concerned: Vec<_> = self.desired.apps.iter().filter(|app| self.concerns(app)).collect();
        for desired in concerned {
            let app = &desired.app;
            let python = match app.python.install {
                Install::Venv => layout::virtual_python(&layout::release(&app.name, &desired.release.id)).to_string(),
                Install::System | Install::Apt => layout::PYTHON.to_owned(),
            };
            // What may take a while to become healthy may take as long to be imported.
            let check = self.desired.checks.iter().find(|check| check.app == app.name);
            let patience = check.map_or(0, |check| check.timeout.as_secs()).max(30).to_string();
            let words =
                [app.name.as_str(), app.user.as_str(), &desired.release.id, &python, app.wsgi.as_str(), &patience];
            self.add(format!("check that {} can be imported", app.name), "check_app", words);
        }
        // Folders below hold drop-ins, which are no units by themselves.
        let under = |folder: &str| -> Vec<&str> {
            let paths = self.files().map(|file| file.path.as_str());
            paths.filter(|path| layout::is_unit(path, folder)).collect()
        };
        let (mut units, jobs) = (under(layout::SYSTEMD), under(layout::UPSTART));
        // What starts again is checked with drop-ins of others, which could keep it down on the way back as well.
        let (starting, desired) = (starting(self.plan), &self.desired.files);
        let definitions = desired
            .iter()
            .map(|file| file.path.as_str())
            .filter(|path| layout::is_unit(path, layout::SYSTEMD))
            .filter(|path| path.rsplit('/').next().is_some_and(|name| starting.contains(name)));
        let more: Vec<_> = definitions.filter(|path| !units.contains(path)).collect();
        units.extend(more);
        if !units.is_empty() {
            self.add("check the systemd units", "check_units", units);
        }
        if !jobs.is_empty() {
            self.add("check the Upstart jobs", "check_jobs", jobs);
        }
        let tree = self.nginx_changes();
        // Nginx reads all that is there again, also what is not ours.
        let reads = acting(self.plan).iter().any(|name| layout::NGINX_SERVICES.contains(&name.as_str()));
        if !tree.is_empty() || reads {
            self.add("check the whole Nginx configuration", "check_nginx", tree);
        }
    }

    /// Does a change of the plan concern what `app` imports or is started with?
    fn concerns(&self, app: &DesiredApp) -> bool {
        let name = &app.app.name;
        let (settings, unit, job) = (layout::SETTINGS.of(name), layout::SERVICE.of(name), layout::JOB.of(name));
        self.operations().any(|operation| match operation {
            Operation::AddRelease(to, _) | Operation::ActivateRelease(to, _) | Operation::InstallPython(to) => {
                to == name
            }
            Operation::PutFile(file) => file.path.is_below(settings.as_str()) || file.path == unit || file.path == job,
            _ => false,
        })
    }

    /// A release command may change a database for good, so it runs after everything that can be checked without it.
    /// Only then is the release complete: a run cut before makes it anew.
    pub(super) fn complete_releases(&mut self) {
        let new: Vec<_> = self.desired.apps.iter().filter(|app| self.adds_release(&app.app.name)).collect();
        for desired in new {
            let app = &desired.app;
            let (name, id) = (app.name.as_str(), desired.release.id.as_str());
            if let Some(command) = &app.release_command {
                let number = self.payload().file(command).to_string();
                let limit = app.release_timeout.as_secs().to_string();
                let words = [name, app.user.as_str(), id, &number, &limit];
                self.add(format!("run the release command of {name}"), "run_release_command", words);
            }
            self.add(format!("complete release {name} {id}"), "complete_release", [name, id]);
        }
    }

    fn nginx_changes(&self) -> Vec<String> {
        let mut words = vec![];
        for operation in self.operations() {
            match operation {
                Operation::PutFile(file) if in_nginx(file.path.as_str()) => {
                    words.extend(["file".to_owned(), file.path.to_string()]);
                }
                Operation::PutLink(link) if in_nginx(link.path.as_str()) => {
                    words.extend(["link".to_owned(), link.path.to_string(), link.to.to_string()]);
                }
                Operation::RemoveFile(path) if in_nginx(path) => words.extend(["gone".to_owned(), path.clone()]),
                Operation::DisableWelcome => {
                    words.extend(["gone", layout::WELCOME].map(ToOwned::to_owned));
                }
                Operation::RestoreWelcome => {
                    words.extend(["link", layout::WELCOME, layout::WELCOME_SITE].map(ToOwned::to_owned));
                }
                _ => {}
            }
        }
        words
    }
}
