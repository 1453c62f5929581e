//! One host: connect, look, plan, and change if that was asked.

use std::rc::Rc;
use std::time::Instant;

use anyhow::Result;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::access::{Connecting, Cut};
use super::change::{Attempted, Change};
use super::consent::Seat;
use super::look::Look;
use super::shared::Shared;
use super::wanted::Wanted;
use crate::apply::{self, Decision};
use crate::event::{Ending, Event, EventKind, Failure, Note, Outcome, Standing, What};
use crate::fault::{self, Fault, Kind};
use crate::model::HostName;
use crate::plan::Plan;
use crate::probe::{AtWork, Facts};
use crate::ssh::Session;

/// How often a run looks at a host that other runs change under its hands.
const LOOKS: usize = 5;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Say what would change.
    Check,
    /// Make hosts match.
    Up,
    /// List the points at which the transaction could be cut.
    ListPoints,
}

/// A host's turn among the others, and its seat where they wait for consent.
pub struct Turn<'t> {
    turns: &'t Semaphore,
    turn: Option<SemaphorePermit<'t>>,
    seat: Seat<'t>,
}

impl<'t> Turn<'t> {
    /// One that has yet to come.
    pub fn new(turns: &'t Semaphore, seat: Seat<'t>) -> Self {
        Self { turns, turn: None, seat }
    }

    /// Waits for it.
    async fn come(&mut self) {
        // Nobody closes it.
        self.turn = self.turns.acquire().await.ok();
    }

    /// Has somebody agreed to what `plan` destroys? Others have their turn meanwhile.
    async fn granted(&mut self, host: &HostName, plan: &Plan) -> bool {
        if self.seat.is_open() {
            return self.seat.granted(host, &plan.destroyed).await;
        }
        self.turn = None;
        let granted = self.seat.granted(host, &plan.destroyed).await;
        self.come().await;
        granted
    }
}

/// Works on one host, when its turn has come.
pub async fn work<'a>(wanted: &'a Wanted, goal: Goal, shared: &'a Shared<'a>, mut turn: Turn<'a>) -> Outcome {
    turn.come().await;
    let begin = Instant::now();
    let mut host = Host { wanted, goal, shared, turn, plan: None, went_back: false };
    let ending = host.run().await.unwrap_or_else(|error| failed(&error));
    let outcome = Outcome { host: wanted.host.clone(), ending, plan: host.plan, took: begin.elapsed() };
    let event = EventKind::Ended(Rc::new(outcome.clone()));
    (shared.emit)(Event { host: wanted.host.clone(), kind: event });
    outcome
}

struct Host<'a> {
    wanted: &'a Wanted,
    goal: Goal,
    shared: &'a Shared<'a>,
    turn: Turn<'a>,
    plan: Option<Rc<Plan>>,
    /// A change that was on probation has gone back for this run.
    went_back: bool,
}

impl Host<'_> {
    fn emit(&self, kind: EventKind) {
        (self.shared.emit)(Event { host: self.wanted.host.clone(), kind });
    }

    async fn run(&mut self) -> Result<Ending> {
        let (wanted, access) = (self.wanted, &self.shared.access);
        let mut look = Look::new(wanted, self.shared)?;
        let shared = self.shared;
        let tell = |connecting| {
            let kind = match connecting {
                Connecting::Begun => EventKind::Connecting,
                Connecting::Done { reused, took } => EventKind::Connected { reused, took },
            };
            (shared.emit)(Event { host: wanted.host.clone(), kind });
        };
        let work = async |session: &Session| {
            let ended = self.with_session(session, &mut look).await;
            let planned = self.plan.is_some();
            ended.map_err(|error| if planned { Cut::meanwhile(error) } else { Cut::before_any_change(error) })
        };
        access.connected(&wanted.connection, tell, work).await
    }

    async fn with_session(&mut self, session: &Session, look: &mut Look<'_>) -> Result<Ending> {
        for _ in 0..LOOKS {
            if let Some(ending) = self.once(session, look).await? {
                return Ok(ending);
            }
        }
        Ok(Ending::Failed(Failure {
            what: What::Overtaken,
            output: String::new(),
            cause: None,
            standing: Standing::UntouchedByUs,
        }))
    }

    /// Looks, plans, and changes if that was asked. `None`: the host was changed by another run meanwhile.
    async fn once(&mut self, session: &Session, look: &mut Look<'_>) -> Result<Option<Ending>> {
        let access = &self.shared.access;
        let begin = Instant::now();
        let facts = access.unless_interrupted(look.facts(session)).await??;
        self.emit(EventKind::Probed(begin.elapsed()));
        if self.goal == Goal::Up && look.goes_back(&facts) {
            self.went_back = true;
            return Ok(self.settle(session, &facts, Some(Decision::GoBack)).await);
        }
        let probation = self.probation(&facts);
        if let (Some(AtWork { holder, .. }), true) = (&facts.at_work, probation) {
            self.emit(EventKind::Note(Note::OnProbation { holder: holder.clone() }));
        } else if facts.at_work.is_some() {
            let decision = self.shared.end_probation.then_some(Decision::Commit);
            let ending = self.settle(session, &facts, decision).await;
            if ending.is_some() || self.goal == Goal::Up {
                return Ok(ending);
            }
        }
        self.tell_what_was(&facts);
        self.plan_and_change(session, look, &facts, probation).await
    }

    /// The same once it has looked, and nobody is at work who comes first.
    async fn plan_and_change(
        &mut self,
        session: &Session,
        look: &Look<'_>,
        facts: &Facts,
        probation: bool,
    ) -> Result<Option<Ending>> {
        let access = &self.shared.access;
        let (desired, downgrades) = look.desired(facts)?;
        if self.goal == Goal::Check {
            downgrades.into_iter().for_each(|downgrade| self.emit(EventKind::Note(Note::TooOld(downgrade))));
        }
        let plan = match look.plan(&desired, facts) {
            Ok(plan) => Rc::new(plan),
            Err(refusal) => return Ok(Some(Ending::Failed(failure(refusal)))),
        };
        self.plan = Some(plan.clone());
        self.emit(EventKind::Planned(plan.clone()));
        if plan.in_sync() && (facts.at_work.is_none() || probation) {
            return Ok(Some(if self.went_back { Ending::Changed } else { Ending::InSync }));
        }
        if self.goal == Goal::Up && probation {
            return Ok(self.settle(session, facts, None).await);
        }
        let lacking = self.shared.consent.lacking(&plan.destroyed);
        match self.goal {
            Goal::Check => {
                if !lacking.is_empty() {
                    self.emit(EventKind::Note(Note::NeedsConsent(lacking)));
                }
                Ok(Some(Ending::Drift))
            }
            Goal::ListPoints => {
                let transaction = apply::transaction(&desired, &plan, self.shared.options);
                self.emit(EventKind::Points(apply::points(&transaction.steps)));
                Ok(Some(Ending::Drift))
            }
            Goal::Up if access.interrupt.asked() => Ok(Some(untouched())),
            Goal::Up => {
                let granted = self.turn.granted(&self.wanted.host, &plan);
                if !access.unless_interrupted(granted).await? {
                    return Ok(Some(Ending::Withheld(lacking)));
                }
                let emit = |kind| self.emit(kind);
                let change = Change { host: &self.wanted.host, init: facts.init, shared: self.shared, emit: &emit };
                match change.make(session, &desired, &plan, look.goal(), facts.attempts).await? {
                    Attempted::Ended(ending) => Ok(Some(ending)),
                    Attempted::Stale => Ok(None),
                }
            }
        }
    }

    /// What the host has to say of earlier runs.
    fn tell_what_was(&self, facts: &Facts) {
        if let Some(untold) = &facts.untold {
            self.emit(EventKind::Note(Note::Untold(untold.clone())));
        }
        if !facts.damaged.is_empty() {
            self.emit(EventKind::Note(Note::Damaged(facts.damaged.clone())));
        }
    }

    /// Clients decide about what serves: unless the user ends that, there is nothing to wait for where nothing is to
    /// change.
    fn probation(&self, facts: &Facts) -> bool {
        let end = self.goal == Goal::Up && self.shared.end_probation;
        facts.on_probation() && !end
    }

    /// A run that was cut, or is at work, comes first: `up` settles it or waits for it, `check` reports it. The answer
    /// is how this run ends because of it.
    async fn settle(&self, session: &Session, facts: &Facts, decision: Option<Decision>) -> Option<Ending> {
        let at_work = facts.at_work.as_ref()?;
        let AtWork { running, holder, .. } = at_work.clone();
        match (self.goal, running) {
            (Goal::Check | Goal::ListPoints, true) => {
                self.emit(EventKind::Note(Note::InProgress { holder }));
                None
            }
            (Goal::Check | Goal::ListPoints, false) => {
                self.emit(EventKind::Note(Note::Unsettled { holder, now: false }));
                None
            }
            (Goal::Up, _) => {
                if !running {
                    self.emit(EventKind::Note(Note::Unsettled { holder, now: true }));
                }
                let emit = |kind| self.emit(kind);
                let change = Change { host: &self.wanted.host, init: facts.init, shared: self.shared, emit: &emit };
                change.take_up(session, decision).await
            }
        }
    }
}

fn failed(error: &anyhow::Error) -> Ending {
    match fault::behind(error) {
        Some(fault) if fault.kind == Kind::Unreachable => Ending::Unreachable(fault.clone()),
        Some(fault) if fault.kind == Kind::Interrupted => untouched(),
        // What was being done is in the contexts.
        Some(_) | None => Ending::Failed(failure(Fault {
            kind: fault::kind(error),
            message: format!("{error:#}"),
            hints: fault::hints(error).to_vec(),
            mistakes: None,
        })),
    }
}

fn failure(fault: Fault) -> Failure {
    Failure { what: What::Fault(fault), output: String::new(), cause: None, standing: Standing::Untouched }
}

fn untouched() -> Ending {
    Ending::Interrupted(Standing::Untouched)
}
