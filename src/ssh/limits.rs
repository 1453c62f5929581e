//! What one host may cost the controller: memory and time. A host that wants more is an error of that host alone.

use std::time::Duration;

use crate::fault::{Fault, Kind};

const MIB: usize = 1024 * 1024;

/// What one answer of a host may cost.
///
/// A run holds one answer of each host that it works on at once, and what it is made into: of a host that tells all
/// that it may, three times [`answer`](Self::answer). Nothing that a host sends makes that more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one line.
    pub line: usize,
    /// Bytes of all lines; standard error may have as many.
    pub answer: usize,
    /// How many lines: each costs more than its bytes once it is understood.
    pub lines: usize,
    /// Bytes that are kept of standard error; the rest is read and dropped.
    pub complaint: usize,
    /// How long a host may say nothing.
    pub silence: Duration,
    /// How long it may take in all; `None` where it may work as long as it says something.
    pub whole: Option<Duration>,
}

impl Limits {
    /// An answer that tells how a host is. Honest ones have some ten thousand bytes and take a part of a second.
    pub const LOOK: Self = Self {
        line: 8 * MIB,
        answer: 16 * MIB,
        lines: 32 * 1024,
        complaint: 64 * 1024,
        silence: Duration::from_secs(60),
        whole: Some(Duration::from_secs(120)),
    };

    /// The report of a change, which may take as long as its steps take. The host goes on by itself if nobody listens
    /// to it, so giving up costs nothing but the knowledge how it ended.
    pub const CHANGE: Self = Self { silence: Duration::from_secs(60 * 60), whole: None, ..Self::LOOK };

    /// With so much more time, for what the host was asked to wait for.
    #[must_use]
    pub fn and(self, more: Duration) -> Self {
        Self { silence: self.silence + more, whole: self.whole.map(|whole| whole + more), ..self }
    }
}

/// A host wanted more than it may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    /// A line without an end.
    #[error("the host answered a line of more than {}", size(*.0))]
    Line(usize),
    /// An answer without an end.
    #[error("the host answered more than {}", size(*.0))]
    Answer(usize),
    /// Lines without an end.
    #[error("the host answered more than {} lines", .0)]
    Lines(usize),
    /// It says nothing.
    #[error("the host said nothing for {} seconds", .0.as_secs())]
    Silence(Duration),
    /// It comes to no end.
    #[error("the host did not finish within {} seconds", .0.as_secs())]
    Time(Duration),
}

impl From<Excess> for Fault {
    fn from(excess: Excess) -> Self {
        let hint = match excess {
            Excess::Line(_) | Excess::Answer(_) | Excess::Lines(_) => {
                "an honest answer is far smaller, so nothing of it was used; see who else is root on the host, and \
                 what `sudo bash -c true` prints there"
            }
            Excess::Silence(_) | Excess::Time(_) => {
                "see whether it is overloaded, or one of its disks or its service manager hangs: `uptime` and \
                 `systemctl status` on the host"
            }
        };
        Self::of(Kind::Excess, excess.to_string()).hint(hint)
    }
}

fn size(bytes: usize) -> String {
    if bytes >= MIB { format!("{} MiB", bytes / MIB) } else { format!("{bytes} bytes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excess_says_what_was_too_much_and_what_to_do() {
        let check = |excess: Excess, message: &str, hint: &str| {
            let fault = Fault::from(excess);
            assert_eq!((fault.kind, fault.message.as_str()), (Kind::Excess, message));
            assert!(fault.hints[0].contains(hint), "{fault:?}");
        };
        check(Excess::Answer(Limits::LOOK.answer), "the host answered more than 16 MiB", "is far smaller");
        check(Excess::Silence(Limits::LOOK.silence), "the host said nothing for 60 seconds", "is overloaded");
    }

    #[test]
    fn what_the_host_waits_for_is_waited_for_here() {
        let longer = Limits::LOOK.and(Duration::from_secs(5));
        assert_eq!((longer.silence.as_secs(), longer.whole), (65, Some(Duration::from_secs(125))));
        assert_eq!(Limits::CHANGE.and(Duration::from_secs(5)).whole, None);
    }
}
