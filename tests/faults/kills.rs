//! Any process of a transaction dies at any moment, its children and theirs too: the host comes to rest by itself,
//! entirely old or entirely new, and `up` makes it new. `PROVISION_KILLS=40` makes as many trials; `PROVISION_SEED=7`
//! chooses the same moments again.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, thread};

use super::inside::Process;
use super::lab::say;
use super::real::numbers::Numbers;
use super::requests::Requests;
use super::state::Init;
use super::subject::{Subject, log, wait_for_rest};

/// A change takes longer than this after its first step.
const LONGEST: Duration = Duration::from_secs(7);

#[test]
fn a_few_processes_that_die_leave_the_old_or_the_new() {
    run("kills-01", number("PROVISION_KILLS").unwrap_or(6));
}

#[test]
#[ignore = "takes the better part of an hour: make faults"]
fn any_process_that_dies_leaves_the_old_or_the_new() {
    run("kills-02", number("PROVISION_KILLS").unwrap_or(120));
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

fn run(host: &str, trials: u64) {
    let Some(mut subject) = Subject::open(host, Init::Systemd) else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set").as_secs();
    let seed = number("PROVISION_SEED").unwrap_or(now);
    say(&format!("kills: PROVISION_SEED={seed} chooses the same moments again"));
    let mut numbers = Numbers(seed | 1);
    let (mut requests, mut killed, mut faults) = (0, 0, vec![]);
    for number in 1..=trials {
        match trial(&mut subject, &mut numbers) {
            Ok((asked, name)) => {
                requests += asked;
                killed += usize::from(name.is_some());
                say(&format!("{number:4}/{trials} {}", name.as_deref().unwrap_or("nothing was there to kill")));
            }
            Err(fault) => {
                say(&format!("{number:4}/{trials} {fault}"));
                faults.push(fault);
                break;
            }
        }
    }
    say(&format!("kills: {killed} processes of {trials} trials, {requests} requests, {} faults", faults.len()));
    assert!(faults.is_empty(), "PROVISION_SEED={seed}: {}", faults.join("\n"));
    assert!(killed > 0, "nothing was killed");
}

/// One change, of which one process dies; every other one is refused by its health checks, and goes back.
fn trial(subject: &mut Subject, numbers: &mut Numbers) -> Result<(usize, Option<String>), String> {
    subject.prepare()?;
    let (from, target) = (subject.state, subject.state.other());
    let attempt = if numbers.below(2) == 0 { target.sick() } else { target };
    let requests = Requests::start(&subject.inside, subject.init, &[from, attempt]);
    subject.write(attempt);
    let mut controller = subject.project.start(&["up", "-v"]);
    controller.until_it_says("note what is there");
    let moment = Instant::now() + LONGEST.mul_f64(numbers.fraction());
    let mut victim = None;
    while controller.runs() && victim.is_none() {
        if Instant::now() >= moment {
            victim = choose(subject, numbers);
            victim.iter().for_each(Process::kill);
        }
        thread::sleep(Duration::from_millis(2));
    }
    let ended = controller.wait();
    wait_for_rest(&subject.inside)?;
    let name = victim.map(|victim| victim.words().join(" ").chars().take(70).collect::<String>());
    let (old, new) = (subject.differs_from_before()?, subject.differs_from(attempt)?);
    let rest = match () {
        () if old.is_empty() => from,
        () if new.is_empty() && !attempt.sick => attempt,
        () => {
            let (old, new, log) = (old.join("\n  "), new.join("\n  "), log(&subject.inside));
            return Err(format!(
                "mixed after {name:?} died, exit {}\nnot as it was:\n  {old}\nnot what was wanted:\n  {new}\n{log}\n{}",
                ended.code, ended.text
            ));
        }
    };
    requests.expect(&[rest, target]);
    subject.write(target);
    let up = subject.project.up(&["-v", "--lock-wait", "60s"]);
    if up.code != 0 {
        return Err(format!("after {name:?} died `up` ends with {}:\n{}", up.code, up.text));
    }
    subject.state = target;
    let differences = subject.differs_from(target)?;
    if !differences.is_empty() {
        return Err(format!("after {name:?} died and the next run:\n  {}", differences.join("\n  ")));
    }
    let (asked, lost) = requests.stop();
    if !lost.is_empty() {
        return Err(format!("after {name:?} died {} of {asked} requests were lost: {:?}", lost.len(), &lost[0]));
    }
    Ok((asked, name))
}

/// Any process of the transaction: its Bash, or what descends from it.
fn choose(subject: &Subject, numbers: &mut Numbers) -> Option<Process> {
    let root = subject.inside.transaction()?;
    let all = subject.inside.processes();
    let mut family = vec![root];
    let mut next = 0;
    while let Some(parent) = family.get(next).map(|process| process.id) {
        family.extend(all.iter().filter(|process| process.parent() == parent).cloned());
        next += 1;
    }
    // A transaction has one Bash, and few children: most of the trials are theirs.
    if family.len() > 1 && numbers.below(4) > 0 {
        family.remove(0);
    }
    Some(family.swap_remove(numbers.below(family.len())))
}
