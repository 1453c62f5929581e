//! Unified diffs of files, of which they show what the file says may be shown. The one place that names `similar`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use crate::mask::MASK;
use crate::model::{File, Part, Secrecy};
use crate::outside::visible;

/// The diff from what is in a file now (`None`: nothing) to what it should be, coloured; empty when nothing shown
/// differs.
pub fn unified(before: Option<&str>, file: &File) -> String {
    let (before_shown, after) = match &file.secrecy {
        Secrecy::Open => (before.map(Cow::Borrowed), Cow::Borrowed(file.content.as_str())),
        Secrecy::Pieces(parts) => {
            let after = wanted(parts);
            (before.map(|text| Cow::Owned(only_wanted(text, &after))), Cow::Owned(after))
        }
        Secrecy::Whole => {
            return format!("{}: the content is secret and not shown\n", file.path);
        }
    };
    let mut text = String::new();
    let path = &file.path;
    let from = if before.is_some() { path.as_str() } else { "/dev/null" };
    let diff = TextDiff::from_lines(before_shown.as_deref().unwrap_or(""), &after);
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

/// The wanted text, without its secrets.
fn wanted(parts: &[Part]) -> String {
    let shown = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Secret(_) => MASK.to_owned(),
    };
    parts.iter().map(shown).collect()
}

/// What the host has, as far as it is wanted too, for every other byte may be a secret of former days: of an assignment
/// its name is shown, of another line nothing.
fn only_wanted(text: &str, wanted: &str) -> String {
    let open: BTreeSet<&str> = pieces(wanted).into_iter().collect();
    let mut shown = String::with_capacity(text.len());
    for piece in pieces(text) {
        match (open.contains(piece), name(piece)) {
            (true, _) => shown.push_str(piece),
            (false, Some(name)) => _ = write!(shown, "{name}={MASK}"),
            (false, None) => shown.push_str(MASK),
        }
        shown.push('\n');
    }
    shown
}

/// The lines of a text, and the assignments of an environment, each of which may have several lines.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = vec![];
    let mut rest = text;
    while !rest.is_empty() {
        let end = if name(rest).is_some() { end_of_assignment(rest) } else { rest.find('\n').unwrap_or(rest.len()) };
        pieces.push(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    pieces
}

/// The variable that is assigned to where a text begins. The end of a key in base64 looks much like one, and has
/// nothing behind its `=` or `==`.
fn name(text: &str) -> Option<&str> {
    let (name, value) = text.lines().next()?.split_once('=')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let assigns = !name.is_empty() && name.chars().all(is_name) && !matches!(value.chars().next(), None | Some('='));
    assigns.then_some(name)
}

/// Where the assignment ends that a text begins with: at a line break that is neither quoted nor escaped.
fn end_of_assignment(text: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            _ if escaped => escaped = false,
            ('\\', _) => escaped = true,
            ('\n', None) => return at,
            ('"' | '\'', None) => quote = Some(c),
            (_, Some(open)) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Form, Mode, Secret};

    /// An environment of these pieces; every second one is the value of a secret.
    fn env(pieces: &[&str]) -> File {
        let secret = |value: &str| {
            Part::Secret(Secret {
                variable: "APP_PASSWORD".parse().expect("a name"),
                value: value.to_owned(),
                form: Form::EnvFile,
            })
        };
        let part = |(index, piece): (usize, &&str)| {
            if index % 2 == 1 { secret(piece) } else { Part::Text((*piece).to_owned()) }
        };
        file(&pieces.concat(), Secrecy::Pieces(pieces.iter().enumerate().map(part).collect()))
    }

    fn file(content: &str, secrecy: Secrecy) -> File {
        File {
            path: "/etc/provision/web/env".parse().expect("a path"),
            content: content.to_owned(),
            mode: Mode::new(0o640),
            owner: "root".parse().expect("a user"),
            group: "web".parse().expect("a group"),
            template: "env".to_owned(),
            secrets: vec![],
            secrecy,
        }
    }

    fn plain(before: &str, file: &File) -> String {
        let text = anstream::adapter::strip_str(&unified(Some(before), file)).to_string();
        text.lines().filter(|line| !line.starts_with("@@")).skip(2).map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn of_the_host_only_what_is_wanted_too_is_shown() {
        let file = env(&["# comment\nMODE=\"production\"\nLANG=\"C\"\nPASSWORD=", "\"new\"", "\n"]);
        let before = "# comment, old\nMODE=\"test\"\nLANG=\"C\"\nPASSWORD=\"old\"\nOTHER=\"unknown\"\n";
        assert_eq!(
            plain(before, &file),
            "-********\n-MODE=********\n+# comment\n+MODE=\"production\"\n LANG=\"C\"\n PASSWORD=********\n\
             -OTHER=********\n"
        );
    }

    #[test]
    fn a_value_of_several_lines_is_one_value() {
        let values = ["\"old\nA=old\n\\\"B=old\"", "'old\nA=\"old\n'", "old\\\nA=old", "\"old\nthe quote was cut"];
        for value in values {
            let diff = plain(&format!("MODE=\"x\"\nPASSWORD={value}\n"), &env(&["MODE=\"x\"\n"]));
            assert_eq!(diff, " MODE=\"x\"\n-PASSWORD=********\n");
        }
    }

    #[test]
    fn a_secret_that_is_wanted_no_more_is_not_shown() {
        let diff = plain("PASSWORD=\"old\"\n", &env(&["PASSWORD=\"plain now\"\n"]));
        assert_eq!(diff, "-PASSWORD=********\n+PASSWORD=\"plain now\"\n");
    }

    #[test]
    fn a_key_is_not_taken_for_an_assignment() {
        for tail in ["b2xk=", "b2xk=="] {
            let file = env(&["# Key.\n", "-----BEGIN\nbmV3\n", "\n"]);
            let diff = plain(&format!("# Key.\n-----BEGIN\n{tail}\n"), &file);
            assert_eq!(diff, " # Key.\n ********\n-********\n");
        }
    }

    #[test]
    fn of_a_secret_file_nothing_is_shown() {
        let diff = unified(Some("OLD\n"), &file("NEW\n", Secrecy::Whole));
        assert_eq!(diff, "/etc/provision/web/env: the content is secret and not shown\n");
    }

    #[test]
    fn what_a_terminal_would_obey_is_seen_and_not_obeyed() {
        let file = file("MODE=\"\u{9b}2J\"\n", Secrecy::Open);
        let diff = plain("MODE=\"\u{1b}]52;c;b3duZWQ=\u{7}\u{202e}\"\r\n", &file);
        assert_eq!(diff, "-MODE=\"␛]52;c;b3duZWQ=␇\u{fffd}\"␍\n+MODE=\"\u{fffd}2J\"\n");
    }

    #[test]
    fn a_changed_secret_is_told_without_its_value() {
        let file = env(&["PASSWORD=", "\"new\"", "\n"]);
        assert_eq!(unified(Some("PASSWORD=\"old\"\n"), &file), "/etc/provision/web/env: only secret values differ\n");
    }
}
