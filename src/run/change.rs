//! The change of one host: a transaction is handed over and followed, or one that was cut is taken up.

use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::Result;

use super::shared::Shared;
use crate::apply::{self, EndResult, Progress, Record, Step, Transaction};
use crate::desired::Desired;
use crate::event::{Ending, EventKind, Failure};
use crate::generation::Kept;
use crate::mask::Mask;
use crate::model::HostName;
use crate::plan::Plan;
use crate::ssh::{Conversation, Excess, Limits, Script, Session};

/// What became of an attempt to change a host.
pub enum Attempted {
    /// It ended.
    Ended(Ending),
    /// The host is no longer what the plan was made from: another run was at work since. Look again.
    Stale,
}

/// One host that is being changed.
pub struct Change<'a> {
    /// The host.
    pub host: &'a HostName,
    /// What all hosts of a run have in common.
    pub shared: &'a Shared<'a>,
    /// Where events go.
    pub emit: &'a dyn Fn(EventKind),
}

impl Change<'_> {
    /// Carries out `plan`, which was made when the host's history had `attempts` entries.
    ///
    /// # Errors
    /// When the code of a release cannot be read any more.
    pub async fn make(
        &self,
        session: &Session,
        desired: &Desired,
        plan: &Plan,
        goal: String,
        attempts: u32,
    ) -> Result<Attempted> {
        let Shared { who, lock_wait, pause, options, inventory, .. } = self.shared;
        let Transaction { steps, mut payload } = apply::transaction(desired, plan, *options);
        let record =
            Record { who: who.clone(), inventory: inventory.name.clone(), digest: inventory.digest.clone(), goal };
        payload.script = apply::script(&steps, pause.as_deref());
        payload.record = record.lines(plan);
        let kept = Kept::of(desired);
        (payload.desired, payload.secrets) = (kept.json, kept.secrets);
        payload.mask = Mask::over(desired).to_json();
        let payload = payload.archive()?;
        let script = apply::hand_over(who, *lock_wait, payload.len(), attempts, pause.as_deref());
        let seen = self.follow(session, &script, &payload).await;
        Ok(match seen {
            Ok(Seen { last: Some(Progress::Stale), .. }) => Attempted::Stale,
            Ok(seen) => Attempted::Ended(self.ending(&steps, seen)),
            Err(interrupted) => Attempted::Ended(interrupted),
        })
    }

    /// Lets the host undo or finish a transaction that was cut, or waits for one that is at work. `None`: there is nothing
    /// left of it.
    pub async fn take_up(&self, session: &Session) -> Option<Ending> {
        let script = apply::take_up(&self.shared.who, self.shared.lock_wait);
        let seen = match self.follow(session, &script, &[]).await {
            Ok(seen) => seen,
            Err(interrupted) => return Some(interrupted),
        };
        match &seen.last {
            Some(Progress::Ended { result, .. }) if *result != EndResult::Failed => None,
            Some(Progress::Ended { .. } | Progress::Locked(_)) => Some(self.ending(&[], seen)),
            _ => Some(self.not_taken_up(seen)),
        }
    }

    /// Nobody could begin to settle a transaction that was cut.
    fn not_taken_up(&self, seen: Seen) -> Ending {
        let host = self.host;
        let (message, output) = match seen.failed.clone() {
            Some((_, output)) => ("the transaction that was cut here could not be taken up again".to_owned(), output),
            None => {
                let message =
                    format!("{} while the host settled a transaction that was cut before", seen.how_it_was_lost());
                (message, seen.complaint)
            }
        };
        let mut help = format!("run `provision up {host}` again: it settles that first");
        if let Some(cause) = cause(host, &output) {
            help = format!("{cause}; then {help}");
        }
        let standing = "the host is as that transaction left it, unless it goes on by itself".to_owned();
        Ending::Failed(Failure { message, output, standing, help: Some(help) })
    }

    async fn follow(&self, session: &Session, text: &str, payload: &[u8]) -> Result<Seen, Ending> {
        let interrupt = &self.shared.interrupt;
        let limits = Limits::CHANGE.and(self.shared.lock_wait);
        let script = Script { text, payload, limits };
        let mut follower =
            Follower { emit: self.emit, bytes: payload.len(), began: Instant::now(), seen: Seen::default() };
        let asked = async {
            interrupt.first().await;
            let what = "stopping: what is not switched yet stays as it is, what is comes to its end; \
                        Ctrl-C again leaves the host to itself";
            (self.emit)(EventKind::Waiting(what.to_owned()));
            "cancel\n".to_owned()
        };
        let run =
            session.converse(script, Conversation { later: asked, farewell: "seen\n" }, |line| follower.line(line));
        let ended = tokio::select! {
            ended = run => ended,
            () = interrupt.second() => {
                let standing = "left while it was being changed: it goes on by itself, and the next run says how it ended";
                return Err(Ending::Interrupted(standing.to_owned()));
            }
        };
        let mut seen = follower.seen;
        match ended {
            Ok(ended) => seen.complaint = ended.stderr,
            Err(error) => {
                seen.given_up = error.is::<Excess>();
                seen.complaint = format!("{error:#}").split("\nhelp: ").next().unwrap_or_default().to_owned();
            }
        }
        Ok(seen)
    }

    fn ending(&self, steps: &[Step], seen: Seen) -> Ending {
        match &seen.last {
            Some(Progress::Locked(holder)) => Ending::Locked(holder.clone()),
            Some(Progress::Unfinished) => Ending::Failed(Failure {
                message: "a transaction was cut on this host just now".to_owned(),
                standing: "nothing was changed by this run".to_owned(),
                help: Some(format!("run `provision up {}` again: it settles that first", self.host)),
                ..Failure::default()
            }),
            Some(Progress::Ended { result, generation }) => match result {
                EndResult::Committed | EndResult::None if seen.failed.is_none() => Ending::Changed,
                EndResult::Cancelled => {
                    let standing = "stopped before the switch: nothing live was changed";
                    Ending::Interrupted(format!("{standing}{}", not_undone(steps, seen.begun)))
                }
                result => self.failed(steps, &seen, *result, *generation),
            },
            _ => self.lost(steps, seen),
        }
    }

    /// A step said no. Where the host stands depends on how far it had come.
    fn failed(&self, steps: &[Step], seen: &Seen, result: EndResult, generation: u32) -> Ending {
        let host = self.host;
        let (number, output) = seen.failed.clone().unwrap_or_default();
        let mut failure = Failure { message: message(steps, number, seen), output, ..Failure::default() };
        let shared = steps.iter().take(number).any(Step::is_shared);
        match result {
            EndResult::Refused => {
                failure.standing = "refused before the switch: what was live goes on as it was".to_owned();
                failure.help = Some(format!("mend what the lines above show, and run `provision up {host}` again"));
                if shared {
                    failure
                        .standing
                        .push_str(", but the host's Python packages, which all its apps share, may be the new ones");
                    if let Some(help) = &mut failure.help {
                        help.push_str("; `python: { install: venv }` gives every release packages of its own");
                    }
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
                let mend = if seen.failed.is_some() { "mend what the lines above show, and " } else { "" };
                failure.help = Some(format!(
                    "{mend}run `provision up {host}` again; `provision history {host}` has this attempt as number {generation}"
                ));
            }
            EndResult::Failed => {
                failure.standing = format!("not rolled back altogether: {}", seen.undo_failed());
                failure.help = Some(format!(
                    "the next `provision up {host}`, or a restart of the host, tries to roll back again; its journal lies \
                     in /var/lib/provision/transaction"
                ));
            }
            EndResult::Committed | EndResult::None | EndResult::Cancelled => {
                failure.standing =
                    "everything new is live and works; what was to go could not be cleared away".to_owned();
                failure.help = Some(format!("the next `provision up {host}` tries again"));
            }
        }
        if matches!(result, EndResult::Refused | EndResult::Undone) {
            failure.standing.push_str(&not_undone(steps, seen.begun));
        }
        let evidence = format!("{}{}", failure.output, seen.undo_failed());
        if let (Some(cause), Some(help)) = (cause(host, &evidence), &mut failure.help) {
            *help = format!("{cause}; {help}");
        }
        let back = result == EndResult::Undone && seen.undo_failed.is_empty() && seen.unwell.is_none();
        if back { Ending::RolledBack(failure) } else { Ending::Failed(failure) }
    }

    /// The answer broke off.
    fn lost(&self, steps: &[Step], seen: Seen) -> Ending {
        let host = self.host;
        if let (true, Some((0, output))) = (seen.received, &seen.failed) {
            return Ending::Failed(Failure {
                message: "the transaction ended early".to_owned(),
                output: output.clone(),
                standing: format!(
                    "cut: the next `provision up {host}`, or a restart of the host, undoes or finishes it"
                ),
                help: Some(format!("`provision check {host}` says where it stands")),
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
                help: Some(format!("`provision check {host}` says how it ended")),
            });
        }
        let (output, message) = match seen.failed.clone() {
            Some((_, output)) => (output, "the host could not take the payload".to_owned()),
            None => (seen.complaint.clone(), format!("{} before the host had the payload", seen.how_it_was_lost())),
        };
        match self.failed(steps, &Seen { failed: Some((0, output)), ..seen }, EndResult::Refused, 0) {
            Ending::Failed(failure) => {
                Ending::Failed(Failure { message, standing: "nothing was changed".to_owned(), ..failure })
            }
            other => other,
        }
    }
}

/// What no way back brings back of the steps that have begun, as a clause; nothing, most often.
fn not_undone(steps: &[Step], begun: usize) -> String {
    let apps: Vec<_> = steps.iter().take(begun).filter_map(Step::release_command_of).collect();
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

/// What a transaction has reported so far.
#[derive(Default)]
struct Seen {
    received: bool,
    /// How many steps have begun.
    begun: usize,
    at: Option<String>,
    failed: Option<(usize, String)>,
    undo_failed: Vec<(String, String)>,
    unwell: Option<String>,
    cut: Option<String>,
    last: Option<Progress>,
    /// What the remote command printed on standard error.
    complaint: String,
    /// The host wanted to report more than it may.
    given_up: bool,
}

impl Seen {
    fn how_it_was_lost(&self) -> &'static str {
        if self.given_up { "the host was no longer listened to" } else { "the connection was cut" }
    }

    fn undo_failed(&self) -> String {
        let each = self.undo_failed.iter().map(|(title, output)| format!("{title} ({})", output.replace('\n', "; ")));
        each.collect::<Vec<_>>().join(", ")
    }
}

/// Follows the answers of a transaction.
struct Follower<'a> {
    emit: &'a dyn Fn(EventKind),
    bytes: usize,
    began: Instant,
    seen: Seen,
}

impl Follower<'_> {
    fn line(&mut self, line: &str) -> ControlFlow<()> {
        let Some(progress) = Progress::parse(line) else { return ControlFlow::Continue(()) };
        let seen = &mut self.seen;
        match &progress {
            Progress::Received => {
                seen.received = true;
                (self.emit)(EventKind::Received { bytes: self.bytes });
            }
            Progress::Begin { number, total, title } => {
                self.began = Instant::now();
                seen.begun = *number;
                seen.at = Some(title.clone());
                (self.emit)(EventKind::StepBegan { number: *number, total: *total, title: title.clone() });
            }
            Progress::End(_) => {
                let title = seen.at.clone().unwrap_or_default();
                (self.emit)(EventKind::StepEnded { title, took: self.began.elapsed() });
            }
            Progress::Waiting(why) => (self.emit)(EventKind::Waiting(why.clone())),
            Progress::TakenUp { finish, cut } => {
                seen.cut = Some(cut.clone());
                let how = if *finish { "finished" } else { "rolled back" };
                (self.emit)(EventKind::Note(format!("the transaction was cut {cut}; it is {how} now")));
            }
            Progress::Failed { step, output, .. } => seen.failed = Some((*step, output.clone())),
            Progress::Undoing => (self.emit)(EventKind::Undoing),
            Progress::Undo(title) => (self.emit)(EventKind::Undo(title.clone())),
            Progress::UndoFailed { title, output } => seen.undo_failed.push((title.clone(), output.clone())),
            Progress::Unwell(output) => seen.unwell = Some(output.clone()),
            // Figures alone: see the type.
            Progress::Watched(json) => {
                if let Ok(watched) = serde_json::from_str(json) {
                    (self.emit)(EventKind::Watched(watched));
                }
            }
            Progress::Paused(point) => (self.emit)(EventKind::Note(format!("paused at {point}"))),
            Progress::Locked(_)
            | Progress::Unfinished
            | Progress::Stale
            | Progress::Reloaded
            | Progress::Ended { .. } => {}
        }
        let last =
            matches!(progress, Progress::Ended { .. } | Progress::Locked(_) | Progress::Unfinished | Progress::Stale);
        seen.last = Some(progress);
        if last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
