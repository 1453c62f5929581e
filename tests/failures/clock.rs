//! A clock that is a year off, before and after it was set right.
//!
//! Hosts of the sandbox share the kernel's clock, so every process of provision there is shown another one, by a
//! library; the times of files stay true, as those of files that were there before the clock went wrong.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::lab::say;
use super::site::Site;

/// In seconds.
const YEAR: i64 = 365 * 24 * 60 * 60;

#[test]
fn a_clock_that_is_wrong_keeps_nothing_from_converging() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let library = library(folder.path());
    let Some(site) = Site::open("clock-01") else { return };
    for (name, offset) in [("the clock is a year ahead", YEAR), ("the clock is a year behind", -YEAR)] {
        is_wrong(&site, name, offset, &library);
        is_right_again(&site);
    }
}

/// The library, by the compiler that links Rust programs too.
fn library(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    std::fs::write(&source, include_str!("fixtures/clock.c")).expect("it can be written");
    let run = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-Wall", "-o"]).args([&library, &source]).output();
    let run = run.expect("cc runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    library
}

fn is_wrong(site: &Site, name: &'static str, offset: i64, library: &Path) {
    let host = site.host();
    let year = |text: String| text.parse::<i32>().expect("a year");
    let before = year(host.bash("date +%Y"));
    let (mut copy, mut stdin) = host.spawn("sudo -n bash -c 'cat >/usr/lib/wrong-clock.so'");
    std::io::copy(&mut std::fs::File::open(library).expect("the library"), &mut stdin).expect("it can be sent");
    drop(stdin);
    assert!(copy.wait().expect("it ends").success(), "the library is on the host");
    host.bash(&format!("offset={offset}\n{}", include_str!("scripts/fake_clock.sh")));
    let step = if offset > 0 { 1 } else { -1 };
    assert_eq!(year(host.bash("date +%Y")), before + step, "the clock is wrong");
    let file = year(host.bash("touch /run/now; date -d @$(stat -c %Z /run/now) +%Y"));
    assert_eq!(file, before, "files tell the truth");

    let failure = site.failure(name);
    failure.either_may_answer();
    // The app reloads with new code, restarts with a new environment, and Nginx reloads.
    let run = site.project.up(&[]);
    failure.told(&run, 0, &["reload blue.service"]);
    site.converged();
    site.new_environment();
    site.project.up(&[]).exits(0).shows("restart blue.service");
    site.converged();
    site.project.edit("routes: { /:", "headers: { X-Mark: m1 }, routes: { /:");
    site.project.up(&[]).exits(0).shows("reload nginx.service");
    site.converged();
    // Somebody restarts the app by hand.
    site.host().bash("systemctl restart blue");
    site.settles("after a restart by hand");
    site.project.edit("headers: { X-Mark: m1 }, routes: { /:", "routes: { /:");
    site.project.up(&[]).exits(0);
    site.converged();
    failure.kept_serving_either();
}

fn is_right_again(site: &Site) {
    site.host().bash(include_str!("scripts/true_clock.sh"));
    site.settles("once the clock is right");
    site.next_release();
    site.project.up(&[]).exits(0);
    site.converged();
    site.host().bash("systemctl restart blue");
    site.settles("after a restart by hand");
    say("the clock is right again: in sync");
}
