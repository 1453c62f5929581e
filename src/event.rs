//! Everything that happens during a run, as data. Reports are renderings of these; nothing else tells the user
//! anything.

use std::rc::Rc;
use std::time::Duration;

use crate::apply::Point;
pub use crate::apply::Remark;
use crate::fault::Fault;
use crate::model::{AppName, HostName};
use crate::plan::{Destroyed, Plan};
use crate::probe::Untold;

/// Something happened on one host.
#[derive(Debug, Clone)]
pub struct Event {
    /// Where.
    pub host: HostName,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum EventKind {
    /// The connection is being opened.
    Connecting,
    /// The connection is up; `reused` when an earlier run left it.
    Connected {
        /// An earlier run left it.
        reused: bool,
        /// How long it took.
        took: Duration,
    },
    /// The probe has answered; how long it took.
    Probed(Duration),
    /// The plan is made.
    Planned(Rc<Plan>),
    /// The host has the whole payload and goes on by itself, whatever happens to the connection.
    Received {
        /// Size of the payload in bytes.
        bytes: u64,
    },
    /// A step began.
    StepBegan {
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        total: usize,
        /// What it does.
        title: String,
    },
    /// A step ended well.
    StepEnded {
        /// What it did.
        title: String,
        /// How long it took.
        took: Duration,
    },
    /// Something is waited for.
    Waiting(Wait),
    /// Something that the user should know.
    Note(Note),
    /// Something failed after the switch: the way back has begun.
    Undoing,
    /// A step of the way back; what it does.
    Undo(String),
    /// What the watch over the sites saw.
    Watched(Watched),
    /// The points at which the transaction can be cut.
    Points(Vec<Point>),
    /// The host is done.
    Ended(Rc<Outcome>),
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// The end that the user has asked for.
    Stopping,
    /// What the host says: another run, or another program that installs packages.
    Host(String),
}

/// Something that the user should know, whatever comes of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Another run is changing the host.
    InProgress {
        /// Whose it is, and since when.
        holder: String,
    },
    /// A run was cut while it changed the host.
    Unsettled {
        /// Whose it was, and since when.
        holder: String,
        /// This run settles it now; otherwise the next `up` does.
        now: bool,
    },
    /// A transaction that was cut is taken up.
    TakenUp {
        /// Where it was cut, as a clause.
        cut: String,
        /// It is finished, not rolled back.
        finish: bool,
    },
    /// The transaction stands still at a point, for tests.
    Paused(String),
    /// The last change ended without its controller.
    Untold(Untold),
    /// A rollback has chosen where it goes.
    BackTo {
        /// The generation.
        generation: u32,
        /// When it began, in seconds since 1970.
        began: Option<u64>,
        /// Whose it was; `None` where the host cannot say.
        by: Option<String>,
    },
    /// Lines of the ownership record that cannot be read, and stay as they are.
    Damaged(Vec<String>),
    /// What the transaction has remarked.
    Remark(Remark),
    /// The change would destroy this, to which somebody has to agree.
    NeedsConsent(Vec<Destroyed>),
    /// The host is too old for something; a sentence of the template that left it out.
    TooOld(String),
}

/// What the watch over the sites of a host saw while it was changed. Times are in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
pub struct Watched {
    /// Requests before the switch began.
    pub requests_before: u64,
    /// Requests from then on.
    pub requests_during: u64,
    /// How many of these failed.
    pub failures: u64,
    /// Half of the requests before took no longer; `None` when there were none.
    pub p50_before_ms: Option<f64>,
    /// 99 of 100 requests before took no longer.
    pub p99_before_ms: Option<f64>,
    /// Half of the requests during the switch took no longer.
    pub p50_during_ms: Option<f64>,
    /// 99 of 100 requests during the switch took no longer.
    pub p99_during_ms: Option<f64>,
}

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
    /// It does not match, and cannot be made to.
    Failed(Failure),
    /// It was switched, failed, and is what it was again.
    RolledBack(Failure),
    /// It could not be reached.
    Unreachable(Fault),
    /// Another run is at work there; whose.
    Locked(String),
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
