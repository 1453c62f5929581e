//! What a transaction reported → how it ended and where the host stands. Pure.

use super::seen::Seen;
use crate::apply::{EndResult, Progress, Step};
use crate::event::{Cause, During, Ending, Failure, Standing, What};
use crate::model::AppName;

/// How a transaction of these steps, as far as this run knows them, ended.
pub fn ending(steps: &[Step], seen: Seen) -> Ending {
    match &seen.last {
        Some(Progress::Locked { holder, probation }) => {
            Ending::Locked { holder: holder.clone(), probation: *probation }
        }
        Some(Progress::OnProbation(until)) => Ending::OnProbation(*until),
        Some(Progress::Unfinished) => Ending::Failed(Failure {
            what: What::Unfinished,
            output: String::new(),
            cause: None,
            standing: Standing::UntouchedByUs,
        }),
        Some(Progress::Ended { result, generation }) => match result {
            EndResult::Committed | EndResult::None if seen.failed.is_none() => Ending::Changed,
            EndResult::Cancelled => Ending::Interrupted(Standing::Stopped { commands: commands(steps, seen.begun) }),
            result => failed(steps, &seen, *result, *generation),
        },
        _ => lost(seen),
    }
}

/// A step said no. Where the host stands depends on how far it had come.
fn failed(steps: &[Step], seen: &Seen, result: EndResult, generation: u32) -> Ending {
    let (number, output) = seen.failed.clone().unwrap_or_default();
    let commands = commands(steps, seen.begun);
    let standing = match result {
        EndResult::Refused => {
            Standing::Refused { shared_packages: steps.iter().take(number).any(Step::is_shared), commands }
        }
        EndResult::Undone => Standing::RolledBack {
            generation,
            unwell: seen.unwell.clone(),
            not_undone: seen.undo_failed.clone(),
            commands,
        },
        EndResult::Failed => Standing::HalfRolledBack(seen.undo_failed.clone()),
        EndResult::Committed | EndResult::None | EndResult::Cancelled => Standing::NotCleared,
    };
    let what = match (steps.get(number.wrapping_sub(1)), &seen.cut) {
        (_, Some(cut)) if seen.failed.is_none() => What::Cut(cut.clone()),
        (Some(step), _) => What::Step(step.failure()),
        (None, _) => What::NotBegun,
    };
    let undoing = seen.undo_failed.iter().map(|(_, output)| output.as_str());
    let cause = cause([output.as_str()].into_iter().chain(undoing));
    let back = result == EndResult::Undone && seen.undo_failed.is_empty() && seen.unwell.is_none();
    let failure = Failure { what, output, cause, standing };
    if back { Ending::RolledBack(failure) } else { Ending::Failed(failure) }
}

/// The answer broke off.
fn lost(seen: Seen) -> Ending {
    let by = seen.loss();
    let (what, output, standing) = match (seen.received, seen.failed) {
        (true, Some((0, output))) => (What::EndedEarly, output, Standing::Cut),
        (true, _) => (What::Lost { by, during: During::Changing(seen.at) }, seen.complaint, Standing::GoesOn),
        (false, Some((_, output))) => (What::NotReceived, output, Standing::Untouched),
        (false, None) => (What::Lost { by, during: During::Receiving }, seen.complaint, Standing::Untouched),
    };
    // What the host goes on doing is not over.
    let cause = if seen.received { None } else { cause([output.as_str()]) };
    Ending::Failed(Failure { what, output, cause, standing })
}

/// Nobody could begin to settle a transaction that was cut.
pub fn not_taken_up(seen: Seen) -> Ending {
    let by = seen.loss();
    let (what, output) = match seen.failed {
        Some((_, output)) => (What::NotTakenUp, output),
        None => (What::Lost { by, during: During::Settling }, seen.complaint),
    };
    let cause = cause([output.as_str()]);
    Ending::Failed(Failure { what, output, cause, standing: Standing::Unsettled })
}

/// The apps whose release command is among the steps that have begun: no way back undoes what it has done by itself.
fn commands(steps: &[Step], begun: usize) -> Vec<AppName> {
    steps.iter().take(begun).filter_map(Step::release_command_of).cloned().collect()
}

/// What lies behind complaints that name no remedy. The one place where words decide: they are the kernel's, which any
/// program on a host may pass on, and nothing else passes on what they mean.
fn cause<'a>(complaints: impl IntoIterator<Item = &'a str>) -> Option<Cause> {
    complaints.into_iter().find_map(|complaint| {
        if complaint.contains("No space left on device") {
            Some(Cause::DiskFull)
        } else if complaint.contains("Read-only file system") {
            Some(Cause::ReadOnly)
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::apply::{Call, Hashes, Method};
    use crate::event::Loss;

    fn ended(result: EndResult) -> Seen {
        Seen { received: true, begun: 2, last: Some(Progress::Ended { result, generation: 7 }), ..Seen::default() }
    }

    /// Packages that apps share, a release command, and something else.
    fn steps() -> [Step; 3] {
        let step = |title: &str, call| Step { title: title.to_owned(), call, live: false };
        let id = "0123456789ab".to_owned();
        let install = Call::InstallPython {
            method: Method::System,
            app: blue(),
            id: id.clone(),
            runtime: String::new(),
            mark: "0".repeat(64).parse().unwrap(),
            requirements: None,
            hashes: Hashes::Free,
            specifiers: vec![],
        };
        let user = "blue".parse().unwrap();
        let command = Call::RunReleaseCommand { app: blue(), user, id, number: 0, limit: Duration::from_secs(1) };
        [step("install", install), step("run the command", command), step("switch the link", Call::DiscardFormer)]
    }

    fn blue() -> AppName {
        "blue".parse().unwrap()
    }

    fn failure(what: What, output: &str, standing: Standing) -> Failure {
        Failure { what, output: output.to_owned(), cause: None, standing }
    }

    fn back(unwell: Option<&str>, not_undone: &[(String, String)]) -> Standing {
        let unwell = unwell.map(ToOwned::to_owned);
        Standing::RolledBack { generation: 7, unwell, not_undone: not_undone.to_vec(), commands: vec![blue()] }
    }

    #[track_caller]
    fn check(seen: Seen, expected: Ending) {
        assert_eq!(ending(&steps(), seen), expected);
    }

    #[test]
    fn what_was_reported_decides_how_it_ended() {
        check(ended(EndResult::Committed), Ending::Changed);
        check(ended(EndResult::None), Ending::Changed);
        check(ended(EndResult::Cancelled), Ending::Interrupted(Standing::Stopped { commands: vec![blue()] }));
        let refused = |shared_packages| Standing::Refused { shared_packages, commands: vec![blue()] };
        let half = || Standing::HalfRolledBack(vec![]);
        let table = [
            (EndResult::Refused, 0, What::NotBegun, refused(false)),
            (EndResult::Refused, 2, What::Step(steps()[1].failure()), refused(true)),
            (EndResult::Committed, 3, What::Step(steps()[2].failure()), Standing::NotCleared),
            (EndResult::None, 3, What::Step(steps()[2].failure()), Standing::NotCleared),
            (EndResult::Failed, 3, What::Step(steps()[2].failure()), half()),
        ];
        for (result, step, what, standing) in table {
            let seen = Seen { failed: Some((step, "its words".to_owned())), ..ended(result) };
            check(seen, Ending::Failed(failure(what, "its words", standing)));
        }
        let seen = Seen { failed: Some((3, "its words".to_owned())), ..ended(EndResult::Undone) };
        let what = What::Step(steps()[2].failure());
        check(seen, Ending::RolledBack(failure(what, "its words", back(None, &[]))));
        let seen = Seen { cut: Some("by a restart".to_owned()), ..ended(EndResult::Undone) };
        check(seen, Ending::RolledBack(failure(What::Cut("by a restart".to_owned()), "", back(None, &[]))));
    }

    #[test]
    fn a_way_back_that_is_not_whole_is_no_rollback() {
        let undo = [("stop blue.service".to_owned(), "timeout".to_owned())];
        let seen = Seen { undo_failed: undo.to_vec(), ..ended(EndResult::Undone) };
        check(seen, Ending::Failed(failure(What::NotBegun, "", back(None, &undo))));
        let seen = Seen { unwell: Some("blue answered 500".to_owned()), ..ended(EndResult::Undone) };
        check(seen, Ending::Failed(failure(What::NotBegun, "", back(Some("blue answered 500"), &[]))));
    }

    #[test]
    fn an_answer_that_breaks_off_says_what_the_host_does_now() {
        let lost = |by, during| What::Lost { by, during };
        let connection = Loss::Connection;
        check(Seen::default(), Ending::Failed(failure(lost(connection, During::Receiving), "", Standing::Untouched)));
        check(
            Seen { given_up: true, ..Seen::default() },
            Ending::Failed(failure(lost(Loss::Excess, During::Receiving), "", Standing::Untouched)),
        );
        check(
            Seen { failed: Some((0, "tar".to_owned())), ..Seen::default() },
            Ending::Failed(failure(What::NotReceived, "tar", Standing::Untouched)),
        );
        let at = Some("switch the link".to_owned());
        check(
            Seen { received: true, at: at.clone(), ..Seen::default() },
            Ending::Failed(failure(lost(connection, During::Changing(at)), "", Standing::GoesOn)),
        );
        check(
            Seen { received: true, failed: Some((0, String::new())), ..Seen::default() },
            Ending::Failed(failure(What::EndedEarly, "", Standing::Cut)),
        );
        let settling = failure(lost(connection, During::Settling), "", Standing::Unsettled);
        assert_eq!(not_taken_up(Seen::default()), Ending::Failed(settling));
    }

    #[test]
    fn others_at_work_are_told_apart() {
        let last = |progress| Seen { last: Some(progress), ..Seen::default() };
        let holder = || "ann".to_owned();
        let locked = |probation| Progress::Locked { holder: holder(), probation };
        check(last(locked(false)), Ending::Locked { holder: holder(), probation: false });
        check(last(locked(true)), Ending::Locked { holder: holder(), probation: true });
        check(last(Progress::OnProbation(9)), Ending::OnProbation(9));
        let unfinished = failure(What::Unfinished, "", Standing::UntouchedByUs);
        check(last(Progress::Unfinished), Ending::Failed(unfinished));
    }

    #[test]
    fn the_kernel_says_what_lies_behind() {
        assert_eq!(cause(["cp: x: No space left on device"]), Some(Cause::DiskFull));
        assert_eq!(cause(["", "mkdir: Read-only file system"]), Some(Cause::ReadOnly));
        assert_eq!(cause(["a bug"]), None);
    }
}
