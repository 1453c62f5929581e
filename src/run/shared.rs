//! What all hosts of a run have in common.

use std::time::Duration;

use super::access::Access;
use super::consent::Consent;
use crate::apply::Options;
use crate::event::Event;
use crate::source::Sources;
use crate::template::Engine;

/// What all hosts of a run have in common.
pub struct Shared<'a> {
    /// Templates.
    pub engine: &'a Engine,
    /// Pinned code.
    pub sources: &'a Sources,
    /// How hosts are reached.
    pub access: Access,
    /// Who runs this, for the lock: user, machine, process, time.
    pub who: String,
    /// The inventory, for the host's history.
    pub inventory: InventoryText,
    /// How changes are made.
    pub options: Options,
    /// How long another run is waited for.
    pub lock_wait: Duration,
    /// A change that is on probation is committed first.
    pub end_probation: bool,
    /// The point at which transactions stand still, for tests that cut them there.
    pub pause: Option<String>,
    /// The environment of this machine, for the secrets that a generation needs and its host keeps no more.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// What may be destroyed, and who is asked.
    pub consent: Consent<'a>,
    /// Where events go.
    pub emit: &'a dyn Fn(Event),
}

/// The inventory of a run, for the history of the hosts.
#[derive(Debug, Clone, Default)]
pub struct InventoryText {
    /// Its file name.
    pub name: String,
    /// Digest of its text.
    pub digest: String,
}
