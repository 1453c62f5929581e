//! Everything that happens during a run, as data. Reports are renderings of these; nothing else tells the user
//! anything.

use std::rc::Rc;
use std::time::Duration;

use crate::apply::Point;
use crate::fault::Fault;
use crate::model::HostName;
use crate::plan::Plan;

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
    /// The probe has answered.
    Probed {
        /// How long it took.
        took: Duration,
    },
    /// The plan is made.
    Planned(Rc<Plan>),
    /// The host has the whole payload and goes on by itself, whatever happens to the connection.
    Received {
        /// Size of the payload in bytes.
        bytes: usize,
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
    /// A step waits for something.
    Waiting(String),
    /// Something that the user should know.
    Note(String),
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
#[derive(Debug, Clone)]
pub enum Ending {
    /// It matched already.
    InSync,
    /// It does not match; nothing was changed, as asked.
    Drift,
    /// It matches now.
    Changed,
    /// It does not match, and cannot be made to.
    Failed(Failure),
    /// It was switched, failed, and is what it was again.
    RolledBack(Failure),
    /// It could not be reached.
    Unreachable(Fault),
    /// Another run is at work there.
    Locked(String),
    /// The user stopped the run; where the host stands.
    Interrupted(String),
}

/// Why a host could not be made to match.
#[derive(Debug, Clone, Default)]
pub struct Failure {
    /// What failed.
    pub message: String,
    /// The failing program's own words, verbatim.
    pub output: String,
    /// Where the host stands now.
    pub standing: String,
    /// What to do about it, a phrase each.
    pub hints: Vec<String>,
}
