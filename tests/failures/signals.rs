//! SIGINT and SIGTERM at random moments of a run, again and again, under requests.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::lab::say;
use super::real::numbers::Numbers;
use super::run::Run;
use super::site::Site;
use super::traffic::Traffic;

#[test]
fn a_signal_at_any_moment_leaves_a_whole_host() {
    at_random_moments("signal-01", 5);
}

#[test]
#[ignore = "takes a quarter of an hour: make failures"]
fn two_hundred_signals_leave_a_whole_host() {
    at_random_moments("signal-02", 100);
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// The signal came before it listened, or before it had changed anything.
    Untouched,
    Cancelled,
    /// It had begun to switch, and came to its end.
    Completed,
    /// It was done before the signal came.
    TooLate,
}

/// `times` SIGINT and as many SIGTERM, one a run.
fn at_random_moments(host: &str, times: u32) {
    let Some(site) = Site::open(host) else { return };
    // Without it a run is too short before the switch for a signal to come just then.
    site.project.edit("bind: 127", "release_command: sleep 0.7, bind: 127");
    // How long a run takes at least.
    site.next_release();
    let mut whole = site.project.up(&[]).exits(0).took;
    // The same moments in every run of the test.
    let mut random = Numbers(0x5eed_0001);
    let mut tally: BTreeMap<Fate, u32> = BTreeMap::new();
    let mut live = site.answer();
    let traffic = Traffic::start(site.host().port(80), &[&live]);
    let begin = Instant::now();
    for number in 0..2 * times {
        site.next_release();
        let new = site.answer();
        traffic.expect(&[&live, &new]);
        let signal = if number % 2 == 0 { Signal::INT } else { Signal::TERM };
        let delay = whole.mul_f64(random.fraction());
        let mut running = site.project.start(&["up"]);
        thread::sleep(delay);
        if running.runs() {
            let pid = Pid::from_raw(i32::try_from(running.id()).expect("a process number")).expect("not zero");
            // It may have ended in just this moment.
            let _ = kill_process(pid, signal);
        }
        let run = running.wait();
        let fate = fate(&run, delay);
        if fate == Fate::TooLate {
            whole = whole.min(run.took);
        }
        *tally.entry(fate).or_default() += 1;
        let expected = if matches!(fate, Fate::Completed | Fate::TooLate) { new.clone() } else { live.clone() };
        let answer = site.host().get("/").body;
        assert!(answer.contains(&expected), "{fate:?} after {delay:?}, but it answers {answer}\n{}", run.text);
        live = expected;
        let left = site.host().bash(include_str!("scripts/remains.sh"));
        assert_eq!(left, "", "{signal:?} after {delay:?} left something behind:\n{}", run.text);
    }
    let took = begin.elapsed();
    traffic.expect(&[&live, &site.answer()]);
    site.project.up(&[]).exits(0);
    site.converged();
    let requests = traffic.stop();
    say(&format!(
        "{times} SIGINT and {times} SIGTERM in {:.0} s: {tally:?}; {} requests, {} failed",
        took.as_secs_f64(),
        requests.requests,
        requests.failures.len()
    ));
    assert_eq!(requests.failures, [] as [String; 0]);
}

fn fate(run: &Run, delay: Duration) -> Fate {
    let says = |text: &str| run.text.contains(text);
    match run.code {
        0 => Fate::TooLate,
        // The signal itself ended it, before it listened.
        -1 => Fate::Untouched,
        130 if says("nothing was changed") => Fate::Untouched,
        130 if says("stopped before the switch: nothing live was changed") => Fate::Cancelled,
        130 if says("changed=3") => Fate::Completed,
        code => panic!("exit code {code} after {delay:?}:\n{}", run.text),
    }
}
