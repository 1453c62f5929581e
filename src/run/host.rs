//! One host: connect, look, plan, and change if that was asked.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use anyhow::Result;

use super::interrupt::Interrupt;
use super::look::Look;
use super::wanted::Wanted;
use crate::apply::{self, Progress, Step};
use crate::desired::Desired;
use crate::event::{Ending, Event, EventKind, Failure, Outcome};
use crate::plan::{self, Plan};
use crate::source::Sources;
use crate::ssh::{self, Escalation, Script, Session};
use crate::template::Engine;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Say what would change.
    Check,
    /// Make hosts match.
    Up,
}

/// What all hosts of a run have in common.
pub struct Shared<'a> {
    /// Templates.
    pub engine: &'a Engine,
    /// Pinned code.
    pub sources: &'a Sources,
    /// How to become root.
    pub escalation: Escalation,
    /// Folder of the control sockets.
    pub sockets: PathBuf,
    /// Who runs this, for the lock: user, machine, process, time.
    pub who: String,
    /// Ctrl-C.
    pub interrupt: Interrupt,
    /// Where events go.
    pub emit: &'a dyn Fn(Event),
}

/// Works on one host.
pub async fn work(wanted: &Wanted, goal: Goal, shared: &Shared<'_>) -> Outcome {
    let begin = Instant::now();
    let mut host = Host { wanted, goal, shared, plan: None };
    let ending = host.run().await.unwrap_or_else(|error| Ending::Failed(failure(&error)));
    let outcome = Outcome { host: wanted.host.clone(), ending, plan: host.plan, took: begin.elapsed() };
    let event = EventKind::Ended(Rc::new(outcome.clone()));
    (shared.emit)(Event { host: wanted.host.clone(), kind: event });
    outcome
}

/// An attempt that failed.
struct Attempt {
    error: anyhow::Error,
    /// The connection of an earlier run on which it failed, before there was a plan.
    stale: Option<Session>,
}

struct Host<'a> {
    wanted: &'a Wanted,
    goal: Goal,
    shared: &'a Shared<'a>,
    plan: Option<Rc<Plan>>,
}

impl Host<'_> {
    fn emit(&self, kind: EventKind) {
        (self.shared.emit)(Event { host: self.wanted.host.clone(), kind });
    }

    async fn run(&mut self) -> Result<Ending> {
        let interrupt = &self.shared.interrupt;
        if interrupt.asked() {
            return Ok(untouched());
        }
        let mut look = Look::new(self.wanted, self.shared)?;
        match self.attempt(&mut look).await {
            // The host went away without a word, as in a power cut, and the master of an earlier run has not noticed.
            Err(Attempt { error, stale: Some(session) }) if ssh::broken(&error) => {
                session.end().await;
                self.attempt(&mut look).await.map_err(|attempt| attempt.error)
            }
            ended => ended.map_err(|attempt| attempt.error),
        }
    }

    async fn attempt(&mut self, look: &mut Look<'_>) -> Result<Ending, Attempt> {
        let interrupt = &self.shared.interrupt;
        let begin = Instant::now();
        self.emit(EventKind::Connecting);
        let connecting =
            Session::connect(&self.wanted.connection, self.shared.escalation.clone(), &self.shared.sockets);
        let session = tokio::select! {
            session = connecting => match session {
                Ok(session) => session,
                Err(error) => return Ok(Ending::Unreachable { message: error.message, help: error.help }),
            },
            () = interrupt.first() => return Ok(untouched()),
        };
        self.emit(EventKind::Connected { reused: session.reused, took: begin.elapsed() });
        match self.with_session(&session, look).await {
            Err(error) if session.reused && self.plan.is_none() => Err(Attempt { error, stale: Some(session) }),
            ended => {
                session.close().await;
                ended.map_err(|error| Attempt { error, stale: None })
            }
        }
    }

    async fn with_session(&mut self, session: &Session, look: &mut Look<'_>) -> Result<Ending> {
        let interrupt = &self.shared.interrupt;
        let begin = Instant::now();
        let facts = tokio::select! {
            facts = look.facts(session) => facts?,
            () = interrupt.first() => return Ok(untouched()),
        };
        self.emit(EventKind::Probed { took: begin.elapsed() });
        let desired = look.desired(&facts)?;
        let plan = match plan::plan(&desired, &facts) {
            Ok(plan) => Rc::new(plan),
            Err(refusal) => {
                return Ok(Ending::Failed(Failure {
                    message: refusal.message,
                    standing: "nothing was changed".to_owned(),
                    help: Some(refusal.help),
                    ..Failure::default()
                }));
            }
        };
        self.plan = Some(plan.clone());
        self.emit(EventKind::Planned(plan.clone()));
        if plan.in_sync() {
            return Ok(Ending::InSync);
        }
        match self.goal {
            Goal::Check => Ok(Ending::Drift),
            Goal::Up if interrupt.asked() => Ok(untouched()),
            Goal::Up => self.change(session, &desired, &plan).await,
        }
    }

    /// The first interrupt lets a host that is being changed come to its end, and says so.
    async fn wait_for_second_interrupt(&self) {
        self.shared.interrupt.first().await;
        let what = "this host is being changed and ends first; Ctrl-C again leaves it to end by itself";
        self.emit(EventKind::Waiting(what.to_owned()));
        self.shared.interrupt.second().await;
    }

    async fn change(&self, session: &Session, desired: &Desired, plan: &Plan) -> Result<Ending> {
        let (steps, payload) = apply::steps(desired, plan);
        let script = apply::script(&steps, &self.shared.who);
        let payload = payload.archive()?;
        let mut watch = Watch { host: self, steps: &steps, bytes: payload.len(), began: Instant::now(), last: None };
        let run = session.run(Script { text: &script, payload: &payload }, |line| {
            watch.line(line);
            ControlFlow::Continue(())
        });
        let ended = tokio::select! {
            ended = run => ended,
            () = self.wait_for_second_interrupt() => {
                return Ok(Ending::Interrupted("left while it was being changed: it goes on by itself; run `provision up` again to see it through".to_owned()));
            }
        };
        match watch.last.take() {
            Some(Progress::Finished) => Ok(Ending::Changed),
            Some(Progress::Locked(holder)) => Ok(Ending::Locked(holder)),
            Some(Progress::Failed { step, output, .. }) => Ok(Ending::Failed(self.failed_step(&steps, step, output))),
            other => {
                let step = if let Some(Progress::Begin(step) | Progress::End(step)) = other { step } else { 0 };
                let mut failure = self.failed_step(
                    &steps,
                    step,
                    ended.map_or_else(|error| format!("{error:#}"), |ended| ended.stderr),
                );
                if other.is_some() {
                    failure.message = "the connection was cut while the host was being changed".to_owned();
                    failure.standing = "the host goes on by itself".to_owned();
                    failure.help = Some(format!("see where it stands by `provision check {}`", self.wanted.host));
                } else {
                    failure.message = "the host did not take the payload".to_owned();
                }
                Ok(Ending::Failed(failure))
            }
        }
    }

    fn failed_step(&self, steps: &[Step], number: usize, output: String) -> Failure {
        let step = steps.get(number.wrapping_sub(1));
        let message = step.map_or_else(|| "the transaction could not begin".to_owned(), Step::failure);
        let host = &self.wanted.host;
        let (standing, help) = if step.is_some_and(|step| step.live) {
            let help = format!(
                "mend what the lines above show, or restore the code of the release before, which is still on the host; \
                 then run `provision up {host}` again"
            );
            ("what is installed is new, but not proven to work", Some(help))
        } else if steps.iter().take(number).any(Step::is_shared) {
            let standing = "refused before the switch: what was live goes on as it was, but the host's Python packages, \
                            which all its apps share, may be the new ones";
            (standing, Some("`python: { install: venv }` gives every release packages of its own".to_owned()))
        } else {
            ("refused before the switch: what was live goes on as it was", None)
        };
        Failure { message, output, standing: standing.to_owned(), help }
    }
}

/// Follows the answers of a running transaction.
struct Watch<'a> {
    host: &'a Host<'a>,
    steps: &'a [Step],
    bytes: usize,
    began: Instant,
    last: Option<Progress>,
}

impl Watch<'_> {
    fn line(&mut self, line: &str) {
        let Some(progress) = Progress::parse(line) else { return };
        let title =
            |number: usize| self.steps.get(number.wrapping_sub(1)).map_or_else(String::new, |step| step.title.clone());
        match &progress {
            Progress::Received => self.host.emit(EventKind::Received { bytes: self.bytes }),
            Progress::Begin(number) => {
                self.began = Instant::now();
                let (number, total) = (*number, self.steps.len());
                self.host.emit(EventKind::StepBegan { number, total, title: title(number) });
            }
            Progress::End(number) => {
                self.host.emit(EventKind::StepEnded { title: title(*number), took: self.began.elapsed() });
            }
            Progress::Waiting(why) => {
                self.host.emit(EventKind::Waiting(why.clone()));
                return;
            }
            _ => {}
        }
        self.last = Some(progress);
    }
}

fn failure(error: &anyhow::Error) -> Failure {
    let text = format!("{error:#}");
    let (message, help) = match text.split_once("\nhelp: ") {
        Some((message, help)) => (message.to_owned(), Some(help.to_owned())),
        None => (text, None),
    };
    Failure { message, help, standing: "nothing was changed".to_owned(), ..Failure::default() }
}

fn untouched() -> Ending {
    Ending::Interrupted("nothing was changed".to_owned())
}
