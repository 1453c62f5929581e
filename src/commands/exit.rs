//! Exit codes, one per kind of ending.

use std::process::ExitCode;

use provision::event::{Ending, Outcome};
use provision::fault::Kind;

/// Exit codes, one per kind of ending, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, or in sync.
    Done,
    /// Hosts differ from the inventory (`check`), were changed (`up --detailed-exitcode`), or were not, for lack of
    /// consent.
    Drift,
    /// Another run is at work on some host.
    Locked,
    /// Some hosts could not be reached.
    Unreachable,
    /// Some hosts were switched, failed, and are what they were again.
    RolledBack,
    /// Some hosts failed.
    Failed,
    /// Something on this machine went wrong.
    Error,
    /// A mistake in the command line, the inventory or a template.
    Usage,
    /// The user stopped the run.
    Interrupted,
}

/// How all hosts of a run ended.
pub struct Ended {
    /// How each did.
    pub outcomes: Vec<Outcome>,
    /// The user asked for an end, whatever the hosts came to.
    pub interrupted: bool,
}

impl Exit {
    /// The code for how all hosts ended: the worst of them counts.
    pub fn of(ended: &Ended) -> Self {
        let any = |wanted: fn(&Ending) -> bool| ended.outcomes.iter().any(|outcome| wanted(&outcome.ending));
        if ended.interrupted {
            Self::Interrupted
        } else if any(|ending| matches!(ending, Ending::Failed(_))) {
            Self::Failed
        } else if any(|ending| matches!(ending, Ending::RolledBack(_))) {
            Self::RolledBack
        } else if any(|ending| matches!(ending, Ending::Unreachable(_))) {
            Self::Unreachable
        } else if any(|ending| matches!(ending, Ending::Locked { .. })) {
            Self::Locked
        } else if any(|ending| matches!(ending, Ending::Drift | Ending::Withheld(_))) {
            Self::Drift
        } else {
            Self::Done
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Drift => 2,
            Self::Failed => 3,
            Self::Unreachable => 4,
            Self::Usage => 5,
            Self::Locked => 6,
            Self::RolledBack => 7,
            Self::Interrupted => 130,
        }
    }
}

impl From<Kind> for Exit {
    /// The code for a command that could not do its work.
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Failed | Kind::Excess => Self::Error,
            Kind::Misuse => Self::Usage,
            Kind::Unreachable => Self::Unreachable,
            Kind::Interrupted => Self::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
