//! Others at work on the same host: a package manager, and another run.

use std::io::{BufRead as _, BufReader};

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::Project;

#[test]
fn a_busy_host_is_waited_for_or_left_alone() {
    let Some(project) = Project::open(&["busy-01"]) else { return };
    let host = project.host();
    let slow = "release_command: sleep 2";
    let inventory = Inventory::default().app("blue", &format!("{APP}, bind: 0.0.0.0:5001, {slow}"));
    project.inventory(&inventory);

    host.put("/run/hold.py", include_str!("scripts/hold.py"));
    let (mut holder, _stdin) = host.spawn("sudo -n python3 /run/hold.py 8");
    let mut line = String::new();
    BufReader::new(holder.stdout.take().expect("it is piped")).read_line(&mut line).expect("the holder speaks");
    let process = line.trim().strip_prefix("held by ").expect("the lock is held").to_owned();
    let first = project.up(&[]).exits(0).shows("waiting: the package manager's lock");
    let first = first.shows(&format!("held by process {process} (python3)"));
    assert!(first.took.as_secs() >= 5, "it cannot have waited: {:?}", first.took);
    holder.wait().expect("the holder ends");
    host.get_from(5001, "/").says("blue runs release one");
    say(&format!("package manager's lock held for 8 s: first up in {:.1} s", first.took.as_secs_f64()));

    project.code("two");
    let mut working = project.start(&["up", "-v"]);
    working.until_it_says("run the release command of blue");
    let second = project.up(&[]).exits(6).shows("a change is in progress there");
    let second = second.shows(&format!("process {}, as busy-01, since", working.id()));
    assert!(working.runs(), "the first run is still at work");
    working.wait().exits(0);
    host.get_from(5001, "/").says("release two");
    project.up(&[]).exits(0).shows("changed=0");
    say(&format!("a second run at once is turned away in {:.1} s", second.took.as_secs_f64()));
}
