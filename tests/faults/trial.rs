//! One trial: a change stands still at a point, something is cut there, and the host has to come to rest by itself,
//! entirely old or entirely new, with an answer for everybody all the while. Then the next run makes it new.

use std::time::{Duration, Instant};
use std::{fmt, thread};

use rustix::process::{Pid, Signal, kill_process};

use super::case::{Case, End};
use super::kind::Kind;
use super::requests::Requests;
use super::run::{Run, Running};
use super::subject::{Subject, forget_logs, log, wait_for_rest};

/// How long a controller may take to notice what became of its host.
const PATIENCE: Duration = Duration::from_secs(60);
/// ssh gives up on a host that it has not heard of for 40 seconds, and TCP waits longer and longer before it tries
/// again.
const BEARABLE: Duration = Duration::from_secs(15);
/// What a controller ends with that lost its host.
const EXIT_FAILED: i32 = 3;
/// Long enough for an answer to each path.
const MOMENT: Duration = Duration::from_millis(150);

/// What was wrong.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Requests without a right answer.
    pub lost: Vec<String>,
    /// Files and units that are neither those of the old state nor those of the new one.
    pub mixed: Vec<String>,
    /// Everything else.
    pub failed: Vec<String>,
    pub requests: usize,
}

impl Verdict {
    pub fn is_good(&self) -> bool {
        self.lost.is_empty() && self.mixed.is_empty() && self.failed.is_empty()
    }
}

/// Requests that are shown of those that were lost.
const SHOWN: usize = 8;

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lost, mixed, failed, requests } = self;
        for line in lost.iter().take(SHOWN) {
            writeln!(f, "  lost: {line}")?;
        }
        if lost.len() > SHOWN {
            writeln!(f, "  lost: {} in all, of {requests}", lost.len())?;
        }
        mixed.iter().try_for_each(|line| writeln!(f, "  mixed: {line}"))?;
        failed.iter().try_for_each(|line| writeln!(f, "  failed: {line}"))
    }
}

/// Makes one trial. Afterwards the host is in the state that the case aims at, if the verdict is good.
pub fn make(subject: &mut Subject, case: &Case) -> Verdict {
    let mut verdict = Verdict::default();
    let mut requests = Requests::start(&subject.inside, subject.init, &[case.from, case.attempt]);
    if let Err(error) = attempt(subject, case, &mut requests, &mut verdict) {
        verdict.failed.push(error);
    }
    (verdict.requests, verdict.lost) = requests.stop();
    verdict
}

fn attempt(subject: &mut Subject, case: &Case, requests: &mut Requests, verdict: &mut Verdict) -> Result<(), String> {
    subject.prepare()?;
    let (project, inside) = (&subject.project, &subject.inside);
    subject.write(case.attempt);
    let mut controller = project.start(&["up", "-v", "--pause", &case.point.key]);
    controller.until_it_says(&format!("paused at {}", case.point.key));
    if !case.at_the_door()
        && case.point.key != "before:1"
        && !log(inside).contains(&format!("begin\t1\t{}\t", case.steps))
    {
        return Err(format!("it has not {} steps:\n{}", case.steps, log(inside)));
    }

    let cut = Instant::now();
    match case.kind {
        Kind::Shell if case.at_the_door() => inside.door().ok_or("there is no door")?.kill(),
        Kind::Shell => inside.transaction().ok_or("there is no transaction")?.kill(),
        Kind::Child => {
            let transaction = inside.transaction().ok_or("there is no transaction")?;
            inside.resume();
            inside.kill_next_child(&transaction);
        }
        Kind::Group => {
            let (transaction, door) = (inside.transaction(), inside.door());
            transaction.iter().chain(&door).for_each(super::inside::Process::kill_group);
        }
        Kind::Network => inside.unplug(),
        Kind::Controller => kill(&controller),
        Kind::Power | Kind::Disk => {
            requests.pause();
            project.switch_off(0);
            if case.kind == Kind::Disk {
                inside.damage_journal(case.point.title.len());
            }
            requests.go_on(true);
            project.switch_on(0);
            // Its connection ended without a word.
            kill(&controller);
        }
    }
    if case.kind.spares_the_host() {
        inside.resume();
    }
    if !case.unattended() {
        wait_for_rest(inside)?;
    }
    // What the host came to before anybody looked after it.
    let old = subject.differs_from_before()?;
    let new = subject.differs_from(case.attempt)?;
    let ended = match case.end() {
        _ if old.is_empty() => case.from,
        _ if new.is_empty() => case.attempt,
        end => {
            let (old, new) = (old.join("\n    "), new.join("\n    "));
            verdict
                .mixed
                .push(format!("not as it was:\n    {old}\n  not what was wanted:\n    {new}\n{}", log(inside)));
            if end == End::New { case.attempt } else { case.from }
        }
    };
    if (case.end() == End::Old && ended != case.from) || (case.end() == End::New && ended != case.attempt) {
        verdict.failed.push(format!("it ended in the {} state\n{}", ended.name(), log(inside)));
    }
    requests.expect(&[ended]);
    thread::sleep(MOMENT);

    let outage = (case.kind == Kind::Network).then(|| {
        inside.plug_in();
        cut.elapsed()
    });
    let target = case.from.other();
    requests.expect(&[ended, target]);
    subject.write(target);
    forget_logs(inside)?;
    let up = project.up(&["-v", "--lock-wait", "60s"]);
    if up.code != 0 {
        return Err(format!("`up` ends with {}:\n{}", up.code, up.text));
    }
    requests.expect(&[target]);
    thread::sleep(MOMENT);
    let check = project.check(&[]);
    if check.code != 0 {
        verdict.failed.push(format!("`check` ends with {}:\n{}", check.code, check.text));
    }
    inside.bash(include_str!("scripts/rest.sh"))?;
    let differences = subject.differs_from(target)?;
    if !differences.is_empty() {
        verdict.mixed.push(format!("after the next run:\n    {}", differences.join("\n    ")));
    }
    let exit = end(controller)?;
    // On a busy machine the cable may be out for so long that ssh gives up, and then the controller says so.
    let given_up = outage.is_some_and(|outage| outage > BEARABLE) && exit.code == EXIT_FAILED;
    if case.exit().is_some_and(|right| right != exit.code) && !given_up {
        verdict.failed.push(format!("the controller ended with {}:\n{}", exit.code, exit.text));
    }
    subject.state = target;
    Ok(())
}

/// The program comes to an end, whatever was cut.
fn end(mut controller: Running) -> Result<Run, String> {
    let deadline = Instant::now() + PATIENCE;
    while controller.runs() {
        if Instant::now() > deadline {
            kill(&controller);
            return Err(format!("the controller does not notice:\n{}", controller.wait().text));
        }
        thread::sleep(Duration::from_millis(25));
    }
    Ok(controller.wait())
}

fn kill(controller: &Running) {
    let id = i32::try_from(controller.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(id, Signal::KILL).expect("it is there");
}
