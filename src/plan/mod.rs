//! `(desired, facts) → plan`. Pure: `check` stops here and `up` goes on, with the same plan from the same facts.

mod change;
mod common;
mod destroyed;
mod environment;
mod kept;
mod lasting;
mod listening;
mod logs;
mod neighbours;
mod purge;
mod reason;
mod removal;
mod resources;
mod services;
mod sockets;

pub use change::{Change, Handover, Logs, Meanwhile, Operation, Verb};
pub use destroyed::{Destroyed, Loss};
pub use kept::{Expired, goes};
pub use lasting::lasting;
pub use purge::purge;
pub use reason::Reason;
pub use services::stale;
pub use sockets::of_unit as socket_of_unit;

use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::fault::Fault;
use crate::model::Init;
use crate::probe::{Facts, Holding};

/// Everything that has to change on one host; no change means that it is in sync.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The changes, in the order in which people read them.
    pub changes: Vec<Change>,
    /// Services that have nothing to do although their files change, for only a mode or a comment does.
    pub confirmed: Vec<String>,
    /// Unix sockets of listeners that go or move elsewhere.
    pub sockets: Vec<String>,
    /// What of the host is destroyed.
    pub destroyed: Vec<Destroyed>,
    /// How many resources were compared.
    pub compared: usize,
    /// The ownership record when all is done.
    pub owned: Vec<Holding>,
    /// Users that go if nothing is their own any more; the record keeps them if not.
    pub reserved: Vec<String>,
    /// What of removed apps goes for good; the record keeps it where nothing else changes.
    pub expired: Vec<Expired>,
}

impl Plan {
    /// How many of the compared resources are as they should be.
    #[must_use]
    pub fn in_order(&self) -> usize {
        let changed: BTreeSet<String> = self.changes.iter().filter_map(|change| change.operation.resource()).collect();
        self.compared.saturating_sub(changed.len())
    }

    /// Nothing has to change.
    #[must_use]
    pub fn in_sync(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Compares what should be with what is.
///
/// # Errors
/// When the host has something of its own, or of another project, that the plan would take over.
pub fn plan(desired: &Desired, facts: &Facts) -> Result<Plan, Fault> {
    refuse_other_init(desired, facts)?;
    let less = common::without_default_server(desired, facts);
    let desired = less.as_ref().unwrap_or(desired);
    environment::refuse_dropped_variables(desired, facts)?;
    neighbours::refuse_clashes(desired, facts)?;
    let mut changes = resources::changes(desired, facts)?;
    changes.extend(logs::handed_over(desired, facts));
    let (removals, owned) = removal::removals(desired, facts);
    changes.extend(removals);
    let acts = services::acts(desired, facts, &changes)?;
    changes.extend(acts.changes);
    let own = owned.iter().filter(|holding| holding.project == desired.project).map(|holding| &holding.owned);
    let differs = own.collect::<BTreeSet<_>>() != facts.owned_by(&desired.project).collect();
    // A change that is on probation is recorded when it ends.
    if changes.is_empty() && differs && !facts.on_probation() {
        changes.push(Change::new(Operation::Record, Reason::Unrecorded));
    }
    let compared = desired.packages.len()
        + desired.users.len()
        + desired.directories.len()
        + desired.files.len()
        + desired.links.len()
        + desired.apps.len()
        + desired.services.len();
    let sockets = sockets::left(desired, facts, &changes);
    let destroyed = destroyed::destroyed(desired, facts, &changes);
    let reserved = removal::reserved(facts.owned_by(&desired.project)).cloned().collect();
    let expired = kept::expired(desired, facts);
    Ok(Plan { reserved, expired, changes, confirmed: acts.confirmed, sockets, destroyed, compared, owned })
}

/// What was stored for Upstart means nothing to a host that was upgraded to systemd since.
fn refuse_other_init(desired: &Desired, facts: &Facts) -> Result<(), Fault> {
    if desired.init == facts.init {
        return Ok(());
    }
    let name = |init| if init == Init::Systemd { "systemd" } else { "Upstart" };
    let what = format!("this was made for {}, and the host runs {} now", name(desired.init), name(facts.init));
    Err(Fault::new(what).hint("run `provision up` with the inventory, which renders for what the host runs"))
}
