//! Everything that is checked on the host before anything live is touched, the release command last. Pure.

use std::time::Duration;

use super::Builder;
use crate::apply::argument::{NginxChange, Proof};
use crate::apply::call::Call;
use crate::apply::touches::{acting, starting};
use crate::desired::{DesiredApp, HostedApp};
use crate::model::layout::{self, in_nginx};
use crate::model::{Install, RemotePath};
use crate::plan::{Logs, Operation};

impl<'a> Builder<'a> {
    pub(super) fn check(&mut self) {
        self.check_releases();
        self.check_logs();
        let concerned: Vec<_> = self.desired.apps.iter().filter(|app| self.concerns(app)).collect();
        for app in concerned {
            self.check_app(app);
        }
        self.check_definitions();
        let changes = self.nginx_changes();
        // Nginx reads all that is there again, also what is not ours.
        let reads = acting(self.plan).iter().any(|name| layout::NGINX_SERVICES.contains(&name.as_str()));
        if !changes.is_empty() || reads {
            self.add("check the whole Nginx configuration", self.check_nginx(changes));
        }
    }

    fn check_nginx(&self, changes: Vec<NginxChange>) -> Call {
        let apps = || self.desired.apps.iter().map(|desired| &desired.app);
        let threads = |app: &HostedApp| usize::from(app.threads);
        Call::CheckNginx {
            requests: apps().filter_map(|app| Some(usize::from(app.workers?) * threads(app))).sum(),
            threads: apps().filter(|app| app.workers.is_none()).map(threads).sum(),
            changes,
        }
    }

    /// Releases that are on the host already, and go live again.
    fn check_releases(&mut self) {
        let back = self.operations().filter_map(|operation| {
            if let Operation::ActivateRelease(app, id) = operation
                && !self.adds_release(app)
            {
                Some((app, id))
            } else {
                None
            }
        });
        for (app, id) in back.collect::<Vec<_>>() {
            let call = Call::CheckRelease { app: app.clone(), id: id.clone() };
            self.add(format!("look through release {app} {id}"), call);
        }
    }

    fn check_logs(&mut self) {
        for operation in self.operations() {
            if let Operation::GiveLogs(logs) = operation {
                let Logs { app, from, to, paths } = logs.clone();
                self.add(format!("look at the log files of {app}"), Call::CheckLogs { from, to, paths });
            }
        }
    }

    /// The log files and folders of logs that are an app's from the switch on.
    fn coming(&self, app: &HostedApp) -> Vec<RemotePath> {
        let folders: Vec<RemotePath> = app.logs.iter().flat_map(layout::log_folders).collect();
        let mut paths = vec![];
        for operation in self.operations() {
            match operation {
                Operation::GiveLogs(logs) if logs.app == app.name => paths.extend(logs.paths.iter().cloned()),
                Operation::MendDirectory(directory) if folders.contains(&directory.path) => {
                    paths.push(directory.path.clone());
                }
                _ => {}
            }
        }
        paths
    }

    fn check_app(&mut self, desired: &DesiredApp) {
        let (app, id) = (&desired.app, &desired.release.id);
        let settings = layout::settings(&app.name, app.runtime);
        let call = Call::CheckApp {
            app: app.name.clone(),
            user: app.user.clone(),
            id: id.clone(),
            python: python(app, id),
            settings: settings.map_or_else(String::new, |path| path.to_string()),
            wsgi: app.wsgi.to_string(),
            patience: self.patience(app),
            number: self.payload().file(app.runtime.import_check),
            coming: self.coming(app),
        };
        self.add(format!("check that {} can be imported", app.name), call);
    }

    fn check_definitions(&mut self) {
        // Folders below hold drop-ins, which are no units by themselves.
        let under = |folder: &str| -> Vec<String> {
            let paths = self.files().map(|file| file.path.as_str());
            let directly = paths.filter(|path| layout::is_unit(path, folder));
            directly.map(ToOwned::to_owned).collect()
        };
        let (mut units, jobs) = (under(layout::SYSTEMD), under(layout::UPSTART));
        // What starts again is checked with drop-ins of others, which could keep it down on the way back as well.
        let starting = starting(self.plan);
        for file in &self.desired.files {
            let path = file.path.as_str();
            let name = path.rsplit('/').next().unwrap_or_default();
            if layout::is_unit(path, layout::SYSTEMD) && starting.contains(name) && !units.iter().any(|at| at == path) {
                units.push(path.to_owned());
            }
        }
        if !units.is_empty() {
            self.add("check the systemd units", Call::CheckUnits { paths: units });
        }
        if !jobs.is_empty() {
            self.add("check the Upstart jobs", Call::CheckJobs { paths: jobs });
        }
    }

    /// Does a change of the plan concern what `app` imports or is started with?
    fn concerns(&self, app: &DesiredApp) -> bool {
        let name = &app.app.name;
        let settings = layout::SETTINGS.of(name);
        let definition = layout::definition(&name.into(), self.desired.init);
        self.operations().any(|operation| match operation {
            Operation::AddRelease(to, _) | Operation::ActivateRelease(to, _) | Operation::InstallPython(to) => {
                to == name
            }
            Operation::PutFile(file) => file.path.is_below(settings.as_str()) || file.path == definition,
            Operation::InstallPackage(_)
            | Operation::CreateUser(_)
            | Operation::PutDirectory(_)
            | Operation::MendDirectory(_)
            | Operation::GiveLogs(_)
            | Operation::PutLink(_)
            | Operation::DisableWelcome
            | Operation::RestoreWelcome
            | Operation::Start(_)
            | Operation::Restart(..)
            | Operation::Reload(_)
            | Operation::MoveListener(..)
            | Operation::RemoveApp(..)
            | Operation::PurgeApp(_)
            | Operation::RemoveFile(_)
            | Operation::RemoveDirectory(_)
            | Operation::RemoveUser(_)
            | Operation::Record => false,
        })
    }

    /// How Nginx's tree will differ.
    fn nginx_changes(&self) -> Vec<NginxChange> {
        self.operations().filter_map(nginx_change).collect()
    }

    /// A release command may change a database for good, so it runs after everything that can be checked without it.
    /// Only then is the release complete: a run cut before makes it anew.
    pub(super) fn complete_releases(&mut self) {
        let new: Vec<_> = self.desired.apps.iter().filter(|app| self.adds_release(&app.app.name)).collect();
        for DesiredApp { app, release } in new {
            let (name, id) = (app.name.clone(), release.id.clone());
            if let Some(command) = &app.release_command {
                let number = self.payload().file(command);
                let (user, limit) = (app.user.clone(), app.release_timeout);
                let call = Call::RunReleaseCommand { app: name.clone(), user, id: id.clone(), number, limit };
                self.add(format!("run the release command of {name}"), call);
            }
            self.add(format!("complete release {name} {id}"), Call::CompleteRelease { app: name, id });
        }
    }

    /// Last of all that can be told before anybody notices: does what is new answer as it should?
    pub(super) fn prove(&mut self) {
        let concerned: Vec<_> = self.changing().collect();
        let proofs: Vec<Proof> = concerned.into_iter().filter_map(|app| self.proof(app)).collect();
        if !proofs.is_empty() {
            self.rehearse(&proofs);
            let apps: Vec<&str> = proofs.iter().map(|proof| proof.app.as_str()).collect();
            self.add(format!("start and ask what is new of {}", apps.join(", ")), Call::ProveApps { proofs });
        }
    }

    /// What clients have asked of them lately goes along.
    fn rehearse(&mut self, proofs: &[Proof]) {
        if self.options.rehearse {
            let rehearsals = self.desired.rehearsals.iter();
            let own = rehearsals.filter(|rehearsal| proofs.iter().any(|proof| proof.app == rehearsal.app));
            self.payload().rehearsals = own.cloned().collect();
        }
    }

    /// The apps whose process takes up something new.
    pub(super) fn changing(&self) -> impl Iterator<Item = &'a DesiredApp> {
        let starting = starting(self.plan);
        let starts = move |app: &DesiredApp| starting.contains(&layout::process(&app.app.name, self.desired.init));
        self.desired.apps.iter().filter(move |app| self.concerns(app) || starts(app))
    }

    fn proof(&mut self, DesiredApp { app, release }: &DesiredApp) -> Option<Proof> {
        let start = app.proof()?;
        let settings = layout::settings(&app.name, app.runtime);
        Some(Proof {
            app: app.name.clone(),
            user: app.user.clone(),
            id: release.id.clone(),
            python: python(app, &release.id),
            settings: settings.map_or_else(String::new, |path| path.to_string()),
            wsgi: app.wsgi.to_string(),
            patience: self.patience(app),
            number: self.payload().file(start),
        })
    }

    /// What may take a while to become healthy may take as long to be imported.
    fn patience(&self, app: &HostedApp) -> Duration {
        let check = self.desired.checks.iter().find(|check| check.app == app.name);
        check.map_or(super::IMPORT, |check| check.timeout.max(super::IMPORT))
    }
}

/// The Python that runs the app's new release.
fn python(app: &HostedApp, id: &str) -> String {
    match app.python.install {
        Install::Venv => layout::virtual_python(&layout::release(&app.name, id)).to_string(),
        Install::System | Install::Apt => layout::PYTHON.to_owned(),
    }
}

/// What an operation changes in Nginx's tree.
fn nginx_change(operation: &Operation) -> Option<NginxChange> {
    let (enabled, available) = (layout::WELCOME, layout::WELCOME_SITE);
    match operation {
        Operation::PutFile(file) if in_nginx(file.path.as_str()) => Some(NginxChange::File(file.path.clone())),
        Operation::PutLink(link) if in_nginx(link.path.as_str()) => {
            Some(NginxChange::Link { path: link.path.to_string(), to: link.to.to_string() })
        }
        Operation::RemoveFile(path) if in_nginx(path) => Some(NginxChange::Gone(path.clone())),
        Operation::DisableWelcome => Some(NginxChange::Gone(enabled.to_owned())),
        Operation::RestoreWelcome => Some(NginxChange::Link { path: enabled.to_owned(), to: available.to_owned() }),
        Operation::PutFile(_) | Operation::PutLink(_) | Operation::RemoveFile(_) => None,
        // Folders come with what lies in them.
        Operation::PutDirectory(_) | Operation::MendDirectory(_) | Operation::RemoveDirectory(_) => None,
        Operation::InstallPackage(_)
        | Operation::GiveLogs(_)
        | Operation::CreateUser(_)
        | Operation::AddRelease(..)
        | Operation::ActivateRelease(..)
        | Operation::InstallPython(_)
        | Operation::Start(_)
        | Operation::Restart(..)
        | Operation::Reload(_)
        | Operation::MoveListener(..)
        | Operation::RemoveApp(..)
        | Operation::PurgeApp(_)
        | Operation::RemoveUser(_)
        | Operation::Record => None,
    }
}
