//! `check` on a host that has nothing yet.

use super::lab::say;
use super::project::Project;

pub fn is_checked_without_a_trace(project: &Project) {
    let tree = || project.host().bash(include_str!("scripts/tree.sh"));
    let before = tree();
    let run = project.check(&["web-01", "--diff"]).exits(2).shows("package nginx").shows("would change");
    let after = tree();
    assert_same(&before, &after, "`check` left a trace on the host");
    say(&format!("bare host: {} planned changes, {} paths untouched", run.plan().len(), before.lines().count()));
}

/// Compares two listings, and shows only where they differ.
#[track_caller]
pub fn assert_same(before: &str, after: &str, what: &str) {
    if before == after {
        return;
    }
    let gone = before.lines().filter(|line| !after.lines().any(|other| other == *line)).map(|line| format!("- {line}"));
    let new = after.lines().filter(|line| !before.lines().any(|other| other == *line)).map(|line| format!("+ {line}"));
    let lines: Vec<_> = gone.chain(new).take(40).collect();
    panic!("{what}:\n{}", lines.join("\n"));
}
