//! Everything that happens during a run, as data. Reports are renderings of these; nothing else tells the user
//! anything.

mod ending;

use std::rc::Rc;
use std::time::Duration;

use crate::apply::Point;
pub use crate::apply::Remark;
use crate::model::HostName;
use crate::plan::{Destroyed, Plan};
use crate::probe::Untold;

pub use ending::{Cause, During, Ending, Failure, Loss, Outcome, Standing, What};

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
    /// The last change is on probation.
    OnProbation {
        /// Whose it is, since when and until when.
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
