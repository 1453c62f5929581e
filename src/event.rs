//! Everything that happens during a run, as data. Reports are renderings of these; nothing else tells the user anything.

use std::rc::Rc;
use std::time::Duration;

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
    /// The host is done.
    Ended(Rc<Outcome>),
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
    /// It could not be reached.
    Unreachable {
        /// ssh's own words.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
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
    /// What to do about it.
    pub help: Option<String>,
}
