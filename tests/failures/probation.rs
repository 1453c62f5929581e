//! Changes that clients decide about: the host watches what these get, and goes back by itself.

use std::time::{Duration, Instant};
use std::{iter, thread};

use super::host::until;
use super::inventory::{APP, Inventory};
use super::site::Site;

/// What the host may take from the first of many errors to the former release.
const SOON: Duration = Duration::from_secs(15);

#[test]
fn clients_decide_about_a_change() {
    let Some(site) = Site::open("clients-01") else { return };
    asks_for(&site, "10m");
    others_wait_or_end_it(&site);
    errors_lead_back(&site);
}

#[test]
#[ignore = "takes minutes: make failures"]
fn a_probation_goes_on_by_itself() {
    let Some(site) = Site::open("clients-02") else { return };
    asks_for(&site, "10s");
    stands_it(&site);
    asks_for(&site, "10m");
    workers_that_end_lead_back(&site);
    a_process_without_memory_leads_back(&site);
    an_app_that_stops_leads_back(&site);
    goes_on_when_killed_and_after_a_power_cut(&site);
    what_was_usual_is_no_reason(&site);
}

fn asks_for(site: &Site, probation: &str) {
    let app = format!(
        "{APP}, bind: 127.0.0.1:5001, workers: 2, health: {{ path: /, timeout: 5s, probation: {probation} }}, \
         env: {{ LC_N: n1 }}"
    );
    site.inventory(&Inventory::default().app("blue", &app).site("front", "routes: { /: { app: blue } }"));
}

fn answers(site: &Site) -> String {
    site.host().get("/").body
}

/// The host is at rest, whoever has brought it there.
fn rests(site: &Site) {
    until("the end of the transaction", || {
        site.host().bash("ls /var/lib/provision | grep -c '^transaction'; true") == "0"
    });
}

/// Everything is new at once, and final a while later, with nobody there.
fn stands_it(site: &Site) {
    site.next_release();
    let begin = Instant::now();
    site.project.up(&[]).exits(0).shows("on probation").shows("clients decide until");
    assert!(answers(site).contains(&site.answer()), "{}", answers(site));
    rests(site);
    assert!(begin.elapsed() > Duration::from_secs(10), "{:?}", begin.elapsed());
    assert!(answers(site).contains(&site.answer()));
    site.project.check(&[]).exits(0).hides("probation").hides("note:");
    site.project.run(&["history", site.host().name.as_str()]).exits(0).shows("committed").hides("on probation");
}

fn others_wait_or_end_it(site: &Site) {
    site.next_release();
    site.project.up(&[]).exits(0).shows("on probation");
    // What is there is what is wanted.
    site.project.check(&[]).exits(0).shows("the last change can still go back by itself").shows("on probation until");
    site.project.up(&[]).exits(0).shows("on probation until");
    let name = site.host().name.to_string();
    site.project.run(&["history", &name]).exits(0).shows("on probation");
    site.project.run(&["status", &name]).exits(0).shows("on probation until");
    site.project.run(&["reload", &name, "blue"]).exits(6).shows("on probation until");
    // Back to what it was before the change that is on probation, not further.
    let is_live = site.answer();
    site.next_release();
    site.project.up(&["--end-probation"]).exits(0).shows("on probation");
    site.project.run(&["rollback", &name]).exits(0).shows("changed");
    rests(site);
    assert!(answers(site).contains(&is_live), "{}", answers(site));
    site.project.run(&["history", &name]).exits(0).shows("the user asked for the way back");
    site.project.up(&[]).exits(0).shows("on probation");
    let former = site.next_release();
    site.project.up(&[]).exits(6).shows("the last change is not final yet").shows("--end-probation");
    assert!(answers(site).contains(&former));
    site.project.up(&["--end-probation"]).exits(0).shows("on probation");
    assert!(answers(site).contains(&site.answer()));
    // Nothing is to change: it is final now.
    site.project.up(&["--end-probation"]).exits(0).shows("in sync");
    rests(site);
    site.project.check(&[]).exits(0).hides("probation");
}

/// It works, but for one page, which no check asks for.
fn with_a_broken_page(site: &Site) -> String {
    site.body()
        .replace("\"200 OK\"", "\"500 Internal Server Error\" if environ[\"PATH_INFO\"] == \"/cart\" else \"200 OK\"")
}

fn errors_lead_back(site: &Site) {
    let former = site.next_release();
    site.code(&with_a_broken_page(site));
    site.project.up(&[]).exits(0).shows("on probation");
    assert!(answers(site).contains(&site.answer()));
    let begin = Instant::now();
    let asked = iter::repeat_with(|| {
        thread::sleep(Duration::from_millis(100));
        site.host().get("/cart").status
    });
    let errors = asked.take_while(|status| *status == 500).take(150).count();
    assert!((5..150).contains(&errors), "{errors} errors");
    assert!(begin.elapsed() < SOON, "it took {:?}", begin.elapsed());
    rests(site);
    assert!(answers(site).contains(&former), "{}", answers(site));
    // Who comes next is told.
    let told = "did not stand its probation and was rolled back, because watch what clients get of blue: ";
    let check = site.project.check(&[]).exits(2).shows(told);
    assert!(check.text.contains("answers within a minute were 5xx"), "{}", check.text);
    site.code(&site.body());
    site.project.up(&["--end-probation"]).exits(0);
    site.project.up(&["--end-probation"]).exits(0).shows("in sync");
}

/// No client notices much, for others answer; but something is wrong with it.
fn workers_that_end_lead_back(site: &Site) {
    let former = site.next_release();
    let dies = "import os, threading\ntimer = threading.Timer(14, os._exit, [1])\ntimer.daemon = True\ntimer.start()\n";
    site.code(&format!("{dies}{}", site.body()));
    site.project.up(&[]).exits(0).shows("on probation");
    rests(site);
    assert!(answers(site).contains(&former), "{}", answers(site));
    site.project.check(&[]).exits(2).shows("processes of blue end again and again");
    site.code(&site.body());
    site.project.up(&["--end-probation"]).exits(0);
    site.project.up(&["--end-probation"]).exits(0).shows("in sync");
}

/// The sandbox counts no memory, so the kernel's counter is put where others have it.
fn a_process_without_memory_leads_back(site: &Site) {
    let former = site.next_release();
    site.project.up(&[]).exits(0).shows("on probation");
    site.host().bash(
        "d=/sys/fs/cgroup/memory/system.slice/blue.service; mkdir -p $d; mount -t tmpfs tmpfs $d
        printf 'under_oom 0\noom_kill 0\n' >$d/memory.oom_control
        sleep 3; printf 'under_oom 0\noom_kill 1\n' >$d/memory.oom_control",
    );
    rests(site);
    site.host().bash("d=/sys/fs/cgroup/memory/system.slice/blue.service; umount $d; rmdir $d ${d%/*} ${d%/*/*}");
    assert!(answers(site).contains(&former), "{}", answers(site));
    site.project.check(&[]).exits(2).shows("blue has no memory left within its limit");
    site.project.up(&["--end-probation"]).exits(0);
    site.project.up(&["--end-probation"]).exits(0).shows("in sync");
}

fn an_app_that_stops_leads_back(site: &Site) {
    let former = site.next_release();
    site.project.up(&[]).exits(0).shows("on probation");
    site.host().bash("systemctl stop blue.service blue.socket");
    rests(site);
    assert!(answers(site).contains(&former), "{}", answers(site));
    site.project.check(&[]).exits(2).shows("blue does not run");
    site.project.up(&["--end-probation"]).exits(0);
    site.project.up(&["--end-probation"]).exits(0).shows("in sync");
}

fn goes_on_when_killed_and_after_a_power_cut(site: &Site) {
    let former = site.next_release();
    site.code(&with_a_broken_page(site));
    site.project.up(&[]).exits(0).shows("on probation");
    let pid = "systemctl show --property=MainPID provision-transaction.service";
    let killed = site.host().bash(&format!("{pid}; kill -KILL $({pid} | cut -d= -f2)"));
    until("another process", || {
        let now = site.host().bash(pid);
        now != killed && now != "MainPID=0"
    });
    site.project.check(&[]).exits(0).shows("on probation until");
    site.project.switch_off(0);
    site.project.switch_on(0);
    until("the new release after the power cut", || {
        let answer = crate::http::get(site.host().port(80), "/");
        answer.is_ok_and(|answer| answer.body.contains(&site.answer()))
    });
    until("its probation", || site.project.check(&[]).text.contains("on probation until"));
    // A host that is shut down in an orderly way goes on as well.
    site.host().reboot();
    until("its probation", || site.project.check(&[]).text.contains("on probation until"));
    assert!(answers(site).contains(&site.answer()), "{}", answers(site));
    until("the former release", || site.host().get("/cart").status == 200);
    rests(site);
    assert!(answers(site).contains(&former), "{}", answers(site));
    site.code(&site.body());
    site.project.up(&["--end-probation"]).exits(0);
    site.project.up(&["--end-probation"]).exits(0).shows("in sync");
}

/// What fails as often as before is no reason to go back.
fn what_was_usual_is_no_reason(site: &Site) {
    site.next_release();
    site.code(&with_a_broken_page(site));
    site.project.up(&[]).exits(0);
    site.project.up(&["--end-probation"]).exits(0).shows("in sync");
    let ask = || (0..20).map(|_| site.host().get("/cart").status).collect::<Vec<_>>();
    ask();
    thread::sleep(Duration::from_secs(2));
    site.next_release();
    site.code(&with_a_broken_page(site));
    site.project.up(&[]).exits(0).shows("on probation");
    ask();
    thread::sleep(Duration::from_secs(5));
    assert_eq!(ask()[0], 500);
    site.project.check(&[]).exits(0).shows("on probation until");
    site.project.up(&["--end-probation"]).exits(0).shows("in sync");
}
