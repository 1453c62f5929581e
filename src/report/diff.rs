//! Unified diffs of files, with secrets masked. The one place that names `similar`.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use crate::mask::MASK;
use crate::model::File;
use crate::outside::visible;

/// How the comment begins that a rendered environment has above each secret.
const MARK: &str = "# Secret: ";

/// The diff from what is in a file now (`None`: nothing) to what it should be, coloured; empty when nothing shown
/// differs.
pub fn unified(before: Option<&str>, file: &File) -> String {
    let after = mask(&file.content, file);
    let before_masked = before.map(|text| mask(text, file));
    let mut text = String::new();
    let path = &file.path;
    let from = if before.is_some() { path.as_str() } else { "/dev/null" };
    let diff = TextDiff::from_lines(before_masked.as_deref().unwrap_or(""), &after);
    let bold = Style::new().bold();
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        if text.is_empty() {
            let _ = writeln!(text, "{bold}--- {from}{bold:#}\n{bold}+++ {path}{bold:#}");
        }
        let cyan = AnsiColor::Cyan.on_default();
        let _ = writeln!(text, "{cyan}{}{cyan:#}", hunk.header());
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', AnsiColor::Red.on_default()),
                ChangeTag::Insert => ('+', AnsiColor::Green.on_default()),
                ChangeTag::Equal => (' ', Style::new()),
            };
            // What is on the host may have been put there to be looked at.
            let line = visible(change.value().trim_end_matches('\n'));
            let _ = writeln!(text, "{style}{sign}{line}{style:#}");
            if change.missing_newline() {
                text.push_str("\\ No newline at end of file\n");
            }
        }
    }
    if text.is_empty() && before.is_some_and(|before| before != file.content) {
        let _ = writeln!(text, "{path}: only secret values differ");
    }
    text
}

/// Hides secret values. On the host's side the value may be another, so whole assignments are hidden: of every name
/// whose wanted value is secret, and of every name that is not wanted at all.
fn mask(text: &str, file: &File) -> String {
    // The host's copy may still hold a secret that the inventory has no more.
    if file.secrets.is_empty() && !text.lines().any(|line| line.starts_with(MARK)) {
        return text.to_owned();
    }
    let open: Vec<&str> = file
        .content
        .lines()
        .filter(|line| !file.secrets.iter().any(|secret| !secret.is_empty() && line.contains(secret.as_str())))
        .filter_map(|line| line.split_once('=').map(|(name, _)| name))
        .collect();
    let several_lines = file.secrets.iter().any(|secret| secret.contains('\n'));
    if several_lines {
        // Lines of such a value look like anything.
        return format!("(the content holds secrets of several lines and is not shown)\n{MASK}\n");
    }
    let mut masked = String::with_capacity(text.len());
    let mut marked = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        match line.split_once('=') {
            Some((name, value)) if !line.trim_start().starts_with('#') && (marked || !open.contains(&name)) => {
                let _ = writeln!(masked, "{name}={MASK}");
                // A value of several lines goes on until its quote ends.
                if value.starts_with('"') && (value == "\"" || !ends_quote(value)) {
                    lines.by_ref().find(|line| ends_quote(line));
                }
            }
            _ => {
                let _ = writeln!(masked, "{line}");
            }
        }
        marked = line.starts_with(MARK);
    }
    masked
}

/// Does a line of a quoted value end it? An odd number of backslashes before the quote would make it part of the value.
fn ends_quote(line: &str) -> bool {
    let escaped = |rest: &str| rest.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
    line.strip_suffix('"').is_some_and(|rest| !escaped(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Mode;

    fn env(content: &str, secrets: &[&str]) -> File {
        File {
            path: "/etc/provision/web/env".parse().expect("a path"),
            content: content.to_owned(),
            mode: Mode::new(0o640),
            owner: "root".parse().expect("a user"),
            group: "web".parse().expect("a group"),
            template: "env".to_owned(),
            secrets: secrets.iter().map(|secret| (*secret).to_owned()).collect(),
            parts: vec![],
        }
    }

    #[test]
    fn neither_side_shows_a_secret() {
        let file = env("# comment\nMODE=\"production\"\nPASSWORD=\"new\"\n", &["new"]);
        let diff = unified(Some("# comment\nMODE=\"test\"\nPASSWORD=\"old\"\nOTHER=\"unknown\"\n"), &file);
        assert!(diff.contains("MODE=\"test\"") && diff.contains("MODE=\"production\""), "{diff}");
        for secret in ["old", "\"new", "unknown"] {
            assert!(!diff.contains(secret), "{diff}");
        }
    }

    #[test]
    fn a_secret_that_is_wanted_no_more_is_not_shown() {
        let before = "# Secret: it came from elsewhere\nPASSWORD=\"old\n second line\"\nMODE=\"test\"\n";
        for content in ["MODE=\"test\"\n", "PASSWORD=\"plain now\"\nMODE=\"test\"\n"] {
            let diff = unified(Some(before), &env(content, &[]));
            assert!(!diff.contains("old") && !diff.contains("second"), "{diff}");
            assert!(diff.contains("PASSWORD=********"), "{diff}");
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_seen_and_not_obeyed() {
        let diff = unified(Some("MODE=\"\u{1b}]52;c;b3duZWQ=\u{7}\u{202e}\"\r\n"), &env("MODE=\"\u{9b}2J\"\n", &[]));
        let plain = anstream::adapter::strip_str(&diff).to_string();
        assert!(plain.contains("-MODE=\"␛]52;c;b3duZWQ=␇\u{fffd}\"␍\n+MODE=\"\u{fffd}2J\"\n"), "{plain:?}");
    }

    #[test]
    fn a_changed_secret_is_told_without_its_value() {
        let file = env("PASSWORD=\"new\"\n", &["new"]);
        assert_eq!(unified(Some("PASSWORD=\"old\"\n"), &file), "/etc/provision/web/env: only secret values differ\n");
    }
}
