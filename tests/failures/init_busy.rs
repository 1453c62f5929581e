//! Pid 1 that does not answer for a while, or at all: on this machine it is a process like any other, and is stopped.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::failure::Failure;
use super::site::Site;

#[test]
fn a_busy_service_manager_is_waited_for_or_named() {
    let Some(site) = Site::open("init-01") else { return };
    busy_at_the_hand_over(&site);
    busy_in_the_middle(&site);
    gone_at_the_look(&site);
    gone_at_the_hand_over(&site);
}

#[test]
#[ignore = "takes minutes: make failures"]
fn a_service_manager_that_is_gone_in_the_middle_is_named() {
    let Some(site) = Site::open("init-02") else { return };
    gone_in_the_middle(&site);
}

/// Pid 1 of a host, stopped until this goes out of scope.
struct Stopped(Pid);

impl Stopped {
    fn of(site: &Site) -> Self {
        let pid = init(site);
        kill_process(pid, Signal::STOP).expect("pid 1 of the host can be stopped");
        Self(pid)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::CONT);
    }
}

/// The host's pid 1 as this machine numbers it: the child of the nspawn that has the host's disk for its root.
fn init(site: &Site) -> Pid {
    let known_hosts = site.host().known_hosts();
    let sandbox = Path::new(&known_hosts).parent().expect("the sandbox's folder");
    let root = format!("--directory={}/hosts/{}/root", sandbox.display(), site.host().name);
    let processes = || fs::read_dir("/proc").expect("processes").flatten().map(|entry| entry.path());
    let nspawn = processes().find(|process| {
        let line = fs::read(process.join("cmdline")).unwrap_or_default();
        line.starts_with(b"systemd-nspawn\0") && line.split(|byte| *byte == 0).any(|word| word == root.as_bytes())
    });
    let nspawn = nspawn.expect("the host runs").file_name().expect("a number").to_string_lossy().into_owned();
    let child = processes().find(|process| {
        let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.split(' ').nth(1) == Some(nspawn.as_str()))
    });
    let child = child.expect("it has a child").file_name().expect("a number").to_string_lossy().into_owned();
    Pid::from_raw(child.parse().expect("a number")).expect("not zero")
}

fn busy_at_the_hand_over(site: &Site) {
    let failure = site.failure("pid 1 is busy at the hand-over");
    busy(site, failure, "hand the transaction over");
}

fn busy_in_the_middle(site: &Site) {
    let failure = site.failure("pid 1 is busy in the middle");
    site.new_environment();
    busy(site, failure, "restart blue.service");
}

fn busy(site: &Site, failure: Failure<'_>, step: &str) {
    // The new release answers from its stand-in on.
    failure.either_may_answer();
    let running = failure.up_to(step);
    let stopped = Stopped::of(site);
    site.resume_without_init();
    thread::sleep(Duration::from_secs(8));
    drop(stopped);
    let run = running.wait();
    failure.told(&run, 0, &["changed="]);
    failure.kept_serving_either();
    site.converged();
}

fn gone_at_the_look(site: &Site) {
    let failure = site.failure("pid 1 does not answer the look");
    let stopped = Stopped::of(site);
    let run = site.project.up(&[]);
    failure.told(
        &run,
        3,
        &["the service manager, pid 1, does not answer", "no answer within 30 seconds", "nothing was changed"],
    );
    drop(stopped);
    failure.nothing_left();
    failure.kept_serving().converges();
}

fn gone_at_the_hand_over(site: &Site) {
    let failure = site.failure("pid 1 does not answer at the hand-over");
    let running = failure.up_to("hand the transaction over");
    let stopped = Stopped::of(site);
    site.resume_without_init();
    let run = running.wait();
    failure.told(&run, 3, &["pid 1", "did not answer", "refused before the switch"]);
    drop(stopped);
    site.host().bash("rm -f /var/lib/provision/resume");
    failure.nothing_left();
    failure.kept_serving().converges();
}

fn gone_in_the_middle(site: &Site) {
    let failure = site.failure("pid 1 does not answer in the middle");
    site.new_environment();
    let running = failure.up_to("restart blue.service");
    let stopped = Stopped::of(site);
    site.resume_without_init();
    failure.either_may_answer();
    let run = running.wait();
    // Files can go back without pid 1; what runs cannot, and the next run looks at that anyway.
    failure.told(&run, 3, &["rolled back", "but these steps failed"]);
    drop(stopped);
    failure.serves_again_after(|site| drop(site.project.up(&[]).exits(0)));
    site.converged();
}
