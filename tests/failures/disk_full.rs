//! Disks that are full, or fill up while a host is being changed.

use super::failure::Failure;
use super::project::fails_behind_nginx;
use super::site::Site;

const FULL: &str = "No space left on device";

#[test]
fn a_full_disk_is_named_and_costs_nothing() {
    let Some(site) = Site::open_on("disk-01", |host| drop(host.bash(include_str!("scripts/small.sh")))) else { return };
    root_full_from_the_start(&site);
    state_full_from_the_start(&site);
    both_full_from_the_start(&site);
    for (name, disk) in [("/ fills up before the switch", "root"), ("/var fills up before the switch", "state")] {
        fills_up_before_the_switch(&site, name, disk);
    }
    state_fills_up_and_does_not_matter(&site);
    root_fills_up_after_the_switch(&site);
    no_more_files_after_the_commit(&site);
    state_fills_up_after_the_switch(&site);
    for (name, disk) in [
        ("/var fills up, and the way back goes over it", "state"),
        ("both fill up, and the way back goes over them", "both"),
    ] {
        goes_back_on_a_full_disk(&site, name, disk);
    }
}

fn fill(site: &Site, disk: &str) {
    let disks = if disk == "both" { "root state" } else { disk };
    // The second goes on where the first has left half a page.
    site.host().bash(&format!(
        "for disk in {disks}; do cat /dev/zero >/mnt/$disk/filler 2>/dev/null || true; df /mnt/$disk | grep -q '100%'; \
         done"
    ));
}

fn mend(site: &Site) {
    site.host().bash("rm -f /mnt/*/filler");
}

fn root_full_from_the_start(site: &Site) {
    let failure = site.failure("/ full from the start");
    fill(site, "root");
    let run = site.project.up(&[]);
    failure.told(&run, 3, &[FULL, "refused before the switch", "a disk of disk-01 is full"]);
    failure.nothing_left();
    let ended = failure.kept_serving();
    mend(site);
    ended.converges();
}

fn state_full_from_the_start(site: &Site) {
    let failure = site.failure("/var full from the start");
    fill(site, "state");
    let run = site.project.up(&[]);
    failure.told(&run, 3, &[FULL, "nothing was changed", "a disk of disk-01 is full"]);
    failure.nothing_left();
    let ended = failure.kept_serving();
    mend(site);
    ended.converges();
}

fn both_full_from_the_start(site: &Site) {
    let failure = site.failure("both full from the start");
    fill(site, "both");
    let run = site.project.up(&[]);
    failure.told(&run, 3, &[FULL, "nothing was changed", "a disk of disk-01 is full"]);
    failure.nothing_left();
    let ended = failure.kept_serving();
    mend(site);
    ended.converges();
}

fn fills_up_before_the_switch(site: &Site, name: &'static str, disk: &str) {
    let failure = site.failure(name);
    let running = failure.up_to("note what is there");
    fill(site, disk);
    failure.go_on();
    let run = running.wait();
    failure.told(&run, 3, &[FULL, "refused before the switch", "a disk of disk-01 is full"]);
    failure.nothing_left();
    let ended = failure.kept_serving();
    mend(site);
    ended.converges();
}

/// The room that was set aside is enough for the rest.
fn state_fills_up_and_does_not_matter(site: &Site) {
    goes_on(site, "/var fills up while the release is unpacked", "state", "unpack release");
}

/// Nothing needs room there any more.
fn root_fills_up_after_the_switch(site: &Site) {
    goes_on(site, "/ fills up after the switch", "root", "reload blue.service");
}

fn goes_on(site: &Site, name: &'static str, disk: &str, step: &str) {
    let failure = site.failure(name);
    let running = failure.up_to(step);
    fill(site, disk);
    failure.either_may_answer();
    failure.go_on();
    let run = running.wait();
    failure.told(&run, 0, &["changed=3"]);
    failure.kept_serving_either();
    mend(site);
    site.converged();
}

/// Nothing may be left half written, and the history has it.
fn no_more_files_after_the_commit(site: &Site) {
    let exhaust = |failure: &Failure<'_>| {
        let used = "df --output=iused /mnt/state | tail -n 1";
        site.host().bash(&format!("mount -o remount,nr_inodes=$(($({used}) + 2)) /mnt/state"));
        fill(site, "state");
        failure.go_on();
    };
    let mend = || {
        site.host().bash("mount -o remount,nr_inodes=100000 /mnt/state");
        mend(site);
    };
    let failure = site.failure("/var has no inodes after the commit");
    failure.either_may_answer();
    let running = failure.up_to("record the generation");
    exhaust(&failure);
    failure.told(&running.wait(), 0, &["changed=3"]);
    failure.kept_serving_either();
    mend();
    site.converged();

    let failure = site.failure("/var has no inodes after the commit, nor room");
    failure.either_may_answer();
    let running = failure.up_to("record the generation");
    site.host().bash("rm -r /var/lib/provision/transaction/room");
    exhaust(&failure);
    failure.told(&running.wait(), 3, &[FULL, "the new state is live and healthy", "a disk of disk-01 is full"]);
    failure.kept_serving_either();
    mend();
    let half = "find /var/lib/provision/generations/ -name '*.new'; cd /var/lib/provision; \
                [[ $(readlink generation) != $(readlink last) ]] && echo older";
    assert_eq!(site.host().bash(half), "older", "nothing is half written");
    site.project.up(&[]).exits(0).shows("it is finished now");
    assert_eq!(site.host().bash("cd /var/lib/provision; cmp <(readlink generation) <(readlink last)"), "");
    site.converged();
}

/// The journal has no room for what is done next.
fn state_fills_up_after_the_switch(site: &Site) {
    let failure = site.failure("/var fills up after the switch");
    let running = failure.up_to("reload blue.service");
    fill(site, "state");
    failure.either_may_answer();
    failure.go_on();
    let run = running.wait();
    failure.told(&run, 7, &[FULL, "rolled back", "a disk of disk-01 is full"]);
    failure.nothing_left();
    let ended = failure.kept_serving();
    mend(site);
    ended.converges();
}

fn goes_back_on_a_full_disk(site: &Site, name: &'static str, disk: &str) {
    let failure = site.failure(name);
    site.code(&fails_behind_nginx(&site.body()));
    let running = failure.up_to("run the health checks");
    fill(site, disk);
    failure.go_on();
    let run = running.wait();
    failure.told(&run, 7, &["answered 500", "rolled back"]);
    failure.nothing_left();
    let ended = failure.serves_again();
    mend(site);
    site.code(&site.body());
    ended.converges();
}
