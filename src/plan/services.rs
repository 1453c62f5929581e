//! Which services must start, restart or reload, from what they loaded and what is installed.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Operation};
use super::listening::{give_way, handover, meanwhile};
use super::reason::Reason;
use crate::desired::{Desired, Service, ServiceKind, meaning, meaning_at_start};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::model::layout::{self, in_nginx};
use crate::model::{File, Init, RemotePath};
use crate::probe::{Facts, Loaded, Unit};

/// A file system and a process table keep time by different clocks, a hundredth of a second apart at most.
const CLOCK_GRAIN: f64 = 0.02;

/// What the services must do once `changes` are made.
#[derive(Debug, Default)]
pub struct Acts {
    /// Services that start, restart or reload.
    pub changes: Vec<Change>,
    /// Services whose files change without a difference to them: they do nothing, and the note on them is renewed.
    pub confirmed: Vec<String>,
}

/// What the services must do once `changes` are made.
pub fn acts(desired: &Desired, facts: &Facts, changes: &[Change]) -> Result<Acts, Fault> {
    let written = Written::of(changes, desired, facts);
    let touched = &written.touched;
    let mut acts = vec![];
    let mut confirmed = vec![];
    let mut moved = BTreeSet::new();
    for service in &desired.services {
        let unit = facts.units.get(&service.name);
        refuse_masked(service, unit)?;
        refuse_foreign(service, unit)?;
        let Some((operation, reason)) = act(service, unit, (desired, facts), changes, &written) else {
            if service.restart_paths.union(&service.reload_paths).any(|path| written.unnoticed.contains(path.as_str()))
            {
                confirmed.push(service.name.clone());
            }
            continue;
        };
        let handover = match &service.kind {
            ServiceKind::Listener { app, .. } => desired.app(app).and_then(|app| {
                handover(&app.app, matches!(operation, Operation::Restart(..)), desired, facts, changes)
            }),
            ServiceKind::Process(_) | ServiceKind::Nginx | ServiceKind::Other => None,
        };
        match (&service.kind, handover) {
            (ServiceKind::Listener { app, bind }, Some(handover)) => {
                moved.insert(app.clone());
                acts.push(Change::new(Operation::MoveListener(app.clone(), bind.clone(), handover), reason));
            }
            // The service starts again with its listener.
            (ServiceKind::Process(app), _)
                if moved.contains(app) && service.name == layout::process(app, Init::Systemd) => {}
            _ => {
                let starts = matches!(operation, Operation::Start(_));
                acts.push(Change::new(operation, reason));
                if !starts && let Some(change) = enable(service, unit) {
                    acts.push(change);
                }
            }
        }
    }
    give_way(&mut acts);
    // The last site may have gone: Nginx stays, and must notice.
    let runs = |name: &&str| facts.units.get(*name).is_some_and(|unit| unit.active);
    let nginx = layout::NGINX_SERVICES.into_iter().find(runs);
    if let Some(nginx) = nginx
        && !desired.services.iter().any(|service| service.kind == ServiceKind::Nginx)
        && touched.iter().any(|path| in_nginx(path))
    {
        acts.push(Change::new(Operation::Reload(nginx.to_owned()), Reason::Configuration));
    }
    Ok(Acts { changes: acts, confirmed })
}

/// Why services that run do not run with what is installed, by their names.
#[must_use]
pub fn stale(desired: &Desired, facts: &Facts) -> BTreeMap<String, Reason> {
    let nothing = Written::of(&[], desired, facts);
    let reason = |service: &Service| {
        let unit = facts.units.get(&service.name);
        match act(service, unit, (desired, facts), &[], &nothing) {
            Some((Operation::Restart(name, _) | Operation::Reload(name), reason)) => Some((name, reason)),
            _ => None,
        }
    };
    desired.services.iter().filter_map(reason).collect()
}

fn act(
    service: &Service,
    unit: Option<&Unit>,
    (desired, facts): (&Desired, &Facts),
    changes: &[Change],
    written: &Written,
) -> Option<(Operation, Reason)> {
    let name = service.name.clone();
    let Some(unit) = unit.filter(|unit| unit.active) else {
        if service.kind == ServiceKind::Other {
            // Not ours to start. One that a package of this plan brings, though, starts before its file is here.
            let known = unit.is_some_and(|unit| unit.known);
            let comes = changes.iter().any(|change| matches!(change.operation, Operation::InstallPackage(_)));
            return (!known && comes).then_some((Operation::Reload(name), Reason::PackageMayBring));
        }
        let known = unit.filter(|unit| unit.known);
        let reason = known.map_or(Reason::NotThereYet, |unit| Reason::NotRunning(unit.state.clone()));
        return Some((Operation::Start(name), reason));
    };
    let note = facts.loaded_of(&service.name, &desired.project);
    let state = Running { service, unit, note, facts, written };
    if let Some(reason) = state.must_read_again(At::Start) {
        return Some((Operation::Restart(name, meanwhile(service, desired)), reason));
    }
    let installs =
        |operation: &Operation| matches!(operation, Operation::InstallPython(app) if service.runs_code_of(app));
    if changes.iter().any(|change| installs(&change.operation)) {
        return Some((Operation::Restart(name, meanwhile(service, desired)), Reason::Dependencies));
    }
    if let Some(reason) = state.must_read_again(At::Reload) {
        return Some((Operation::Reload(name), reason));
    }
    if service.kind == ServiceKind::Nginx && written.touched.iter().any(|path| in_nginx(path)) {
        return Some((Operation::Reload(name), Reason::Configuration));
    }
    enable(service, Some(unit)).map(|change| (change.operation, change.reason))
}

/// Runs, but not after the next boot.
fn enable(service: &Service, unit: Option<&Unit>) -> Option<Change> {
    let only_now = unit.is_some_and(|unit| unit.active && !unit.enabled) && service.kind != ServiceKind::Other;
    only_now.then(|| Change::new(Operation::Start(service.name.clone()), Reason::NotEnabled))
}

/// When a process reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Reload,
}

/// A service that runs, beside what is known of it.
struct Running<'a> {
    service: &'a Service,
    unit: &'a Unit,
    note: Option<&'a Loaded>,
    facts: &'a Facts,
    written: &'a Written,
}

impl Running<'_> {
    /// Why the running process must read again what it read then, if it must.
    fn must_read_again(&self, at: At) -> Option<Reason> {
        let paths = match at {
            At::Start => &self.service.restart_paths,
            At::Reload => &self.service.reload_paths,
        };
        // Of what a reload reads as well, a start alone takes up a part.
        let partly = |path: &RemotePath| at == At::Start && self.service.reload_paths.contains(path);
        let touches = |path: &&RemotePath| {
            let touched = if partly(path) { &self.written.touched_at_start } else { &self.written.touched };
            touched.contains(path.as_str())
        };
        if let Some(path) = paths.iter().find(touches) {
            return Some(Reason::Changes(path.clone()));
        }
        // The note is dropped before anything is switched and written again after the process has read it: a run cut
        // in between leaves none. A listener has no process to ask, so for it the clock alone decides.
        if self.note.is_none() && !paths.is_empty() && !matches!(self.service.kind, ServiceKind::Listener { .. }) {
            return Some(Reason::Unknown);
        }
        let note = self.note.filter(|note| note.instance == self.unit.instance);
        let is_current = |note: &Loaded| match at {
            At::Start => note.restart == self.service.restart,
            At::Reload => note.reload == self.service.reload,
        };
        if note.is_some_and(|note| !is_current(note)) {
            return Some(Reason::Outdated);
        }
        // A process that provision did not start loaded what was there when it started.
        let read_at = self.facts.read_at(&self.service.name, &self.unit.instance);
        let loaded_at = read_at.unwrap_or(self.unit.started);
        let changed = |path: &RemotePath| self.facts.nodes.get(path.as_str()).map_or(0.0, |node| node.changed);
        // Which part is newer a clock does not say, but the digest above did.
        let told = |path: &&RemotePath| note.is_none() || !partly(path);
        let noticed = paths.iter().filter(told).filter(|path| !self.written.unnoticed.contains(path.as_str()));
        // A time that has not come yet was written by a clock that was wrong, and proves nothing.
        let has_come = |time: f64| time <= self.facts.now + CLOCK_GRAIN;
        let is_newer = |path: &&RemotePath| changed(path) > loaded_at + CLOCK_GRAIN && has_come(changed(path));
        let newer = noticed.into_iter().find(is_newer);
        newer.map(|path| Reason::ChangedSince(path.clone()))
    }
}

/// Refuses what the service manager would refuse only once everything is switched.
fn refuse_masked(service: &Service, unit: Option<&Unit>) -> Result<(), Fault> {
    // A definition of ours replaces the mask of an app.
    if service.kind != ServiceKind::Nginx || !unit.is_some_and(|unit| unit.masked) {
        return Ok(());
    }
    let name = &service.name;
    Err(Fault::new(format!("`{name}` is masked on the host, so nothing can start it"))
        .hint(format!("find out who masked it and why; `systemctl unmask {name}` there allows it again")))
}

/// Refuses to take over a unit that the host has from a package.
fn refuse_foreign(service: &Service, unit: Option<&Unit>) -> Result<(), Fault> {
    let ServiceKind::Process(app) = &service.kind else { return Ok(()) };
    let definition = unit.map_or("", |unit| unit.definition.as_str());
    if definition.is_empty() || layout::is_definition(definition) {
        return Ok(());
    }
    Err(Fault::new(format!("the host has a unit `{}` of its own, defined in {definition}", service.name))
        .hint(format!("give the app `{app}` another name in the inventory")))
}

/// Is an app's environment the same as `before` in what a start alone takes up?
fn spares_start(file: &File, before: Option<&str>, desired: &Desired) -> bool {
    let path = file.path.as_str();
    let app = layout::ENVIRONMENT.name_in(path).and_then(|name| desired.app(&name));
    let same =
        |runtime, before| meaning_at_start(path, before, runtime) == meaning_at_start(path, &file.content, runtime);
    app.zip(before).is_some_and(|(app, before)| same(app.app.runtime, before))
}

/// Every path that a change of the plan writes or removes.
#[derive(Default)]
struct Written {
    /// With a difference to who reads it.
    touched: BTreeSet<String>,
    /// Those of them with a difference to what a start alone takes up.
    touched_at_start: BTreeSet<String>,
    /// Without one: a mode, an owner, a comment in a unit or an environment.
    unnoticed: BTreeSet<String>,
}

impl Written {
    fn of(changes: &[Change], desired: &Desired, facts: &Facts) -> Self {
        let mut written = Self::default();
        for change in changes {
            let path = match &change.operation {
                Operation::PutFile(file) => {
                    let before = change.before.as_deref();
                    if unnoticed(file, before, facts) {
                        written.unnoticed.insert(file.path.to_string());
                        continue;
                    }
                    if spares_start(file, before, desired) {
                        written.touched.insert(file.path.to_string());
                        continue;
                    }
                    file.path.to_string()
                }
                Operation::PutLink(link) => link.path.to_string(),
                // Where the live release was lost and is sent again, processes stay in a folder that is gone.
                Operation::ActivateRelease(app, _) | Operation::AddRelease(app, _) => {
                    layout::CURRENT.of(app).to_string()
                }
                Operation::RemoveFile(path) => path.clone(),
                Operation::DisableWelcome | Operation::RestoreWelcome => layout::WELCOME.to_owned(),
                _ => continue,
            };
            written.touched_at_start.insert(path.clone());
            written.touched.insert(path);
        }
        written
    }
}

/// Does nobody who reads `file` notice the change from `before`?
fn unnoticed(file: &File, before: Option<&str>, facts: &Facts) -> bool {
    let installed = facts.nodes.get(file.path.as_str()).and_then(|node| node.digest.as_ref());
    if installed == Some(&Digest::of(file.content.as_bytes())) {
        return true;
    }
    let path = file.path.as_str();
    before.is_some_and(|before| meaning(path, before) == meaning(path, &file.content))
}
