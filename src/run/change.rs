//! The change of one host: a transaction is handed over and followed, or one that was cut is taken up.

use anyhow::Result;

use super::seen::{Follower, Seen};
use super::shared::Shared;
use super::verdict;
use crate::apply::{self, Decision, EndResult, Progress, Stream, Transaction, Visitor};
use crate::desired::Desired;
use crate::event::{Ending, EventKind, Standing, Wait};
use crate::fault::{self, Kind};
use crate::generation::{Kept, Record};
use crate::mask::Mask;
use crate::model::{HostName, Init};
use crate::plan::Plan;
use crate::ssh::{Conversation, Limits, Script, Session};

/// What became of an attempt to change a host.
pub enum Attempted {
    /// It ended.
    Ended(Ending),
    /// The host is no longer what the plan was made from: another run was at work since. Look again.
    Stale,
}

/// One host that is being changed.
pub struct Change<'a> {
    /// Its name in the inventory.
    pub host: &'a HostName,
    /// What runs as pid 1 there.
    pub init: Init,
    /// What all hosts of a run have in common.
    pub shared: &'a Shared<'a>,
    /// Where events go.
    pub emit: &'a dyn Fn(EventKind),
}

impl Change<'_> {
    /// Carries out `plan`, which was made when the host's history had `attempts` entries.
    ///
    /// # Errors
    /// When the code of a release cannot be read any more, or has changed. The host has no whole payload then, and
    /// changes nothing.
    pub async fn make(
        &self,
        session: &Session,
        desired: &Desired,
        plan: &Plan,
        goal: String,
        attempts: u32,
    ) -> Result<Attempted> {
        let Shared { who, pause, options, inventory, .. } = self.shared;
        let Transaction { steps, mut payload } = apply::transaction(desired, plan, *options);
        let record = Record {
            who: who.clone(),
            project: desired.project.clone(),
            inventory: inventory.name.clone(),
            digest: inventory.digest.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            goal,
            changes: plan.changes.iter().map(|change| change.operation.to_string()).collect(),
            ..Record::default()
        };
        payload.script = apply::script(self.init, &desired.project, &steps, pause.as_deref());
        payload.record = record.beginning();
        let kept = Kept::of(desired);
        (payload.desired, payload.secrets) = (kept.json, kept.secrets);
        payload.mask = Mask::over(desired).to_json();
        let payload = payload.archive()?;
        let script = self.visitor(&self.signature()).hand_over(payload.length, attempts, pause.as_deref());
        let seen = self.follow(session, &script, payload).await;
        Ok(match seen {
            Ok(Seen { unsent: Some(error), .. }) => return Err(error),
            Ok(Seen { last: Some(Progress::Stale), .. }) => Attempted::Stale,
            Ok(seen) => Attempted::Ended(verdict::ending(&steps, seen)),
            Err(interrupted) => Attempted::Ended(interrupted),
        })
    }

    /// Lets the host undo or finish a transaction that was cut, or waits for one that is at work. `None`: there is
    /// nothing left of it. One that is on probation ends as was decided.
    pub async fn take_up(&self, session: &Session, end_probation: Option<Decision>) -> Option<Ending> {
        let who = self.signature();
        let script = Visitor { end_probation, ..self.visitor(&who) }.take_up();
        let seen = match self.follow(session, &script, Stream::default()).await {
            Ok(seen) => seen,
            Err(interrupted) => return Some(interrupted),
        };
        match &seen.last {
            Some(Progress::Ended { result, .. }) if *result != EndResult::Failed => None,
            // Somebody runs it again, and clients go on deciding.
            Some(Progress::OnProbation(_)) => None,
            Some(Progress::Ended { .. } | Progress::Locked { .. }) => Some(verdict::ending(&[], seen)),
            _ => Some(verdict::not_taken_up(seen)),
        }
    }

    /// Whose the lock is. Two names that lead to one host can be told apart by it.
    fn signature(&self) -> String {
        format!("{}, as {}", self.shared.who, self.host)
    }

    fn visitor<'v>(&self, who: &'v str) -> Visitor<'v> {
        Visitor { init: self.init, who, wait: self.shared.lock_wait, end_probation: None }
    }

    async fn follow(&self, session: &Session, text: &str, mut payload: Stream) -> Result<Seen, Ending> {
        let interrupt = &self.shared.access.interrupt;
        let limits = Limits::CHANGE.and(self.shared.lock_wait);
        let mut follower = Follower::new(self.emit, payload.length);
        let script = Script { text, payload: &mut payload.bytes, limits };
        let asked = async {
            interrupt.first().await;
            (self.emit)(EventKind::Waiting(Wait::Stopping));
            "cancel\n".to_owned()
        };
        let run =
            session.converse(script, Conversation { later: asked, farewell: "seen\n" }, |line| follower.line(line));
        let ended = tokio::select! {
            ended = run => ended,
            () = interrupt.second() => return Err(Ending::Interrupted(Standing::Left)),
        };
        let mut seen = follower.seen;
        match ended {
            Ok(ended) => (seen.complaint, seen.unsent) = (ended.stderr, ended.unsent),
            Err(error) => {
                seen.given_up = fault::kind(&error) == Kind::Excess;
                seen.complaint = format!("{error:#}");
            }
        }
        Ok(seen)
    }
}
