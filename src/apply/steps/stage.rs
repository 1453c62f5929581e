//! Everything that can be prepared beside what is live. Pure.

use super::Builder;
use crate::apply::argument::{Hashes, Method};
use crate::apply::call::Call;
use crate::desired::DesiredApp;
use crate::model::{Install, Python};
use crate::plan::Operation;
use crate::source::Pinned;

impl Builder<'_> {
    /// Packages first, for they may bring users and folders.
    pub(super) fn stage(&mut self) {
        self.stage_packages();
        for operation in self.operations() {
            self.stage_operation(operation);
        }
        for file in self.files() {
            let number = self.payload().file(&file.content);
            let (owner, group) = (file.owner.clone(), file.group.clone());
            let call = Call::StageFile { number, mode: file.mode, owner, group, path: file.path.clone() };
            self.add(format!("stage {}", file.path), call);
        }
        for app in &self.desired.apps {
            self.stage_release(app);
            self.stage_python(app);
        }
    }

    fn stage_packages(&mut self) {
        let package = |operation: &Operation| {
            if let Operation::InstallPackage(name) = operation { Some(name.clone()) } else { None }
        };
        let packages: Vec<_> = self.operations().filter_map(package).collect();
        if !packages.is_empty() {
            let names: Vec<&str> = packages.iter().map(|name| name.as_str()).collect();
            let title = format!("install {}", names.join(", "));
            self.add(title, Call::InstallPackages { patience: self.options.package_lock, packages });
        }
    }

    /// What needs no look at anything else.
    fn stage_operation(&mut self, operation: &Operation) {
        match operation {
            Operation::CreateUser(user) => {
                let call = Call::CreateUser { name: user.name.clone(), home: user.home.clone() };
                self.add(format!("create user {}", user.name), call);
            }
            Operation::PutDirectory(directory) => {
                self.add(format!("put directory {}", directory.path), super::put_directory(directory));
            }
            // Packages, files, releases and what they require have steps of their own.
            Operation::InstallPackage(_)
            | Operation::PutFile(_)
            | Operation::AddRelease(..)
            | Operation::InstallPython(_) => {}
            // What is live changes at the switch or later.
            Operation::MendDirectory(_)
            | Operation::GiveLogs(_)
            | Operation::PutLink(_)
            | Operation::ActivateRelease(..)
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
            | Operation::Record => {}
        }
    }

    fn stage_release(&mut self, desired: &DesiredApp) {
        let (app, id) = (&desired.app.name, &desired.release.id);
        if !self.adds_release(app) {
            return;
        }
        match &desired.release.source {
            Pinned::Folder(folder) => {
                self.payload().archives.insert(app.to_string(), folder.clone());
                let call = Call::UnpackRelease { app: app.clone(), id: id.clone() };
                self.add(format!("unpack release {app} {id}"), call);
            }
            Pinned::Commit { url, commit } => {
                let (url, commit) = (url.clone(), commit.clone());
                let title = format!("fetch release {app} {id} from {url}");
                self.add(title, Call::FetchRelease { app: app.clone(), id: id.clone(), url, commit });
            }
            // The plan refuses to add what nobody can deliver.
            Pinned::OnHost(_) => {}
        }
    }

    fn stage_python(&mut self, desired: &DesiredApp) {
        let (app, id) = (&desired.app.name, &desired.release.id);
        let Python { install, requirements, packages, require_hashes, .. } = &desired.app.python;
        let asked = self.operations().any(|operation| *operation == Operation::InstallPython(app.clone()));
        let (method, needed) = match install {
            // Every release has its own.
            Install::Venv => (Method::Venv, asked || self.adds_release(app)),
            Install::System | Install::Apt => (Method::System, asked),
        };
        let Some(mark) = desired.release.python.clone().filter(|_| needed) else { return };
        let call = Call::InstallPython {
            method,
            app: app.clone(),
            id: id.clone(),
            mark,
            runtime: desired.app.runtime.name.to_owned(),
            requirements: requirements.as_ref().map(|path| path.as_str().to_owned()),
            hashes: if *require_hashes { Hashes::Demanded } else { Hashes::Free },
            specifiers: packages.clone(),
        };
        self.add(format!("install the Python dependencies of {app}"), call);
    }
}
