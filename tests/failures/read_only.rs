//! `/etc` on a file system that is read-only, as after a disk error.

use super::project::fails_behind_nginx;
use super::site::Site;

const READ_ONLY: &str = "Read-only file system";

#[test]
fn a_read_only_etc_is_named_and_mended_by_the_next_run() {
    let Some(site) = Site::open("readonly-01") else { return };
    what_root_cannot_change(&site);
    state_from_the_start(&site);
    site.host().bash("mount --bind /etc /etc");
    from_the_start(&site);
    before_the_switch(&site);
    after_the_switch(&site);
    on_the_way_back(&site);
}

fn make(site: &Site, mode: &str) {
    site.host().bash(&format!("mount -o remount,bind,{mode} /etc"));
}

/// Only a file that is written has to be one that can be.
fn what_root_cannot_change(site: &Site) {
    let failure = site.failure("a file is immutable");
    site.project.edit("bind: 127.0.0.1:5001", "bind: 127.0.0.1:5001, workers: 2");
    site.host().bash("cd /etc/provision/blue && chattr +i env gunicorn.conf.py");
    let run = site.project.up(&[]);
    let path = "/etc/provision/blue/gunicorn.conf.py";
    let (what, remedy) = (format!("{path} has to be written, and is immutable"), format!("chattr -i {path}"));
    failure.told(&run, 3, &["refused before the switch", &what, "lsattr", &remedy]);
    failure.nothing_left();
    let ended = failure.kept_serving();
    site.host().bash("chattr -i /etc/provision/blue/gunicorn.conf.py");
    ended.converges();
    site.host().bash("chattr -i /etc/provision/blue/env");
    site.settles("a file is no longer immutable");
}

fn state_from_the_start(site: &Site) {
    let failure = site.failure("/var/lib/provision read-only");
    site.host().bash("mount --bind /var/lib/provision /var/lib/provision");
    site.host().bash("mount -o remount,bind,ro /var/lib/provision");
    let run = site.project.up(&[]);
    failure.told(&run, 3, &[READ_ONLY, "nothing was changed", "/var/lib/provision/running", "mount -o remount,rw"]);
    let ended = failure.kept_serving();
    site.host().bash("umount /var/lib/provision");
    ended.converges();
}

fn from_the_start(site: &Site) {
    let failure = site.failure("/etc read-only from the start");
    make(site, "ro");
    let run = site.project.up(&[]);
    failure.told(&run, 3, &[READ_ONLY, "refused before the switch", "file system of readonly-01 is read-only"]);
    failure.nothing_left();
    let ended = failure.kept_serving();
    make(site, "rw");
    ended.converges();
}

fn before_the_switch(site: &Site) {
    let failure = site.failure("/etc read-only before the switch");
    site.project.edit("path: /, timeout", "path: /x, timeout");
    site.project.edit("bind: 127.0.0.1:5001", "bind: 127.0.0.1:5001, threads: 2");
    let running = failure.up_to("note what is there");
    make(site, "ro");
    failure.go_on();
    let run = running.wait();
    failure.told(&run, 3, &[READ_ONLY, "file system of readonly-01 is read-only"]);
    make(site, "rw");
    let ended = failure.kept_serving();
    ended.converges();
}

fn after_the_switch(site: &Site) {
    let failure = site.failure("/etc read-only after the switch");
    site.project.edit("threads: 2", "threads: 1");
    let running = failure.up_to("switch /etc/provision/blue/gunicorn.conf.py");
    make(site, "ro");
    failure.go_on();
    let run = running.wait();
    failure.told(&run, 3, &[READ_ONLY, "rolled back only in part", "file system of readonly-01 is read-only"]);
    make(site, "rw");
    let ended = failure.kept_serving();
    ended.converges();
}

/// What cannot be undone stays noted, and every later run says so until it can.
fn on_the_way_back(site: &Site) {
    let failure = site.failure("/etc read-only on the way back");
    site.project.edit("threads: 1", "threads: 2");
    site.code(&fails_behind_nginx(&site.body()));
    let running = failure.up_to("run the health checks");
    make(site, "ro");
    failure.go_on();
    let run = running.wait();
    failure.told(&run, 3, &["answered 500", "rolled back only in part: bring back what was switched", READ_ONLY]);
    // What can be brought back is back.
    site.host().get("/").says(failure.old());
    let again = site.project.up(&[]);
    failure.told(&again, 3, &["rolled back only in part", READ_ONLY, "file system of readonly-01 is read-only"]);
    site.project.check(&[]).exits(2).shows("a run was cut while it changed this host, and `up` settles that first");
    make(site, "rw");
    site.code(&site.body());
    site.project.up(&[]).exits(0).shows("that is settled first");
    drop(failure);
    site.converged();
}
