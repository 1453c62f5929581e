//! What a run costs, counted at the host's sshd.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::host::Host;
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::Project;
use super::run::Run;

#[test]
fn a_run_costs_one_connection_and_one_or_two_commands() {
    let Some(project) = Project::open(&["sshd-01"]) else { return };
    let host = project.host();
    let inventory = Inventory::default().app("blue", &format!("{APP}, bind: 0.0.0.0:5001"));
    project.inventory(&inventory);
    let first = cost(host, || project.up(&[]).exits(0));
    assert_eq!(first, (1, 2), "connections and commands of a first run");
    let same = cost(host, || project.up(&[]).exits(0).shows("changed=0"));
    assert_eq!(same, (1, 1), "connections and commands of a run without changes");
    let check = cost(host, || project.check(&[]).exits(0));
    assert_eq!(check, (1, 1), "connections and commands of `check`");
    project.code("two");
    let change = cost(host, || project.up(&[]).exits(0).shows("new code"));
    assert_eq!(change, (1, 2), "connections and commands of a run with changes");
    assert!(project.open_connections().is_empty(), "`persist: 0` leaves no connection");

    project.inventory(&inventory.persist(60));
    leave_behind(&project);
    let cold = cost(host, || project.check(&[]).exits(0));
    let warm = cost(host, || project.check(&[]).exits(0));
    assert_eq!((cold, warm), ((1, 1), (0, 1)), "the second run takes up the first one's connection");
    assert_eq!(project.open_connections().iter().filter(|path| !path.ends_with("open")).count(), 1);
    for (name, stays) in [("old", false), ("new", true), ("open", true)] {
        for extension in ["lock", "log"] {
            let path = project.path(&format!("run/provision/{name}.{extension}"));
            assert_eq!(path.exists(), stays, "{}", path.display());
        }
    }
    fs::remove_file(project.path("run/provision/open")).expect("it is there");
    project.hang_up();
    say(&format!("connections, commands: unchanged {same:?}, changed {change:?}, warm {warm:?}"));
}

/// What masters have left: one that ended by itself long ago, one that did just now, and one whose socket is there.
fn leave_behind(project: &Project) {
    let long_ago = SystemTime::now() - Duration::from_secs(2 * 3600);
    for name in ["old", "new", "open"] {
        for extension in ["lock", "log"] {
            let file = File::create(project.path(&format!("run/provision/{name}.{extension}"))).expect("a file");
            if name != "new" {
                file.set_modified(long_ago).expect("its time can be set");
            }
        }
    }
    project.write("run/provision/open", "");
}

/// The connections and commands that sshd saw of a run.
pub fn cost(host: &Host, run: impl FnOnce() -> Run) -> (u32, u32) {
    host.bash(include_str!("scripts/mark.sh"));
    run();
    let counts = host.bash_with(include_str!("scripts/connections.sh"), "$SSH_CONNECTION");
    let (connections, commands) = counts.split_once(' ').expect("two numbers");
    (connections.parse().expect("a number"), commands.parse().expect("a number"))
}
