//! From the switch on: what is live changes, processes take it up, all is verified and old things go. Pure.

use super::Builder;
use crate::apply::touches::acting;
use crate::desired::{Service, ServiceKind};
use crate::model::layout::{self, in_nginx, is_definition};
use crate::model::{AppName, Init};
use crate::plan::Operation;

impl<'a> Builder<'a> {
    /// From here on the host changes. Each replacement is one rename.
    pub(super) fn switch(&mut self) {
        for name in acting(self.plan) {
            self.add(format!("forget what {name} loaded"), "forget", [&name]);
        }
        for file in self.files() {
            self.add(format!("switch {}", file.path), "switch_file", [file.path.as_str()]);
        }
        for operation in self.operations() {
            match operation {
                Operation::PutLink(link) => {
                    self.add(operation.to_string(), "put_link", [link.path.as_str(), link.to.as_str()]);
                }
                Operation::ActivateRelease(app, id) => {
                    let to = layout::release(app, id);
                    self.add(
                        format!("make release {app} {id} live"),
                        "put_link",
                        [layout::CURRENT.of(app).as_str(), to.as_str()],
                    );
                }
                Operation::MendDirectory(directory) => {
                    let (mode, owner, group) = (directory.mode.to_string(), &directory.owner, &directory.group);
                    let words = [mode.as_str(), owner.as_str(), group.as_str(), directory.path.as_str()];
                    self.add(format!("mend directory {}", directory.path), "put_directory", words);
                }
                Operation::RemoveFile(path) if in_nginx(path) => {
                    self.add(format!("remove {path}"), "retire_path", [path]);
                }
                Operation::DisableWelcome => self.add("disable Debian's welcome site", "disable_welcome", [""; 0]),
                Operation::RestoreWelcome => self.add("enable Debian's welcome site again", "restore_welcome", [""; 0]),
                _ => {}
            }
        }
    }

    fn service(&self, name: &str) -> Option<&'a Service> {
        self.desired.services.iter().find(|service| service.name == name)
    }

    /// Processes take up what was switched: apps before Nginx, so that it never routes to what is not there yet.
    pub(super) fn act(&mut self) {
        // Not only for files of this plan: a run cut short may have switched a unit that was never read.
        let acts = self.operations().any(|operation| {
            matches!(operation, Operation::Start(_) | Operation::Restart(_) | Operation::MoveListener(..))
        });
        if acts || self.files().any(|file| is_definition(file.path.as_str())) {
            self.add("make the service manager read its units again", "reload_manager", [""; 0]);
        }
        for operation in self.operations() {
            match operation {
                Operation::MoveListener(app, bind) => {
                    self.add(format!("move the listener of {app} to {bind}"), "act", ["move", &layout::listener(app)]);
                    for unit in [layout::listener(app), layout::process(app, Init::Systemd)] {
                        self.remember(&unit);
                    }
                }
                Operation::Start(name) => {
                    self.add(operation.to_string(), "act", ["start", name]);
                    // Started where it ran already, only not at boot: it may run with something older.
                    self.reload(name, false);
                    self.remember(name);
                }
                Operation::Restart(name) => {
                    self.add(operation.to_string(), "act", ["restart", name]);
                    self.remember(name);
                }
                Operation::Reload(name) => {
                    self.reload(name, true);
                    self.remember(name);
                }
                _ => {}
            }
        }
        for name in &self.plan.confirmed {
            self.remember(name);
        }
    }

    fn reload(&mut self, name: &str, running: bool) {
        let kind = self.service(name).map(|service| &service.kind);
        let title = format!("reload {name}");
        let how = match kind {
            // The package starts Nginx with its own configuration before ours is there.
            Some(ServiceKind::Nginx) | None => "nginx",
            Some(ServiceKind::App(_)) if running => "reload",
            Some(ServiceKind::Other) if running => "other",
            Some(_) => return,
        };
        self.add(title, "act", [how, name]);
    }

    fn remember(&mut self, name: &str) {
        if let Some(service) = self.service(name) {
            let words = [name, service.restart.as_str(), service.reload.as_str()];
            self.add(format!("remember what {name} loaded"), "remember", words);
        }
    }

    fn gone(&self) -> Vec<&'a AppName> {
        self.operations()
            .filter_map(|operation| if let Operation::RemoveApp(app) = operation { Some(app) } else { None })
            .collect()
    }

    /// Nginx no longer routes to what goes now. It goes out of service, and not yet away.
    pub(super) fn retire(&mut self) {
        let gone = self.gone();
        for app in &gone {
            self.add(format!("stop {app}"), "act", ["stop", app.as_str()]);
        }
        for operation in self.operations() {
            if let Operation::RemoveFile(path) = operation
                && !in_nginx(path)
            {
                self.add(format!("remove {path}"), "retire_path", [path]);
            }
        }
        let undefined = |operation: &Operation| matches!(operation, Operation::RemoveFile(path) if is_definition(path));
        if !gone.is_empty() || self.operations().any(undefined) {
            self.add("make the service manager forget what is gone", "reload_manager", [""; 0]);
        }
    }

    pub(super) fn verify(&mut self) {
        if !self.desired.checks.is_empty() {
            self.add("run the health checks", "check_health", [""; 0]);
        }
        if self.options.watch {
            self.add("judge what the watch over the sites saw", "judge_watch", [""; 0]);
        }
    }

    /// What nothing needs any more goes away for good.
    pub(super) fn clear(&mut self) {
        self.add("record the generation", "record_generation", [""; 0]);
        for app in self.gone() {
            self.add(format!("remove the releases of {app}"), "remove_app", [app.as_str()]);
        }
        self.add("discard what was replaced", "discard_former", [""; 0]);
        for operation in self.operations() {
            match operation {
                Operation::RemoveDirectory(path) => self.add(format!("remove {path}"), "remove_directory", [path]),
                Operation::RemoveUser(name) => self.add(format!("remove user {name}"), "remove_user", [name]),
                _ => {}
            }
        }
        for app in &self.desired.apps {
            let keep = app.app.keep_releases.to_string();
            self.add(
                format!("prune old releases of {}", app.app.name),
                "prune_releases",
                [app.app.name.as_str(), &keep],
            );
        }
        self.add("record what is owned", "record_owned", [""; 0]);
    }
}
