//! `(desired, plan) → what a transaction may touch`, for the host to note what is there before, and the services that
//! act or stop. Pure.

use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::model::{AppName, Init, layout};
use crate::plan::{Logs, Operation, Plan, socket_of_unit};

/// Everything that the steps may touch, for the host to note what is there. Listeners stand before their apps.
pub(super) fn touches(desired: &Desired, plan: &Plan) -> Vec<String> {
    let mut lines = vec![];
    let mut services = BTreeSet::new();
    for operation in plan.changes.iter().map(|change| &change.operation) {
        match operation {
            Operation::PutFile(file) => {
                lines.push(format!("path\t{}", file.path));
                if layout::SOCKET.name_in(file.path.as_str()).is_some() {
                    lines.extend(socket_of_unit(&file.content).map(|socket| format!("socket\t{socket}")));
                }
            }
            Operation::PutLink(link) => lines.push(format!("path\t{}", link.path)),
            Operation::RemoveFile(path) => lines.push(format!("path\t{path}")),
            Operation::DisableWelcome | Operation::RestoreWelcome => {
                lines.push(format!("path\t{}", layout::WELCOME));
            }
            Operation::PutDirectory(directory) | Operation::MendDirectory(directory) => {
                lines.push(format!("directory\t{}", directory.path));
            }
            Operation::GiveLogs(Logs { from, to, paths, .. }) => {
                lines.extend(paths.iter().map(|path| format!("log\t{path}\t{from}\t{to}")));
            }
            Operation::CreateUser(user) => lines.push(format!("user\t{}", user.name)),
            Operation::AddRelease(app, id) => lines.push(format!("release\t{}", layout::release(app, id))),
            Operation::ActivateRelease(app, _) => lines.push(format!("path\t{}", layout::CURRENT.of(app))),
            // The services that act or stop are added below.
            Operation::RemoveApp(..) | Operation::PurgeApp(_) => {}
            Operation::Start(_) | Operation::Restart(..) | Operation::Reload(_) | Operation::MoveListener(..) => {}
            // Packages stay, and what they require of the whole host.
            Operation::InstallPackage(_) | Operation::InstallPython(_) => {}
            // After the commit, when nothing is undone any more.
            Operation::RemoveDirectory(_) | Operation::RemoveUser(_) | Operation::Record => {}
        }
    }
    services.extend(acting(plan));
    services.extend(stopping(desired, plan));
    services.extend(plan.confirmed.iter().cloned());
    lines.extend(in_order(services).map(|name| format!("service\t{name}")));
    lines
}

/// What starts others starts first, and stops first.
fn in_order(services: BTreeSet<String>) -> impl Iterator<Item = String> {
    let (first, others): (Vec<_>, Vec<_>) = services.into_iter().partition(|name| layout::starts_others(name));
    first.into_iter().chain(others)
}

/// The services that stop for good, in that order: those of apps that go, and those that an app has no more.
pub(super) fn stopping(desired: &Desired, plan: &Plan) -> impl Iterator<Item = String> {
    let operations = || plan.changes.iter().map(|change| &change.operation);
    let mut services = BTreeSet::new();
    for operation in operations() {
        match operation {
            Operation::RemoveApp(app, _) => services.extend(layout::services_of(&app.into(), desired.init)),
            // A unit from an extra file of the inventory is not ours to stop.
            Operation::RemoveFile(path) => services.extend(
                layout::service_at(path, desired.init)
                    .filter(|(process, _)| {
                        let app = process.app();
                        desired.app(&app).is_some() || operations().any(|other| removes(other, &app))
                    })
                    .map(|(_, service)| service),
            ),
            _ => {}
        }
    }
    in_order(services)
}

fn removes(operation: &Operation, app: &AppName) -> bool {
    matches!(operation, Operation::RemoveApp(gone, _) if gone == app)
}

/// The services that act.
pub(super) fn acting(plan: &Plan) -> BTreeSet<String> {
    plan.changes.iter().flat_map(|change| services_of(&change.operation)).collect()
}

/// The services that an operation makes act.
fn services_of(operation: &Operation) -> BTreeSet<String> {
    match operation {
        Operation::Start(name) | Operation::Restart(name, _) | Operation::Reload(name) => [name.clone()].into(),
        Operation::MoveListener(app, ..) => [layout::listener(app), layout::process(app, Init::Systemd)].into(),
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
        | Operation::RemoveApp(..)
        | Operation::PurgeApp(_)
        | Operation::RemoveFile(_)
        | Operation::RemoveDirectory(_)
        | Operation::RemoveUser(_)
        | Operation::Record => BTreeSet::new(),
    }
}

/// The services that start, whether or not they run already.
pub(super) fn starting(plan: &Plan) -> BTreeSet<String> {
    let starts = plan.changes.iter().filter(|change| !matches!(change.operation, Operation::Reload(_)));
    starts.flat_map(|change| services_of(&change.operation)).collect()
}
