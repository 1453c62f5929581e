//! Python that an old Python does not read.

use super::read::Settings;
use crate::lint::found::Found;
use crate::lint::host::{Host, running, too_old};
use crate::lint::rule::{Example, Rule, Severity};
use crate::platform::Version;

pub static LATER_SYNTAX: Rule = Rule {
    id: "gunicorn/later-syntax",
    severity: Severity::Error,
    title: "settings are written in a Python younger than the host's",
    why: "gunicorn runs the file with the host's Python: one f-string, and on Python 3.5 no worker starts. Where the \
          version is not known the oldest supported one, 3.5, is kept in mind, and the finding is a warning.",
    remedy: "Write what Python 3.5 reads: `\"{}\".format(x)` for f-strings, `1000` for `1_000`, no annotations of \
             variables, no `:=`, no `match`.",
    wrong: &[Example::settings("_port = 5000\nbind = f\"127.0.0.1:{_port}\"\n")],
    right: &[Example::settings("_port = 5000\nbind = \"127.0.0.1:{}\".format(_port)\n")],
};

pub(super) fn check(found: &mut Found<'_>, settings: &Settings, host: &Host) {
    let formatted = settings.formatted.iter().map(|line| (*line, "an f-string", Version::new(3, 6, 0)));
    let lines = settings.code.iter().enumerate();
    let others = lines.filter_map(|(index, code)| later(code).map(|(what, since)| (index + 1, what, since)));
    for (line, what, since) in formatted.chain(others).collect::<Vec<_>>() {
        if let Some(severity) = too_old(host.python, since) {
            let host = running("Python", host.python, Host::XENIAL.python);
            let message = format!("{what} needs Python {}, and {host}", since);
            found.add_as(severity, &LATER_SYNTAX, line, message);
        }
    }
}

/// What in a line of code an old Python does not read, and which one does.
fn later(code: &str) -> Option<(&'static str, Version)> {
    let first = code.split_whitespace().next().unwrap_or_default();
    if code.contains(":=") {
        Some(("`:=`", Version::new(3, 8, 0)))
    } else if matches!(first, "match" | "case") && code.trim_end().ends_with(':') && !code.contains('=') {
        Some(("`match`", Version::new(3, 10, 0)))
    } else if has_grouped_number(code) {
        Some(("a number with `_`", Version::new(3, 6, 0)))
    } else if is_annotated(code) {
        Some(("the annotation of a variable", Version::new(3, 6, 0)))
    } else {
        None
    }
}

/// `1_000`, and not `a1_0`.
fn has_grouped_number(code: &str) -> bool {
    let mut words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.any(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('_') && !word.contains("__"))
}

/// `name: type = value`.
fn is_annotated(code: &str) -> bool {
    let Some((name, rest)) = code.trim_start().split_once(':') else { return false };
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_word = matches!(name, "else" | "try" | "finally" | "lambda");
    let kind = rest.split('=').next().unwrap_or_default().trim();
    is_name && !is_word && kind.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::later;
    use crate::platform::Version;

    #[test]
    fn what_is_later() {
        for (code, since) in [
            ("a = 1_000", Some(6)),
            ("a: int = 1", Some(6)),
            ("if (b := c):", Some(8)),
            ("match a:", Some(10)),
            ("a = 1000", None),
            ("def f(a: int):", None),
            ("else: a = 1", None),
            ("match = 1", None),
            ("a_1_0 = b[1:2]", None),
        ] {
            assert_eq!(later(code).map(|(_, since)| since), since.map(|minor| Version::new(3, minor, 0)), "{code}");
        }
    }
}
