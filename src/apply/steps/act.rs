//! Processes take up what was switched, and what is no longer in the inventory stops. Pure.

use std::time::Duration;

use super::Builder;
use crate::apply::argument::{Act, OnProbation};
use crate::apply::call::Call;
use crate::apply::touches::stopping;
use crate::desired::{DesiredApp, Service, ServiceKind};
use crate::model::Init;
use crate::model::layout::{in_nginx, is_definition};
use crate::plan::{Handover, Operation};

impl<'a> Builder<'a> {
    /// Apps before Nginx, so that it never routes to what is not there yet.
    pub(super) fn act(&mut self) {
        // Not only for files of this plan: a run cut short may have switched a unit that was never read.
        let acts = self.operations().any(|operation| {
            matches!(operation, Operation::Start(_) | Operation::Restart(..) | Operation::MoveListener(..))
        });
        self.begin_stand_ins();
        if acts || self.files().any(|file| is_definition(file.path.as_str())) {
            self.add("make the service manager read its units again", Call::ReloadManager);
        }
        for operation in self.operations() {
            self.act_operation(operation);
        }
        if self.operations().any(|operation| matches!(operation, Operation::MoveListener(_, _, Handover::Seamless))) {
            self.add("let stand-ins finish their requests", Call::EndStandIns);
        }
        for service in &self.plan.confirmed {
            self.remember(service);
        }
    }

    /// A second process serves for each app whose own one ends, where it can have the same listener.
    fn begin_stand_ins(&mut self) {
        for operation in self.operations() {
            let app = match operation {
                Operation::Restart(name, _) => match self.service(name).map(|service| &service.kind) {
                    Some(ServiceKind::Process(app)) => app,
                    _ => continue,
                },
                Operation::MoveListener(app, _, Handover::Seamless) => app,
                _ => continue,
            };
            let inherits = self.desired.app(app).is_some_and(|desired| desired.app.runtime.inherits_listener);
            if self.desired.init == Init::Systemd && inherits {
                self.add(format!("start a stand-in for {app}"), Call::BeginStandIn { app: app.clone() });
            }
        }
    }

    fn act_operation(&mut self, operation: &Operation) {
        let title = operation.to_string();
        match operation {
            Operation::MoveListener(app, bind, _) => self.move_listener(app, bind),
            Operation::Start(service) => {
                self.make(title, Act::Start, service);
                // Started where it ran already, only not at boot: it may run with something older.
                self.reload(service, false);
                self.remember(service);
            }
            Operation::Restart(service, _) => {
                self.make(title, Act::Restart, service);
                self.remember(service);
            }
            Operation::Reload(service) => {
                self.reload(service, true);
                self.remember(service);
            }
            // What stops does so once Nginx has let go of it.
            Operation::RemoveApp(..) | Operation::PurgeApp(_) => {}
            // No process acts by itself for these: the plan says which one does.
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
            | Operation::RemoveFile(_)
            | Operation::RemoveDirectory(_)
            | Operation::RemoveUser(_)
            | Operation::Record => {}
        }
    }

    pub(super) fn make(&mut self, title: String, act: Act, service: &str) {
        self.add(title, Call::Act { act, service: service.to_owned() });
    }

    fn reload(&mut self, name: &str, running: bool) {
        let act = match self.service(name).map(|service| &service.kind) {
            // The package starts Nginx with its own configuration before ours is there.
            Some(ServiceKind::Nginx) | None => Act::Nginx,
            Some(ServiceKind::Process(_)) if running => Act::Reload,
            Some(ServiceKind::Other) if running => Act::Other,
            Some(ServiceKind::Process(_) | ServiceKind::Other | ServiceKind::Listener { .. }) => return,
        };
        self.make(format!("reload {name}"), act, name);
    }

    pub(super) fn remember(&mut self, name: &str) {
        if let Some(service) = self.service(name) {
            let (restart, reload) = (service.restart.clone(), service.reload.clone());
            let call = Call::Remember { service: name.to_owned(), restart, reload };
            self.add(format!("remember what {name} loaded"), call);
        }
    }

    fn service(&self, name: &str) -> Option<&'a Service> {
        self.desired.services.iter().find(|service| service.name == name)
    }

    /// Nginx no longer routes to what goes now. It goes out of service, and not yet away.
    pub(super) fn retire(&mut self) {
        let stopping: Vec<String> = stopping(self.desired, self.plan).collect();
        for service in &stopping {
            self.make(format!("stop {service}"), Act::Stop, service);
        }
        let removed =
            |operation: &'a Operation| if let Operation::RemoveFile(path) = operation { Some(path) } else { None };
        let removed: Vec<_> = self.operations().filter_map(removed).collect();
        for path in removed.iter().filter(|path| !in_nginx(path)) {
            self.retire_path(path);
        }
        if !stopping.is_empty() || removed.iter().any(|path| is_definition(path)) {
            self.add("make the service manager forget what is gone", Call::ReloadManager);
        }
    }

    /// What clients get decides for a while, where an app that this changes wants that.
    fn probation(&mut self) {
        let watched: Vec<(OnProbation, Duration)> = self.changing().filter_map(on_probation).collect();
        let Some(seconds) = watched.iter().map(|(_, seconds)| *seconds).max() else { return };
        self.payload().traffic = Some(self.desired.traffic.clone());
        let apps: Vec<OnProbation> = watched.into_iter().map(|(app, _)| app).collect();
        let names: Vec<&str> = apps.iter().map(|one| one.app.as_str()).collect();
        let title = format!("watch what clients get of {}", names.join(", "));
        self.add(title, Call::Probation { seconds, apps });
    }

    pub(super) fn verify(&mut self) {
        // What is kept of apps that went is nothing that answers.
        let purges = |operation: &Operation| matches!(operation, Operation::PurgeApp(_));
        if !self.desired.checks.is_empty() && !self.operations().all(purges) {
            self.add("run the health checks", Call::CheckHealth);
        }
        if self.options.watch {
            self.add("judge what the watch over the sites saw", Call::JudgeWatch);
        }
        self.probation();
    }
}

fn on_probation(DesiredApp { app, .. }: &DesiredApp) -> Option<(OnProbation, Duration)> {
    Some((OnProbation { app: app.name.clone(), workers_stay: !app.recycles }, app.probation?))
}
