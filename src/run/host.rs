//! One host: connect, look, plan, and change if that was asked.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result};

use super::interrupt::Interrupt;
use crate::apply::{self, Progress, Step};
use crate::desired::Desired;
use crate::digest::Digest;
use crate::event::{Ending, Event, EventKind, Failure, Outcome};
use crate::model::{Init, Target};
use crate::plan::{self, Plan};
use crate::probe::{self, Facts, Os, Request};
use crate::render;
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
pub async fn work(target: &Target, goal: Goal, shared: &Shared<'_>) -> Outcome {
    let begin = Instant::now();
    let mut host = Host { target, goal, shared, plan: None };
    let ending = host.run().await.unwrap_or_else(|error| Ending::Failed(failure(&error)));
    let outcome = Outcome { host: target.host.clone(), ending, plan: host.plan, took: begin.elapsed() };
    let event = EventKind::Ended(Rc::new(outcome.clone()));
    (shared.emit)(Event { host: target.host.clone(), kind: event });
    outcome
}

/// An attempt that failed.
struct Attempt {
    error: anyhow::Error,
    /// The connection of an earlier run on which it failed, before there was a plan.
    stale: Option<Session>,
}

struct Host<'a> {
    target: &'a Target,
    goal: Goal,
    shared: &'a Shared<'a>,
    plan: Option<Rc<Plan>>,
}

impl Host<'_> {
    fn emit(&self, kind: EventKind) {
        (self.shared.emit)(Event { host: self.target.host.clone(), kind });
    }

    async fn run(&mut self) -> Result<Ending> {
        let interrupt = &self.shared.interrupt;
        if interrupt.asked() {
            return Ok(untouched());
        }
        let request = request(self.target, self.shared)?;
        match self.attempt(&request).await {
            // The host went away without a word, as in a power cut, and the master of an earlier run has not noticed.
            Err(Attempt { error, stale: Some(session) }) if ssh::broken(&error) => {
                session.end().await;
                self.attempt(&request).await.map_err(|attempt| attempt.error)
            }
            ended => ended.map_err(|attempt| attempt.error),
        }
    }

    async fn attempt(&mut self, request: &Request) -> Result<Ending, Attempt> {
        let interrupt = &self.shared.interrupt;
        let begin = Instant::now();
        self.emit(EventKind::Connecting);
        let connecting =
            Session::connect(&self.target.connection, self.shared.escalation.clone(), &self.shared.sockets);
        let session = tokio::select! {
            session = connecting => match session {
                Ok(session) => session,
                Err(error) => return Ok(Ending::Unreachable { message: error.message, help: error.help }),
            },
            () = interrupt.first() => return Ok(untouched()),
        };
        self.emit(EventKind::Connected { reused: session.reused, took: begin.elapsed() });
        match self.with_session(&session, request).await {
            Err(error) if session.reused && self.plan.is_none() => Err(Attempt { error, stale: Some(session) }),
            ended => {
                session.close().await;
                ended.map_err(|error| Attempt { error, stale: None })
            }
        }
    }

    async fn with_session(&mut self, session: &Session, request: &Request) -> Result<Ending> {
        let interrupt = &self.shared.interrupt;
        let begin = Instant::now();
        let facts = tokio::select! {
            facts = look(session, request) => facts?,
            () = interrupt.first() => return Ok(untouched()),
        };
        self.emit(EventKind::Probed { took: begin.elapsed() });
        let desired = desired(self.target, self.shared, &facts.os, facts.init)?;
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
                return Ok(Ending::Interrupted("left while it was being changed: it goes on by itself; see by `provision check`".to_owned()));
            }
        };
        match watch.last.take() {
            Some(Progress::Finished) => Ok(Ending::Changed),
            Some(Progress::Locked(holder)) => Ok(Ending::Locked(holder)),
            Some(Progress::Failed { step, output, .. }) => Ok(Ending::Failed(failed_step(&steps, step, output))),
            other => {
                let step = if let Some(Progress::Begin(step) | Progress::End(step)) = other { step } else { 0 };
                let mut failure =
                    failed_step(&steps, step, ended.map_or_else(|error| format!("{error:#}"), |ended| ended.stderr));
                if other.is_some() {
                    failure.message = "the connection was cut while the host was being changed".to_owned();
                    failure.standing = "the host goes on by itself".to_owned();
                    failure.help = Some(format!("see where it stands by `provision check {}`", self.target.host));
                } else {
                    failure.message = "the host did not take the payload".to_owned();
                }
                Ok(Ending::Failed(failure))
            }
        }
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

async fn look(session: &Session, request: &Request) -> Result<Facts> {
    let mut report = String::new();
    let script = request.script();
    let ended = session
        .run(Script { text: &script, payload: &[] }, |line| {
            report.push_str(line);
            report.push('\n');
            if line == "end" { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await?;
    probe::parse(&report, &request.unit_names()).with_context(|| {
        if ended.stderr.is_empty() {
            "the host could not be looked at".to_owned()
        } else {
            format!("the host could not be looked at: {}", ended.stderr)
        }
    })
}

/// Which init a host runs is not known before the look, so the look covers what each would need.
fn request(target: &Target, shared: &Shared<'_>) -> Result<Request> {
    let mut request = Request { welcome: true, ..Request::default() };
    // The last Ubuntu with Upstart names one package differently.
    let xenial = Os { id: "ubuntu".to_owned(), version: "16.04".to_owned() };
    // systemd comes last: where both have a file, the digest that is asked for is the one of nearly every host.
    for (os, init) in [(xenial, Init::Upstart), (Os::default(), Init::Systemd)] {
        let desired = match (desired(target, shared, &os, init), init) {
            (Ok(desired), _) => desired,
            // Upstart cannot do all that systemd can; should the host run it after all, it is refused after the look.
            (Err(_), Init::Upstart) => continue,
            (Err(error), Init::Systemd) => return Err(error),
        };
        let services = desired.services.iter().map(|service| service.name.clone());
        match init {
            Init::Systemd => {
                request.units.extend(services);
                request.units.insert("nginx.service".to_owned());
            }
            Init::Upstart => {
                request.jobs.extend(services);
                request.jobs.insert("nginx".to_owned());
            }
        }
        request.packages.extend(desired.packages.iter().map(ToString::to_string));
        request.packages.extend(["nginx".to_owned(), "python3".to_owned()]);
        request.users.extend(desired.users.iter().map(|user| user.name.to_string()));
        for file in &desired.files {
            request.paths.entry(file.path.to_string()).or_default().insert(Digest::of(file.content.as_bytes()));
        }
        let directories = desired.directories.iter().map(|directory| directory.path.to_string());
        let links = desired.links.iter().map(|link| link.path.to_string());
        let current = desired.apps.iter().map(|app| crate::desired::current_link(&app.app.name).to_string());
        for path in directories.chain(links).chain(current) {
            request.paths.entry(path).or_default();
        }
        request.apps.extend(desired.apps.iter().map(|app| app.app.name.to_string()));
    }
    Ok(request)
}

fn desired(target: &Target, shared: &Shared<'_>, os: &Os, init: Init) -> Result<Desired> {
    let rendered = render::render(target, init, shared.engine)?;
    Desired::compose(target, rendered, shared.sources, os, init)
}

fn failed_step(steps: &[Step], number: usize, output: String) -> Failure {
    let step = steps.get(number.wrapping_sub(1));
    let message =
        step.map_or_else(|| "the transaction could not begin".to_owned(), |step| format!("failed to {}", step.title));
    let live = step.is_some_and(|step| step.live);
    let standing = if live {
        "what is installed is new, but not proven to work"
    } else {
        "refused before the switch: what was live goes on as it was"
    };
    Failure { message, output, standing: standing.to_owned(), help: None }
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
