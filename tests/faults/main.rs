//! A change is cut at every point that the program itself lists, in seven ways, on real hosts, and any process of it
//! dies at any moment: the host comes to rest by itself, entirely old or entirely new, answers every request meanwhile,
//! and the next run converges. `make faults` makes every cut at every point; the normal tests cut at every sixth
//! point once, in a way that changes from day to day.
//!
//! `PROVISION_FAULTS=before:12:power` makes that trial alone, in both directions; `grow:` or `shrink:` before it
//! chooses one, without `:power` come all kinds, and more follow after a comma. `PROVISION_FAULTS_ROTATION=3` repeats
//! the choice of a run.

#[path = "../support/real.rs"]
mod real;
use real::{host, inventory, lab, project, run, skip};

// What the load run asks with.
#[path = "../load/client.rs"]
#[allow(dead_code)]
mod client;

mod case;
mod course;
mod inside;
mod kills;
mod kind;
mod listing;
mod requests;
mod state;
mod subject;
mod trial;

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use case::Case;
use course::Course;
use lab::say;
use state::Init;

/// A change is mostly waiting: for reloads that have to prove themselves, and for boots.
const HOSTS: [&str; 3] = ["faults-01", "faults-02", "faults-03"];

/// So many rotations see every kind of cut at every point, and steps that both directions have in both. One makes
/// trials at every sixth point.
const TURNS: usize = 2 * EACH * kind::Kind::ALL.len();

/// The normal tests cut at one point of so many.
const EACH: usize = 6;

/// Days change the kind of cut at each point.
const DAY: u64 = 24 * 60 * 60;

#[test]
fn a_cut_at_each_point_leaves_the_old_or_the_new() {
    if let Ok(names) = env::var("PROVISION_FAULTS") {
        return run(Init::Systemd, |_, case| names.split(',').any(|name| case.is_called(name)));
    }
    let rotation = match env::var("PROVISION_FAULTS_ROTATION") {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set").as_secs() / DAY,
    };
    let rotation = usize::try_from(rotation).expect("a small number") % TURNS;
    say(&format!(
        "faults: one kind of cut at every sixth point; PROVISION_FAULTS_ROTATION={rotation} makes the same choice \
         again"
    ));
    let kinds = kind::Kind::ALL;
    let round = rotation / EACH;
    run(Init::Systemd, |number, case| {
        (number + rotation).is_multiple_of(EACH)
            && case.kind == kinds[(number + round) % kinds.len()]
            && case.has_its_turn(round)
    });
}

#[test]
#[ignore = "takes most of an hour: make faults"]
fn every_kind_of_cut_at_each_point_leaves_the_old_or_the_new() {
    run(Init::Systemd, |_, _| true);
}

#[test]
#[ignore = "takes the better part of an hour, and needs the base of xenial: make faults"]
fn every_kind_of_cut_at_each_point_under_upstart_leaves_the_old_or_the_new() {
    let names = env::var("PROVISION_FAULTS_UPSTART").ok();
    let is_chosen = |case: &Case| names.as_ref().is_none_or(|names| names.split(',').any(|name| case.is_called(name)));
    run(Init::Upstart, |_, case| is_chosen(case));
}

/// Makes the trials that are chosen from all; a number stands for the place of their point.
fn run(init: Init, choose: impl Fn(usize, &Case) -> bool) {
    let Some(course) = Course::open(&HOSTS, init) else { return };
    let report = course.run(choose);
    say(&report.to_string());
    assert!(report.is_good(), "{report}");
}
