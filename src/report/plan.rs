//! A plan as text: one line a change, with its reason, and diffs where they are wanted.

use anstyle::{AnsiColor, Style};

use super::diff;
use super::reason::reason;
use crate::plan::{Change, Operation, Plan, Reason, Verb};

/// The changes of a plan, each line behind `prefix`.
#[must_use]
pub fn changes(plan: &Plan, prefix: &str, with_diff: bool) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        let (mark, style) = mark(change);
        text.push_str(&format!("{prefix}{style}{mark} {}{style:#}  ({})\n", change.operation, reason(&change.reason)));
        if let (true, Operation::PutFile(file)) = (with_diff, &change.operation) {
            let before = change.before.as_deref();
            if before.is_some() || change.reason == Reason::Missing {
                text.push_str(&diff::unified(before, file));
            }
        }
    }
    text
}

fn mark(change: &Change) -> (char, Style) {
    match change.verb() {
        Verb::Add => ('+', AnsiColor::Green.on_default()),
        Verb::Update => ('~', AnsiColor::Yellow.on_default()),
        Verb::Remove => ('-', AnsiColor::Red.on_default()),
        Verb::Act => ('!', AnsiColor::Cyan.on_default()),
    }
}
