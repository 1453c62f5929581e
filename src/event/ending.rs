//! How one host ended, and where it stands.

use std::rc::Rc;
use std::time::Duration;

use crate::fault::Fault;
use crate::model::{AppName, HostName};
use crate::plan::{Destroyed, Plan};

/// How one host ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The host.
    pub host: HostName,
    /// How.
    pub ending: Ending,
    /// The plan, if it came to one.
    pub plan: Option<Rc<Plan>>,
    /// How long it took.
    pub took: Duration,
}

/// How one host ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It matched already.
    InSync,
    /// It does not match; nothing was changed, as asked.
    Drift,
    /// It does not match; nothing was changed, for want of consent to what would be destroyed, here or elsewhere.
    Withheld(Vec<Destroyed>),
    /// It matches now.
    Changed,
    /// It matches now, and clients decide until then, in seconds since 1970, whether that stays.
    OnProbation(u64),
    /// It does not match, and cannot be made to.
    Failed(Failure),
    /// It was switched, failed, and is what it was again.
    RolledBack(Failure),
    /// It could not be reached.
    Unreachable(Fault),
    /// Another run is at work there, or its change is on probation.
    Locked {
        /// Whose, and since when.
        holder: String,
        /// Its change is on probation.
        probation: bool,
    },
    /// The user stopped the run; where the host stands.
    Interrupted(Standing),
}

/// Why a host could not be made to match.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What failed.
    pub what: What,
    /// The failing program's own words, verbatim.
    pub output: String,
    /// What lies behind these words, where they name no remedy.
    pub cause: Option<Cause>,
    /// Where the host stands now.
    pub standing: Standing,
}

/// What failed.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Something before a transaction, which says itself what to do about it.
    Fault(Fault),
    /// Other runs changed the host between each look and its change.
    Overtaken,
    /// Another transaction was cut since the look.
    Unfinished,
    /// The host could not take the payload.
    NotReceived,
    /// The transaction did not come to its first step.
    NotBegun,
    /// A step; how it says so.
    Step(String),
    /// The transaction was cut; when.
    Cut(String),
    /// The program that carried out the transaction ended before it.
    EndedEarly,
    /// The answer broke off.
    Lost {
        /// Who broke it off.
        by: Loss,
        /// When.
        during: During,
    },
    /// A transaction that was cut before could not be taken up again.
    NotTakenUp,
}

/// Who broke off an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The network, or the other end.
    Connection,
    /// This run: the host wanted to say more than it may.
    Excess,
}

/// What a host was doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum During {
    /// It had not the whole payload yet.
    Receiving,
    /// It was being changed; the title of the step, if one had begun.
    Changing(Option<String>),
    /// It settled a transaction that was cut before.
    Settling,
}

/// What lies behind a program's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A disk is full.
    DiskFull,
    /// A file system cannot be written.
    ReadOnly,
}

/// Where a host stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was changed.
    Untouched,
    /// Nothing was changed by this run, but by others.
    UntouchedByUs,
    /// A check said no before the switch.
    Refused {
        /// Python packages that all apps of the host share may be the new ones.
        shared_packages: bool,
        /// Apps whose release command has run.
        commands: Vec<AppName>,
    },
    /// The user stopped it before the switch.
    Stopped {
        /// Apps whose release command has run.
        commands: Vec<AppName>,
    },
    /// It is what it was, as far as nothing is named here.
    RolledBack {
        /// The number of the attempt.
        generation: u32,
        /// What the former apps that do not answer say.
        unwell: Option<String>,
        /// Which steps could not be undone, and why.
        not_undone: Vec<(String, String)>,
        /// Apps whose release command has run.
        commands: Vec<AppName>,
    },
    /// It is neither what it was nor what is wanted; which steps could not be undone, and why.
    HalfRolledBack(Vec<(String, String)>),
    /// The new state is live, and some of the old one is there still.
    NotCleared,
    /// It stands still in the middle, until the next run or boot.
    Cut,
    /// It goes on by itself.
    GoesOn,
    /// The user left it while it went on.
    Left,
    /// It is as a transaction left it that was cut, unless that goes on.
    Unsettled,
}
