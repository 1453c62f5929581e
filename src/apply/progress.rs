//! The lines that a transaction answers with → what happened, in words that are fit to be seen. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::outside::{self, phrase};

/// One thing that happened on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The payload is complete; from here on the host works by itself.
    Received,
    /// A step began.
    Begin {
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        total: usize,
        /// What it does.
        title: String,
    },
    /// A step ended well.
    End(usize),
    /// Something is waited for; a phrase says for what.
    Waiting(String),
    /// Something that the user should know, whatever comes of it.
    Remark(Remark),
    /// Another run holds the lock; who and since when.
    Locked {
        /// Who, and since when.
        holder: String,
        /// Its change is on probation.
        probation: bool,
    },
    /// Everything new serves, and clients decide until then, in seconds since 1970.
    OnProbation(u64),
    /// A transaction of another run was cut, and nobody has taken it up.
    Unfinished,
    /// The host was changed since the plan was made.
    Stale,
    /// Every app was reloaded.
    Reloaded,
    /// The transaction was cut and runs again.
    TakenUp {
        /// It is finished; otherwise undone.
        finish: bool,
        /// Where it was cut, such as `in the step: switch …`.
        cut: String,
    },
    /// A step failed. Its last output, as far as it is fit to be seen.
    Failed {
        /// The step's number; 0 before the first.
        step: usize,
        /// The exit code of the shell.
        code: i32,
        /// The last lines that the step printed.
        output: String,
    },
    /// The way back has begun.
    Undoing,
    /// A step of the way back.
    Undo(String),
    /// A step of the way back failed: what it does, and what it printed.
    UndoFailed {
        /// What it does.
        title: String,
        /// The last lines that it printed.
        output: String,
    },
    /// Everything is what it was, but not every former app answers; which, and how.
    Unwell(String),
    /// What the watch over the sites saw, as JSON.
    Watched(String),
    /// It stands still at a point, as a test asked.
    Paused(String),
    /// It has ended.
    Ended {
        /// How.
        result: Result,
        /// The number of the attempt.
        generation: u32,
    },
}

/// Something that the user should know, whatever comes of the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// What goes is stopped although old workers of Nginx still finish requests.
    Lingering,
    /// Nginx takes fewer connections than its apps may need.
    FewConnections {
        /// All of its workers together.
        have: u64,
        /// Two for each request that all workers of apps serve at once.
        need: u64,
    },
    /// A user stays although no app needs it any more: something on the host is its own.
    Reserved {
        /// The user.
        user: String,
        /// What belongs to it, or some of it; empty where the search took too long.
        path: String,
    },
    /// No second process of this app could be started, so requests wait while it restarts.
    Alone(String),
    /// The new release of this app was asked for what clients have asked lately.
    Rehearsed {
        /// The app.
        app: String,
        /// How many requests there were.
        requests: u16,
    },
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Result {
    /// Everything is new.
    Committed,
    /// A check said no before anything live was touched.
    Refused,
    /// It failed after the switch had begun, or was cut: everything is as it was.
    Undone,
    /// The user asked for an end before the switch.
    Cancelled,
    /// It could not be undone altogether. The next run tries again.
    Failed,
    /// There was none.
    None,
}

impl Result {
    /// Reads the word of a record or a line.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "committed" => Self::Committed,
            "refused" => Self::Refused,
            "undone" => Self::Undone,
            "cancelled" => Self::Cancelled,
            "failed" => Self::Failed,
            "none" => Self::None,
            _ => return None,
        })
    }
}

impl Progress {
    /// Reads one line; `None` for one that is not understood.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.trim_end().split('\t').collect();
        match fields[..] {
            ["received"] => Some(Self::Received),
            ["begin", number, total, title] => {
                Some(Self::Begin { number: number.parse().ok()?, total: total.parse().ok()?, title: phrase(title) })
            }
            ["end", step] => Some(Self::End(step.parse().ok()?)),
            ["waiting", why] => Some(Self::Waiting(phrase(why))),
            ["lingering"] => Some(Self::Remark(Remark::Lingering)),
            ["connections", have, need] => {
                let (have, need) = (have.parse().ok()?, need.parse().ok()?);
                Some(Self::Remark(Remark::FewConnections { have, need }))
            }
            ["reserved", user, path] => Some(Self::Remark(Remark::Reserved { user: phrase(user), path: phrase(path) })),
            ["rehearsed", app, requests] => {
                Some(Self::Remark(Remark::Rehearsed { app: phrase(app), requests: requests.parse().ok()? }))
            }
            ["alone", app] => Some(Self::Remark(Remark::Alone(phrase(app)))),
            // The holder has taken the lock and not signed it yet.
            ["locked"] => Some(Self::Locked { holder: "another run".to_owned(), probation: false }),
            ["locked", holder, ref what @ ..] => {
                Some(Self::Locked { holder: phrase(&text(holder)?), probation: what == ["probation"] })
            }
            ["on-probation", until] => Some(Self::OnProbation(until.parse().ok()?)),
            ["unfinished"] => Some(Self::Unfinished),
            ["stale"] => Some(Self::Stale),
            ["reloaded"] => Some(Self::Reloaded),
            ["taken-up", word @ ("finished" | "undone"), cut] => {
                Some(Self::TakenUp { finish: word == "finished", cut: phrase(cut) })
            }
            ["failed", step, code] => {
                Some(Self::Failed { step: step.parse().ok()?, code: code.parse().ok()?, output: String::new() })
            }
            ["failed", step, code, output] => {
                Some(Self::Failed { step: step.parse().ok()?, code: code.parse().ok()?, output: text(output)? })
            }
            ["undoing"] => Some(Self::Undoing),
            ["undo", title] => Some(Self::Undo(phrase(title))),
            ["undo-failed", title] => Some(Self::UndoFailed { title: phrase(title), output: String::new() }),
            ["undo-failed", title, output] => Some(Self::UndoFailed { title: phrase(title), output: text(output)? }),
            ["unwell", output] => Some(Self::Unwell(text(output)?)),
            ["watched", json] => Some(Self::Watched(String::from_utf8(BASE64.decode(json).ok()?).ok()?)),
            ["paused", point] => Some(Self::Paused(phrase(point))),
            ["ended", result, generation] => {
                Some(Self::Ended { result: Result::parse(result)?, generation: generation.parse().ok()? })
            }
            _ => None,
        }
    }
}

fn text(encoded: &str) -> Option<String> {
    let bytes = BASE64.decode(encoded).ok()?;
    Some(outside::text(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        BASE64.encode(text)
    }

    #[test]
    fn what_an_app_printed_cannot_command_the_terminal() {
        let output = encoded("\u{1b}]0;owned\u{7}\u{9b}31mred\nsecond\tline\n");
        let failed = Progress::parse(&format!("failed\t3\t1\t{output}"));
        let seen = "␛]0;owned␇\u{fffd}31mred\nsecond\tline".to_owned();
        assert_eq!(failed, Some(Progress::Failed { step: 3, code: 1, output: seen.clone() }));
        assert_eq!(Progress::parse(&format!("unwell\t{output}")), Some(Progress::Unwell(seen)));
        let locked = Progress::parse(&format!("locked\t{}", encoded("me\u{1b}[2J\non another\u{202e} machine\n")));
        assert_eq!(
            locked,
            Some(Progress::Locked { probation: false, holder: "me␛[2J on another\u{fffd} machine".to_owned() })
        );
    }

    #[test]
    fn a_title_and_a_complaint_have_a_length() {
        let Some(Progress::Begin { title, .. }) = Progress::parse(&format!("begin\t1\t2\t{}", "x".repeat(1 << 20)))
        else {
            panic!("a step begins");
        };
        assert_eq!(title.chars().count(), outside::PHRASE + 1);
        let long = encoded(&"y".repeat(1 << 20));
        let Some(Progress::Unwell(text)) = Progress::parse(&format!("unwell\t{long}")) else { panic!("a complaint") };
        assert!(text.len() < 2 * outside::TEXT);
    }

    #[test]
    fn lines_that_mean_nothing_are_passed_over() {
        for line in
            ["", "ended", "ended\tcommitted\t-1", "ended\tsurprise\t3", "begin\t1\t2", "failed\tx\t1", "unwell\t%%%"]
        {
            assert_eq!(Progress::parse(line), None, "{line}");
        }
    }
}
