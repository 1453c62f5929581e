//! What a transaction reported → how it ended, where the host stands, and what to do. Pure.

use super::seen::Seen;
use crate::apply::{EndResult, Progress, Step};
use crate::event::{Ending, Failure};
use crate::model::{AppName, HostName, layout};

/// Judges one transaction.
pub struct Verdict<'a> {
    /// The host.
    pub host: &'a HostName,
    /// The steps of the transaction, as far as this run knows them.
    pub steps: &'a [Step],
}

impl Verdict<'_> {
    /// How it ended.
    pub fn ending(&self, seen: Seen) -> Ending {
        match &seen.last {
            Some(Progress::Locked(holder)) => Ending::Locked(holder.clone()),
            Some(Progress::Unfinished) => Ending::Failed(Failure {
                message: "a transaction was cut on this host just now".to_owned(),
                standing: "nothing was changed by this run".to_owned(),
                hints: vec![format!("run `provision up {}` again: it settles that first", self.host)],
                ..Failure::default()
            }),
            Some(Progress::Ended { result, generation }) => match result {
                EndResult::Committed | EndResult::None if seen.failed.is_none() => Ending::Changed,
                EndResult::Cancelled => {
                    let standing = "stopped before the switch: nothing live was changed";
                    Ending::Interrupted(format!("{standing}{}", not_undone(self.steps, seen.begun)))
                }
                result => self.failed(&seen, *result, *generation),
            },
            _ => self.lost(seen),
        }
    }

    /// A step said no. Where the host stands depends on how far it had come.
    fn failed(&self, seen: &Seen, result: EndResult, generation: u32) -> Ending {
        let host = self.host;
        let (number, output) = seen.failed.clone().unwrap_or_default();
        let mut failure = Failure { message: message(self.steps, number, seen), output, ..Failure::default() };
        let shared = self.steps.iter().take(number).any(Step::is_shared);
        match result {
            EndResult::Refused => {
                failure.standing = "refused before the switch: live services were not touched".to_owned();
                failure.hints = vec![format!("fix the problem shown above, and run `provision up {host}` again")];
                if shared {
                    failure
                        .standing
                        .push_str(", but the host's Python packages, which all its apps share, may be the new ones");
                    failure
                        .hints
                        .push("`python: { install: venv }` gives every release packages of its own".to_owned());
                }
            }
            EndResult::Undone => {
                failure.standing = "rolled back: code, configuration, units and links are what they were".to_owned();
                if let Some(unwell) = &seen.unwell {
                    failure.standing.push_str(&format!(
                        "; but not every former app answers: {}",
                        unwell.lines().next().unwrap_or_default()
                    ));
                }
                if !seen.undo_failed.is_empty() {
                    failure.standing.push_str(&format!("; but what runs may not be: {}", seen.undo_failed()));
                }
                let mend = if seen.failed.is_some() { "fix the problem shown above, and " } else { "" };
                failure.hints = vec![format!(
                    "{mend}run `provision up {host}` again; `provision history {host}` has this attempt as number \
                     {generation}"
                )];
            }
            EndResult::Failed => {
                failure.standing = format!("rolled back only in part: {}", seen.undo_failed());
                failure.hints = vec![format!(
                    "the next `provision up {host}`, or a restart of the host, tries to roll back again; its journal \
                     lies in {}",
                    layout::TRANSACTION.as_str()
                )];
            }
            EndResult::Committed | EndResult::None | EndResult::Cancelled => {
                failure.standing =
                    "the new state is live and healthy, and what was to be removed is not all gone".to_owned();
                failure.hints = vec![format!("the next `provision up {host}` tries again")];
            }
        }
        if matches!(result, EndResult::Refused | EndResult::Undone) {
            failure.standing.push_str(&not_undone(self.steps, seen.begun));
        }
        let evidence = format!("{}{}", failure.output, seen.undo_failed());
        failure.hints.splice(0..0, cause(host, &evidence));
        let back = result == EndResult::Undone && seen.undo_failed.is_empty() && seen.unwell.is_none();
        if back { Ending::RolledBack(failure) } else { Ending::Failed(failure) }
    }

    /// The answer broke off.
    fn lost(&self, seen: Seen) -> Ending {
        let host = self.host;
        if let (true, Some((0, output))) = (seen.received, &seen.failed) {
            return Ending::Failed(Failure {
                message: "the transaction ended early".to_owned(),
                output: output.clone(),
                standing: format!(
                    "cut: the next `provision up {host}`, or a restart of the host, undoes or finishes it"
                ),
                hints: vec![format!("`provision check {host}` says where it stands")],
            });
        }
        if seen.received {
            return Ending::Failed(Failure {
                message: {
                    let at = seen.at.as_ref().map_or_else(String::new, |title| format!(", in the step: {title}"));
                    format!("{} while the host was being changed{at}", seen.how_it_was_lost())
                },
                output: seen.complaint,
                standing: "the host goes on by itself, to the end or back to where it was".to_owned(),
                hints: vec![format!("`provision check {host}` says how it ended")],
            });
        }
        let (output, message) = match seen.failed.clone() {
            Some((_, output)) => (output, "the host could not take the payload".to_owned()),
            None => (seen.complaint.clone(), format!("{} before the host had the payload", seen.how_it_was_lost())),
        };
        match self.failed(&Seen { failed: Some((0, output)), ..seen }, EndResult::Refused, 0) {
            Ending::Failed(failure) => {
                Ending::Failed(Failure { message, standing: "nothing was changed".to_owned(), ..failure })
            }
            other => other,
        }
    }

    /// Nobody could begin to settle a transaction that was cut.
    pub fn not_taken_up(&self, seen: Seen) -> Ending {
        let host = self.host;
        let (message, output) = match seen.failed.clone() {
            Some((_, output)) => ("the transaction that was cut here could not be taken up again".to_owned(), output),
            None => {
                let message =
                    format!("{} while the host settled a transaction that was cut before", seen.how_it_was_lost());
                (message, seen.complaint)
            }
        };
        let again = format!("run `provision up {host}` again: it settles that first");
        let hints = cause(host, &output).into_iter().chain([again]).collect();
        let standing = "the host is as that transaction left it, unless it goes on by itself".to_owned();
        Ending::Failed(Failure { message, output, standing, hints })
    }
}

/// What no way back brings back of the steps that have begun, as a clause; nothing, most often.
fn not_undone(steps: &[Step], begun: usize) -> String {
    let apps: Vec<_> = steps.iter().take(begun).filter_map(Step::release_command_of).map(AppName::as_str).collect();
    if apps.is_empty() {
        return String::new();
    }
    format!("; what the release command of `{}` has done by itself is not undone", apps.join("`, `"))
}

/// What lies behind complaints that name no remedy.
fn cause(host: &HostName, evidence: &str) -> Option<String> {
    if evidence.contains("No space left on device") {
        Some(format!("a disk of {host} is full, and `df -h` there says which"))
    } else if evidence.contains("Read-only file system") {
        Some(format!("a file system of {host} is read-only, often after a disk error, and `dmesg` there may say why"))
    } else {
        None
    }
}

fn message(steps: &[Step], number: usize, seen: &Seen) -> String {
    match (steps.get(number.wrapping_sub(1)), &seen.cut) {
        (_, Some(cut)) if seen.failed.is_none() => format!("the transaction was cut {cut}"),
        (Some(step), _) => step.failure(),
        (None, _) => "the transaction could not begin".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::apply::{Call, Hashes, Method};

    fn ended(result: EndResult) -> Seen {
        Seen { received: true, begun: 2, last: Some(Progress::Ended { result, generation: 7 }), ..Seen::default() }
    }

    fn with(mut seen: Seen, change: impl FnOnce(&mut Seen)) -> Seen {
        change(&mut seen);
        seen
    }

    /// The kind of the ending, then its message and the host's state, which must contain `words`.
    #[track_caller]
    fn check(seen: Seen, kind: &str, words: &[&str]) {
        let host = "web-01".parse().unwrap();
        let step = |title: &str, call| Step { title: title.to_owned(), call, live: false };
        let (app, id): (AppName, _) = ("blue".parse().unwrap(), "0123456789ab".to_owned());
        let install = Call::InstallPython {
            method: Method::System,
            app: app.clone(),
            id: id.clone(),
            mark: "0".repeat(64).parse().unwrap(),
            requirements: None,
            hashes: Hashes::Free,
            specifiers: vec![],
        };
        let user = "blue".parse().unwrap();
        let command = Call::RunReleaseCommand { app, user, id, number: 0, limit: Duration::from_secs(1) };
        let steps =
            [step("install", install), step("run the command", command), step("switch the link", Call::DiscardFormer)];
        let ending = Verdict { host: &host, steps: &steps }.ending(seen);
        let (found, failure) = match ending {
            Ending::Changed => ("changed", Failure::default()),
            Ending::Failed(failure) => ("failed", failure),
            Ending::RolledBack(failure) => ("rolled back", failure),
            Ending::Locked(holder) => ("locked", Failure { message: holder, ..Failure::default() }),
            Ending::Interrupted(standing) => ("interrupted", Failure { standing, ..Failure::default() }),
            Ending::InSync | Ending::Drift | Ending::Unreachable { .. } => ("another", Failure::default()),
        };
        let text = format!("{}; {}; {}", failure.message, failure.standing, failure.hints.join("; "));
        assert_eq!(found, kind, "{text}");
        for word in words {
            assert!(text.contains(word), "{word} is not in: {text}");
        }
    }

    #[test]
    fn what_was_reported_decides_how_it_ended() {
        check(ended(EndResult::Committed), "changed", &[]);
        let failed = |result, step| with(ended(result), |seen| seen.failed = Some((step, "its words".to_owned())));
        check(
            failed(EndResult::Refused, 2),
            "failed",
            &["`blue` failed", "not touched", "Python packages", "is not undone"],
        );
        check(failed(EndResult::Undone, 3), "rolled back", &["failed to switch the link", "rolled back:", "number 7"]);
        check(failed(EndResult::Committed, 3), "failed", &["is live and healthy", "not all gone"]);
        check(failed(EndResult::Failed, 3), "failed", &["rolled back only in part", "journal"]);
        let no_room =
            |result| with(ended(result), |seen| seen.failed = Some((3, "No space left on device".to_owned())));
        check(no_room(EndResult::Undone), "rolled back", &["a disk of web-01 is full"]);
        check(ended(EndResult::Cancelled), "interrupted", &["nothing live was changed", "of `blue` has done"]);
    }

    #[test]
    fn a_way_back_that_is_not_whole_is_no_rollback() {
        let undo = ("stop blue.service".to_owned(), "timeout".to_owned());
        check(
            with(ended(EndResult::Undone), |seen| seen.undo_failed.push(undo)),
            "failed",
            &["stop blue.service (timeout)"],
        );
        let unwell = with(ended(EndResult::Undone), |seen| seen.unwell = Some("blue answered 500".to_owned()));
        check(unwell, "failed", &["not every former app answers: blue answered 500"]);
    }

    #[test]
    fn an_answer_that_breaks_off_says_what_the_host_does_now() {
        check(
            Seen::default(),
            "failed",
            &["the connection was cut before the host had the payload", "nothing was changed"],
        );
        let given_up = Seen { given_up: true, ..Seen::default() };
        check(given_up, "failed", &["the host was no longer listened to before"]);
        let received = Seen { received: true, at: Some("switch the link".to_owned()), ..Seen::default() };
        check(received, "failed", &["in the step: switch the link", "the host goes on by itself"]);
        let early = Seen { received: true, failed: Some((0, String::new())), ..Seen::default() };
        check(early, "failed", &["ended early", "undoes or finishes it"]);
    }

    #[test]
    fn others_at_work_are_told_apart() {
        let last = |progress| Seen { last: Some(progress), ..Seen::default() };
        check(last(Progress::Locked("ann".to_owned())), "locked", &["ann"]);
        check(last(Progress::Unfinished), "failed", &["was cut on this host just now", "settles that first"]);
    }
}
