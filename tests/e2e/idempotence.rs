//! A second run changes nothing: no file, no process.

use super::bare::assert_same;
use super::lab::say;
use super::processes::Processes;
use super::project::Project;

pub fn holds_for_up_and_check(project: &Project) {
    let host = project.host();
    let managed = || host.bash(include_str!("scripts/managed.sh"));
    let (files, processes) = (managed(), Processes::of(host));
    for app in ["hello", "dynamic", "api", "web", "nginx"] {
        assert!(processes.has(app), "{app} runs: {processes:?}");
    }
    assert_eq!(processes.service("web").workers.len(), 3, "the inventory asks for three workers");

    let second = project.up(&["web-01"]).exits(0).shows("changed=0").shows("in sync");
    assert_eq!(second.plan(), [""; 0]);
    assert_same(&files, &managed(), "a second `up` changed files");
    Processes::of(host).only(&processes, &[], "a second `up`");

    let check = project.check(&["web-01"]).exits(0).shows("in sync");
    assert_same(&files, &managed(), "`check` changed files");
    Processes::of(host).only(&processes, &[], "`check`");
    say(&format!(
        "second up {:.2} s, check {:.2} s: {} lines about files and {} processes are the same",
        second.took.as_secs_f64(),
        check.took.as_secs_f64(),
        files.lines().count(),
        processes.count()
    ));
}
