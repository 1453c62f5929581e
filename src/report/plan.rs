//! A plan as text: one line a change, with its reason, and diffs where they are wanted.

use anstyle::{AnsiColor, Style};

use super::diff;
use crate::plan::{Change, Operation, Plan, Verb};

/// The changes of a plan, each line behind `prefix`.
pub fn text(plan: &Plan, prefix: &str, with_diff: bool) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        let (mark, style) = mark(change);
        text.push_str(&format!("{prefix}{style}{mark} {}{style:#}  ({})\n", change.operation, change.reason));
        if let (true, Operation::PutFile(file)) = (with_diff, &change.operation) {
            let content_differs = change.before.is_some() || change.reason == "does not exist";
            if content_differs {
                text.push_str(&diff::unified(change.before.as_deref(), file));
            }
        }
    }
    text
}

fn mark(change: &Change) -> (char, Style) {
    let existed = change.reason != "does not exist" && change.reason != "none is live";
    match change.operation.verb(existed) {
        Verb::Add => ('+', AnsiColor::Green.on_default()),
        Verb::Update => ('~', AnsiColor::Yellow.on_default()),
        Verb::Remove => ('-', AnsiColor::Red.on_default()),
        Verb::Act => ('!', AnsiColor::Cyan.on_default()),
    }
}
