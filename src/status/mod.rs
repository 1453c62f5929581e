//! How the apps of a host are: what runs, what is installed, and whether it answers. Pure; `processes.sh` is what asks.

mod processes;

pub use processes::{Complaint, Processes, Worker};

use std::time::Duration;

use crate::desired::{Desired, DesiredApp, ServiceKind};
use crate::encode::shell;
use crate::health::{self, HealthCheck};
use crate::model::{AppName, Bind, layout};
use crate::plan::{self, Reason};
use crate::probe::{Facts, NodeKind};
use crate::runtime::Workers;

/// A check that fails is tried again for no longer than this.
const PATIENCE: Duration = Duration::from_secs(2);

/// How one host is.
#[derive(Debug, Clone)]
pub struct Status {
    /// The generation that is live.
    pub generation: u32,
    /// Another run is at work there, or was cut; who.
    pub at_work: Option<String>,
    /// Its apps.
    pub apps: Vec<AppStatus>,
}

/// Whether an app runs and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It has no main process.
    NotRunning,
    /// Every check is answered well.
    Healthy,
    /// A check is not.
    Unhealthy,
}

/// How one app is.
#[derive(Debug, Clone)]
pub struct AppStatus {
    /// The app.
    pub app: AppName,
    /// The releases that its workers run; more than one in the middle of a reload.
    pub running: Vec<String>,
    /// The release that is installed.
    pub installed: Option<String>,
    /// What its health checks complain of.
    pub complaints: Vec<String>,
    /// Process ids of its workers.
    pub workers: Vec<u32>,
    /// How many workers it should have; `None` for as many as fit the host's processor cores.
    pub workers_wanted: Option<u16>,
    /// Its main process.
    pub master: Option<u32>,
    /// How long the main process is up, in seconds.
    pub uptime: Option<u64>,
    /// Where it listens.
    pub listener: Bind,
    /// Somebody listens there.
    pub listening: bool,
    /// Why what runs is not what is installed; `None` when it is.
    pub stale: Option<Reason>,
}

impl AppStatus {
    /// Whether it runs and answers.
    #[must_use]
    pub fn health(&self) -> Health {
        if self.master.is_none() {
            Health::NotRunning
        } else if self.complaints.is_empty() {
            Health::Healthy
        } else {
            Health::Unhealthy
        }
    }

    /// Nothing has to be done about it.
    #[must_use]
    pub fn well(&self) -> bool {
        self.health() == Health::Healthy && self.listening && !self.workers.is_empty() && self.stale.is_none()
    }
}

/// How long the script may take because apps do not answer: each check of each app, one after the other.
#[must_use]
pub fn patience(desired: &Desired) -> Duration {
    desired.checks.iter().map(|check| check.timeout.min(PATIENCE)).sum()
}

/// The script that asks for processes and health; [`Processes::parse`] reads its answer.
#[must_use]
pub fn script(desired: &Desired, facts: &Facts) -> String {
    let short = |check: &HealthCheck| HealthCheck { timeout: check.timeout.min(PATIENCE), ..check.clone() };
    // A socket unit would start an app that someone has stopped: a look changes nothing.
    let runs = |check: &&HealthCheck| master(desired, &check.app, facts).is_some();
    let checks: Vec<HealthCheck> = desired.checks.iter().filter(runs).map(short).collect();
    let mut words = vec![health::CHECK.to_owned(), health::checks_json(&checks).to_string()];
    for app in &desired.apps {
        if let Some(pid) = master(desired, &app.app.name, facts) {
            words.extend([app.app.name.to_string(), pid.to_string()]);
        }
    }
    let words: Vec<String> = words.iter().map(|word| shell::quote(word)).collect();
    let library = include_str!("processes.sh");
    format!("{library}answer=$(report {})\nprintf '%s\\n' \"$answer\"\n", words.join(" "))
}

impl Status {
    /// How the apps are that `desired`, the live generation, has put on the host.
    #[must_use]
    pub fn of(generation: u32, desired: &Desired, facts: &Facts, processes: &Processes) -> Self {
        let apps = desired.apps.iter().map(|app| app_status(app, desired, facts, processes)).collect();
        Self { generation, at_work: facts.at_work.as_ref().map(|at_work| at_work.holder.clone()), apps }
    }
}

fn app_status(desired_app: &DesiredApp, desired: &Desired, facts: &Facts, processes: &Processes) -> AppStatus {
    let app = &desired_app.app;
    let name = app.name.as_str();
    let stale = plan::stale(desired, facts);
    let unit = unit_of(desired, &app.name);
    let stale = unit.and_then(|unit| stale.get(unit).cloned());
    // A process that has ended since the look was not long for this world.
    let uptime = processes.uptime.get(name).copied();
    let master = master(desired, &app.name, facts).filter(|_| uptime.is_some());
    let installed = facts.nodes.get(layout::CURRENT.of(&app.name).as_str()).and_then(|node| match &node.kind {
        NodeKind::Link(to) => to.rsplit('/').next().map(ToOwned::to_owned),
        _ => None,
    });
    let workers: Vec<&Worker> = processes.workers.iter().filter(|worker| worker.app == name).collect();
    let folder = format!("{}/", layout::RELEASES.of(&app.name));
    let release = |worker: &&Worker| {
        // A folder that is gone has ` (deleted)` behind it.
        let release = worker.folder.strip_prefix(&folder)?.split(['/', ' ']).next()?;
        Some(release.to_owned())
    };
    let mut running: Vec<String> = workers.iter().filter_map(release).collect();
    running.sort();
    running.dedup();
    // An app may have gone to another folder: then the note on what it loaded is all that is known.
    let answers = match app.runtime.workers {
        Workers::Children => !workers.is_empty(),
        Workers::Itself => master.is_some(),
    };
    if running.is_empty() && answers && stale.is_none() {
        running.extend(installed.clone());
    }
    let mine = processes.complaints.iter().filter(|complaint| complaint.app == name);
    let complaints = mine.map(|complaint| complaint.text.clone()).collect();
    // Without a socket unit the app itself listens, for as long as it runs.
    let listening = listener_of(desired, &app.name).map_or(master.is_some(), |unit| active(facts, unit));
    let (pids, workers_wanted) = match app.runtime.workers {
        Workers::Children => (workers.iter().map(|worker| worker.pid).collect(), app.workers),
        Workers::Itself => (master.into_iter().collect(), Some(1)),
    };
    AppStatus {
        app: app.name.clone(),
        running,
        installed,
        complaints,
        workers: pids,
        workers_wanted,
        uptime: master.and(uptime),
        master,
        listener: app.bind.clone(),
        listening,
        stale,
    }
}

fn unit_of<'a>(desired: &'a Desired, app: &AppName) -> Option<&'a str> {
    let name = layout::process(app, desired.init);
    let service = desired.services.iter().find(|service| service.name == name);
    service.map(|service| service.name.as_str())
}

fn listener_of<'a>(desired: &'a Desired, app: &AppName) -> Option<&'a str> {
    let listens = |kind: &ServiceKind| matches!(kind, ServiceKind::Listener { app: of, .. } if of == app);
    desired.services.iter().find(|service| listens(&service.kind)).map(|service| service.name.as_str())
}

fn active(facts: &Facts, unit: &str) -> bool {
    facts.units.get(unit).is_some_and(|unit| unit.active)
}

/// The main process of an app, if it runs.
fn master(desired: &Desired, app: &AppName, facts: &Facts) -> Option<u32> {
    let unit = facts.units.get(unit_of(desired, app)?)?;
    (unit.active && unit.pid != 0).then_some(unit.pid)
}
