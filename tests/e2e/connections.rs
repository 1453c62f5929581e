//! What a run costs, counted at the host's sshd.

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
    let cold = cost(host, || project.check(&[]).exits(0));
    let warm = cost(host, || project.check(&[]).exits(0));
    assert_eq!((cold, warm), ((1, 1), (0, 1)), "the second run takes up the first one's connection");
    assert_eq!(project.open_connections().len(), 1);
    project.hang_up();
    say(&format!("connections, commands: unchanged {same:?}, changed {change:?}, warm {warm:?}"));
}

/// The connections and commands that sshd saw of a run.
pub fn cost(host: &Host, run: impl FnOnce() -> Run) -> (u32, u32) {
    host.bash(include_str!("scripts/mark.sh"));
    run();
    let counts = host.bash_with(include_str!("scripts/connections.sh"), "$SSH_CONNECTION");
    let (connections, commands) = counts.split_once(' ').expect("two numbers");
    (connections.parse().expect("a number"), commands.parse().expect("a number"))
}
