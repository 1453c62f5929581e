//! After the commit: what nothing needs any more goes away for good. Pure.

use super::Builder;
use crate::apply::call::Call;
use crate::plan::Operation;

impl Builder<'_> {
    pub(super) fn clear(&mut self) {
        let kept = self.gone().filter(|(_, keep)| !keep.is_zero()).map(|(app, _)| app.clone()).collect();
        self.add("record the generation", Call::RecordGeneration { kept });
        let gone = self.gone().filter(|(_, keep)| keep.is_zero()).map(|(app, _)| app);
        for app in gone.chain(self.plan.expired.iter().map(|expired| &expired.app)) {
            self.add(format!("remove the releases of {app}"), Call::RemoveApp { app: app.clone() });
        }
        for path in self.plan.expired.iter().flat_map(|expired| expired.folders.iter().rev()) {
            self.add(format!("remove {path}"), Call::RemoveDirectory { path: path.clone() });
        }
        self.add("discard what was replaced", Call::DiscardFormer);
        for path in &self.plan.sockets {
            self.add(format!("remove the socket {path}"), Call::RemoveSocket { path: path.clone() });
        }
        for operation in self.operations() {
            self.clear_operation(operation);
        }
        for name in &self.plan.reserved {
            if self.desired.users.iter().all(|user| user.name.as_str() != name) {
                self.add(format!("remove user {name} if nothing is its own"), Call::RemoveUser { name: name.clone() });
            }
        }
        for app in &self.desired.apps {
            let (name, keep) = (app.app.name.clone(), app.app.keep_releases);
            self.add(format!("prune old releases of {name}"), Call::PruneReleases { app: name, keep });
        }
        self.add("record what is owned", Call::RecordOwned);
    }

    fn clear_operation(&mut self, operation: &Operation) {
        match operation {
            Operation::RemoveDirectory(path) => {
                self.add(format!("remove {path}"), Call::RemoveDirectory { path: path.clone() });
            }
            Operation::RemoveUser(name) => {
                self.add(format!("remove user {name}"), Call::RemoveUser { name: name.clone() });
            }
            // These have steps of their own here, before and after.
            Operation::RemoveApp(..) | Operation::PurgeApp(_) | Operation::Record => {}
            // Done by now.
            Operation::InstallPackage(_)
            | Operation::CreateUser(_)
            | Operation::PutDirectory(_)
            | Operation::MendDirectory(_)
            | Operation::GiveLogs(_)
            | Operation::PutFile(_)
            | Operation::PutLink(_)
            | Operation::AddRelease(..)
            | Operation::ActivateRelease(..)
            | Operation::InstallPython(_)
            | Operation::DisableWelcome
            | Operation::RestoreWelcome
            | Operation::Start(_)
            | Operation::Restart(..)
            | Operation::Reload(_)
            | Operation::MoveListener(..)
            | Operation::RemoveFile(_) => {}
        }
    }
}
