//! What a user should know, and what is waited for, in words.

use super::consent::{destroy, options};
use crate::event::{Note, Remark, Wait};
use crate::generation::utc;
use crate::model::{Verdict, layout};
use crate::probe::Untold;

/// What stopped before old workers of Nginx had let go of it.
const LINGERING: &str = "old workers of Nginx still finish requests after a minute; those that were for what stops now \
                         fail";

/// How many damaged lines are named.
const SHOWN: usize = 3;

/// What is waited for, as a clause that follows a colon.
pub fn wait(wait: &Wait) -> &str {
    match wait {
        Wait::Stopping => {
            "stopping: before the switch the change is undone, after it the change is finished; Ctrl-C again stops \
             waiting"
        }
        Wait::Host(why) => why,
    }
}

/// What the user should know, as a clause that follows a colon.
pub fn note(note: &Note) -> String {
    match note {
        Note::InProgress { holder } => format!("another run is changing this host: {holder}"),
        Note::OnProbation { holder } => format!("the last change can still go back by itself: {holder}"),
        Note::Unsettled { holder, now: false } => {
            format!("a run was cut while it changed this host, and `up` settles that first: {holder}")
        }
        Note::Unsettled { holder, now: true } => {
            format!("a run was cut while it changed this host; that is settled first: {holder}")
        }
        Note::TakenUp { cut, finish } => {
            let how = if *finish { "finished" } else { "rolled back" };
            format!("the transaction was cut {cut}; it is {how} now")
        }
        Note::Paused(point) => format!("paused at {point}"),
        Note::Untold(untold) => told(untold),
        Note::BackTo { generation, began, by } => {
            let when = began.map_or_else(String::new, |began| format!(" of {} UTC", utc(began)));
            let by = by.as_ref().map_or_else(String::new, |by| format!(", by {by}"));
            format!("back to generation {generation}{when}{by}")
        }
        Note::Damaged(lines) => damaged(lines),
        Note::Remark(remark) => remarked(remark),
        Note::NeedsConsent(lost) => format!("consent is needed to {}; {}", destroy(lost), options(lost)),
        Note::TooOld(text) => text.clone(),
    }
}

fn remarked(remark: &Remark) -> String {
    match remark {
        Remark::Lingering => LINGERING.to_owned(),
        Remark::FewConnections { have, need } => format!(
            "Nginx takes {have} connections, and needs {need} once every worker of the apps is busy; raise \
             `worker_connections` in the block events of {}",
            layout::NGINX_MAIN
        ),
        Remark::Reserved { user, path } => {
            let why = if path.is_empty() {
                "it took more than a minute to look for what belongs to it".to_owned()
            } else {
                format!("{path} belongs to it")
            };
            format!("the user `{user}` stays, so that nobody else gets its number: {why}")
        }
        Remark::Rehearsed { app, requests: 0 } => {
            format!("nothing of {app} was rehearsed: no request in its sites' logs could be made again")
        }
        Remark::Rehearsed { app, requests } => {
            let s = if *requests == 1 { "" } else { "s" };
            format!("{app} was rehearsed with {requests} request{s} of its clients, and answered none worse")
        }
        Remark::Alone(app) => {
            format!("memory is too short for a second process of {app}: requests wait while it restarts")
        }
    }
}

fn told(Untold { generation, who, verdict, reason, probation }: &Untold) -> String {
    let how = match verdict {
        Some(Verdict::Committed) => "was completed".to_owned(),
        Some(Verdict::Undone) => format!("was rolled back, because {reason}"),
        Some(Verdict::Refused) => format!("was refused before the switch, because {reason}"),
        Some(Verdict::Failed) => format!("could be neither completed nor rolled back: {reason}"),
        Some(other @ (Verdict::Cancelled | Verdict::Other(_))) => format!("ended as {other}"),
        None => "ended without a result".to_owned(),
    };
    let why = if *probation { "did not stand its probation" } else { "lost its controller" };
    format!("the last change of this host, number {generation} by {who}, {why} and {how}")
}

fn damaged(lines: &[String]) -> String {
    let noun = if lines.len() == 1 { "line" } else { "lines" };
    let first: Vec<String> = lines.iter().take(SHOWN).map(|line| format!("`{line}`")).collect();
    let more = if lines.len() > SHOWN { ", …" } else { "" };
    format!(
        "the ownership record has {} damaged {noun}, and what is named there stays as it is: {}{more}",
        lines.len(),
        first.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(verdict: impl Into<Option<Verdict>>, words: &str) {
        let (who, reason) = ("ann on laptop".to_owned(), "no room".to_owned());
        let untold = Note::Untold(Untold { generation: 7, who, verdict: verdict.into(), reason, probation: false });
        let begin = "the last change of this host, number 7 by ann on laptop, lost its controller and ";
        assert_eq!(note(&untold), format!("{begin}{words}"));
    }

    #[test]
    fn each_end_that_nobody_heard_of_has_words() {
        check(Verdict::Committed, "was completed");
        check(Verdict::Undone, "was rolled back, because no room");
        check(Verdict::Refused, "was refused before the switch, because no room");
        check(Verdict::Failed, "could be neither completed nor rolled back: no room");
        check(Verdict::Cancelled, "ended as cancelled");
        check(Verdict::Other("paused".to_owned()), "ended as paused");
        check(None, "ended without a result");
    }

    #[test]
    fn a_way_back_says_where_it_goes() {
        let to = |began, by: Option<&str>| Note::BackTo { generation: 3, began, by: by.map(str::to_owned) };
        assert_eq!(note(&to(Some(0), Some("ann"))), "back to generation 3 of 1970-01-01 00:00:00 UTC, by ann");
        assert_eq!(note(&to(None, None)), "back to generation 3");
    }

    #[test]
    fn damaged_lines_are_named_and_counted() {
        let lines = |count| Note::Damaged(vec!["file /etc/\u{fffd}".to_owned(); count]);
        let stays = "and what is named there stays as it is: `file /etc/\u{fffd}`";
        assert_eq!(note(&lines(1)), format!("the ownership record has 1 damaged line, {stays}"));
        let four = note(&lines(4));
        assert!(four.starts_with("the ownership record has 4 damaged lines, ") && four.ends_with("`, …"), "{four}");
        assert_eq!(four.matches("file").count(), 3);
    }
}
