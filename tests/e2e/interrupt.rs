//! Ctrl-C while a host is being changed.

use super::host::until;
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::Project;

#[test]
fn ctrl_c_ends_cleanly_and_the_next_run_converges() {
    let Some(project) = Project::open(&["interrupt-01"]) else { return };
    let host = project.host();
    let app = format!("{APP}, bind: 0.0.0.0:5001, release_command: sleep 2");
    project.inventory(&Inventory::default().app("blue", &app)).up(&[]).exits(0);

    project.code("two");
    let mut once = project.start(&["up", "-v"]);
    once.until_it_says("run the release command of blue");
    once.interrupt();
    let once = once.wait().exits(130).shows("ends first").shows("changed=");
    host.get_from(5001, "/").says("release two");
    project.up(&[]).exits(0).shows("changed=0");

    project.code("three");
    let mut twice = project.start(&["up", "-v"]);
    twice.until_it_says("run the release command of blue");
    twice.interrupt();
    twice.until_it_says("Ctrl-C again");
    twice.interrupt();
    let twice = twice.wait().exits(130).shows("interrupted").shows("it goes on by itself");
    let mut last = project.up(&[]);
    until("the end of the run that was left", || {
        if last.code == 6 {
            last = project.up(&[]);
        }
        last.code != 6
    });
    last.exits(0);
    host.get_from(5001, "/").says("release three");
    project.check(&[]).exits(0);
    assert!(project.open_connections().is_empty(), "no connection is left");
    say(&format!(
        "Ctrl-C: {:.1} s until the host is done, twice: {:.1} s",
        once.took.as_secs_f64(),
        twice.took.as_secs_f64()
    ));
}
