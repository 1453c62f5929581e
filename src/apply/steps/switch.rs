//! The switch: from here on what is live changes, each thing by one rename. Pure.

use super::Builder;
use crate::apply::call::Call;
use crate::apply::touches::{acting, stopping};
use crate::model::layout::{self, in_nginx};
use crate::plan::{Logs, Operation};

impl Builder<'_> {
    /// What processes have loaded is unknown first.
    pub(super) fn switch(&mut self) {
        for service in acting(self.plan).into_iter().chain(stopping(self.desired, self.plan)) {
            self.add(format!("forget what {service} loaded"), Call::Forget { service });
        }
        for file in self.files() {
            self.add(format!("switch {}", file.path), Call::SwitchFile { path: file.path.clone() });
        }
        for operation in self.operations() {
            self.switch_operation(operation);
        }
    }

    fn switch_operation(&mut self, operation: &Operation) {
        match operation {
            Operation::PutLink(link) => {
                self.add(operation.to_string(), Call::PutLink { path: link.path.clone(), to: link.to.clone() });
            }
            Operation::ActivateRelease(app, id) => {
                let call = Call::PutLink { path: layout::CURRENT.of(app), to: layout::release(app, id) };
                self.add(format!("make release {app} {id} live"), call);
            }
            Operation::MendDirectory(directory) => {
                self.add(format!("set the mode and owner of {}", directory.path), super::put_directory(directory));
            }
            Operation::GiveLogs(logs) => {
                let Logs { app, from, to, paths } = logs.clone();
                self.add(format!("give the log files of {app} to {to}"), Call::GiveLogs { from, to, paths });
            }
            Operation::RemoveFile(path) if in_nginx(path) => self.retire_path(path),
            Operation::DisableWelcome => self.add("disable Debian's welcome site", Call::DisableWelcome),
            Operation::RestoreWelcome => self.add("enable Debian's welcome site again", Call::RestoreWelcome),
            // Of what is not Nginx's, processes may still need it.
            Operation::RemoveFile(_) | Operation::RemoveApp(..) | Operation::PurgeApp(_) => {}
            // Staged, and switched above.
            Operation::PutFile(_) => {}
            // Done before, beside what is live.
            Operation::InstallPackage(_)
            | Operation::CreateUser(_)
            | Operation::PutDirectory(_)
            | Operation::AddRelease(..)
            | Operation::InstallPython(_) => {}
            // Done after.
            Operation::Start(_)
            | Operation::Restart(..)
            | Operation::Reload(_)
            | Operation::MoveListener(..)
            | Operation::RemoveDirectory(_)
            | Operation::RemoveUser(_)
            | Operation::Record => {}
        }
    }

    /// Takes a path out of service.
    pub(super) fn retire_path(&mut self, path: &str) {
        self.add(format!("remove {path}"), Call::RetirePath { path: path.to_owned() });
    }
}
