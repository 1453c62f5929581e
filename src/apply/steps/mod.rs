//! `(desired, plan) → steps`: the one order in which a host is changed. Pure.
//!
//! Stage, check, switch, act, verify, commit, clear. A step that can fail for a reason in the inventory, the code or
//! the host's other configuration comes before the first step that touches anything live.

mod act;
mod check;
mod clear;
mod listeners;
mod stage;
mod switch;

use std::time::Duration;

use super::call::Call;
use super::payload::Payload;
use super::step::Step;
use super::touches::touches;
use crate::desired::Desired;
use crate::model::{AppName, Directory, File};
use crate::plan::{Operation, Plan, goes};
use crate::probe::{Holding, Owned, ownership_record};
use crate::runtime::Runtime;

/// How a transaction is carried out, beyond what the plan says.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Ask every site without a pause meanwhile, and undo everything if one request fails.
    pub watch: bool,
    /// Rehearse new releases, where the inventory asks for it.
    pub rehearse: bool,
    /// How long another program may hold the package manager's lock.
    pub package_lock: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { watch: false, rehearse: true, package_lock: Duration::from_secs(300) }
    }
}

/// How long an app may take to be imported, at least.
const IMPORT: Duration = Duration::from_secs(30);

/// Everything that one change of one host consists of.
#[derive(Debug, Default)]
pub struct Transaction {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What travels beside them.
    pub payload: Payload,
}

/// The transaction that carries out `plan`.
#[must_use]
pub fn transaction(desired: &Desired, plan: &Plan, options: Options) -> Transaction {
    let mut builder = Builder { desired, plan, options, transaction: Transaction::default(), live: false };
    builder.payload().owned = ownership_record(&recorded(desired, plan));
    builder.payload().checks.clone_from(&desired.checks);
    builder.payload().runtimes = runtimes(desired);
    builder.payload().touches = touches(desired, plan);
    builder.add("note what is there", Call::NoteBefore);
    builder.add("note what this run owns", Call::Claim);
    if options.watch {
        builder.payload().watch = true;
        builder.add("watch the sites", Call::StartWatch);
    }
    builder.stage();
    builder.check();
    builder.complete_releases();
    builder.prove();
    builder.add("begin the switch", Call::BeginSwitch);
    builder.live = true;
    builder.switch();
    builder.act();
    builder.retire();
    builder.verify();
    builder.add("commit", Call::Commit);
    builder.clear();
    builder.transaction
}

struct Builder<'a> {
    desired: &'a Desired,
    plan: &'a Plan,
    options: Options,
    transaction: Transaction,
    live: bool,
}

impl<'a> Builder<'a> {
    fn add(&mut self, title: impl Into<String>, call: Call) {
        self.transaction.steps.push(Step { title: title.into(), call, live: self.live });
    }

    fn payload(&mut self) -> &mut Payload {
        &mut self.transaction.payload
    }

    fn operations(&self) -> impl Iterator<Item = &'a Operation> + use<'a> {
        self.plan.changes.iter().map(|change| &change.operation)
    }

    fn files(&self) -> impl Iterator<Item = &'a File> + use<'a> {
        self.operations()
            .filter_map(|operation| if let Operation::PutFile(file) = operation { Some(file) } else { None })
    }

    /// Does the plan bring a release of that app?
    fn adds_release(&self, app: &AppName) -> bool {
        self.operations().any(|operation| matches!(operation, Operation::AddRelease(to, _) if to == app))
    }

    /// The apps that go, and how long what brings them back stays.
    fn gone(&self) -> impl Iterator<Item = (&'a AppName, Duration)> + use<'a> {
        self.operations().filter_map(|operation| match operation {
            Operation::RemoveApp(app, keep) => Some((app, *keep)),
            _ => None,
        })
    }
}

/// The record that the host ends with. What of it is reserved the host itself adds, once it has looked.
fn recorded(desired: &Desired, plan: &Plan) -> Vec<Holding> {
    let looked_for = |holding: &Holding| {
        holding.project == desired.project
            && matches!(&holding.owned, Owned::Reserved(name) if plan.reserved.contains(name))
    };
    let stays = |holding: &&Holding| !looked_for(holding) && !goes(&plan.expired, &desired.project, holding);
    plan.owned.iter().filter(stays).cloned().collect()
}

/// What runs the apps, each once.
fn runtimes(desired: &Desired) -> Vec<&'static Runtime> {
    let mut runtimes: Vec<&Runtime> = vec![];
    for app in &desired.apps {
        if !runtimes.contains(&app.app.runtime) {
            runtimes.push(app.app.runtime);
        }
    }
    runtimes
}

/// A directory that comes, or that is mended.
fn put_directory(directory: &Directory) -> Call {
    let Directory { path, mode, owner, group } = directory.clone();
    Call::PutDirectory { mode, owner, group, path }
}
