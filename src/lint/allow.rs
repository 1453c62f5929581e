//! Comments that allow what a rule would find: `# provision: allow RULE because REASON`.

use super::found::{Finding, Found};
use super::lines::{comment, is_code, numbered};
use super::rule::{Example, Rule, Severity};

pub static WITHOUT_REASON: Rule = Rule {
    id: "allow/without-reason",
    severity: Severity::Error,
    title: "a comment allows something and does not say why",
    why: "Whoever reads the exception later cannot tell whether its reason still holds, so nobody dares to remove it.",
    remedy: "Write `# provision: allow RULE because REASON`, on one line. Until then the comment silences nothing.",
    wrong: &[Example::site("# provision: allow nginx/version-disclosure\nserver {\n    listen 80;\n}\n")],
    right: &[Example::site(
        "\
# provision: allow nginx/version-disclosure because an old monitor reads the version
server {
    listen 80;
}
",
    )],
};

pub static UNKNOWN_RULE: Rule = Rule {
    id: "allow/unknown-rule",
    severity: Severity::Error,
    title: "a comment allows a rule that does not exist",
    why: "A misspelt id silences nothing, and the reader believes that it does.",
    remedy: "`provision lint --rules` lists the ids.",
    wrong: &[Example::site(
        "# provision: allow nginx/version because a monitor reads it\nserver {\n    listen 80;\n}\n",
    )],
    right: &[Example::site(
        "# provision: allow nginx/version-disclosure because a monitor reads it\nserver {\n    listen 80;\n}\n",
    )],
};

pub static UNUSED: Rule = Rule {
    id: "allow/unused",
    severity: Severity::Warning,
    title: "a comment allows what is not there",
    why: "An exception that outlives its cause hides the next mistake of that kind.",
    remedy: "Remove the comment, or move it to the line above what it speaks of.",
    wrong: &[Example::site(
        "# provision: allow nginx/version-disclosure because a monitor reads it\nserver {\n    server_tokens off;\n}\n",
    )],
    right: &[Example::site(
        "\
server {
    # provision: allow nginx/version-disclosure because a monitor reads it
    server_tokens on;
}
",
    )],
};

pub static RULES: &[&Rule] = &[&WITHOUT_REASON, &UNKNOWN_RULE, &UNUSED];

/// Rules that may find nothing on one host and something on another, with the same file: they look at versions, at
/// other files, or at how the app is started.
const CIRCUMSTANTIAL: [&str; 11] = [
    "gunicorn/later-setting",
    "gunicorn/later-syntax",
    "gunicorn/stop-timeout",
    "nginx/default-tls-protocols",
    "nginx/duplicate-default-server",
    "nginx/duplicate-server-name",
    "nginx/later-directive",
    "nginx/no-default-server",
    "systemd/later-directive",
    "systemd/notify-gunicorn",
    "systemd/relative-exec",
];

const MARK: &str = "provision: allow ";

/// A comment that allows something.
struct Allow<'a> {
    line: usize,
    rule: &'a str,
    has_reason: bool,
    used: bool,
}

/// The findings of a file that no comment allows, and what is wrong with such comments, in the order of the lines.
pub(super) fn settle(mut found: Found<'_>) -> Vec<Finding> {
    let mut allows = allows(&found);
    let mut left = vec![];
    for finding in std::mem::take(&mut found.list) {
        let fitting = allows
            .iter_mut()
            .find(|allow| allow.has_reason && allow.rule == finding.rule.id && speaks_of(&found, allow.line, &finding));
        match fitting {
            Some(allow) => allow.used = true,
            None => left.push(finding),
        }
    }
    for Allow { line, rule, has_reason, used } in allows {
        if super::rule(rule).is_none() {
            found.add(&UNKNOWN_RULE, line, format!("no rule is called `{rule}`"));
        } else if !has_reason {
            found.add(&WITHOUT_REASON, line, format!("`{rule}` is allowed without a reason"));
        } else if !used && !CIRCUMSTANTIAL.contains(&rule) {
            found.add(&UNUSED, line, format!("nothing that `{rule}` would find is here"));
        }
    }
    left.append(&mut found.list);
    left.sort_by_key(|finding| finding.line);
    left
}

fn allows<'a>(found: &Found<'a>) -> Vec<Allow<'a>> {
    let allow = |(line, text): (usize, &'a str)| {
        let (before, said) = text.split_once(MARK)?;
        let is_comment = before.trim_end().ends_with('#') || comment(text, found.language).is_some();
        if !is_comment || comment("#", found.language).is_none() {
            return None;
        }
        let (rule, rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
        let reason = rest.trim_start().strip_prefix("because ").is_some_and(|reason| !reason.trim().is_empty());
        Some(Allow { line, rule, has_reason: reason, used: false })
    };
    numbered(found.source.content).filter_map(allow).collect()
}

/// Whether a comment in `line` speaks of a finding: one in its own line, in the next line that is no comment, of the
/// block that it stands in, or of the file as a whole.
fn speaks_of(found: &Found<'_>, line: usize, finding: &Finding) -> bool {
    let code = |(_, text): &(usize, &str)| is_code(text, found.language);
    let next = numbered(found.source.content).skip(line - 1).find(code).map(|(number, _)| number);
    let around = found.blocks.iter().filter(|(first, last)| *first < line && line <= *last).max();
    finding.whole || Some(finding.line) == next || around.is_some_and(|(first, _)| *first == finding.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circumstantial_rules_exist() {
        let unknown: Vec<_> = CIRCUMSTANTIAL.iter().filter(|id| crate::lint::rule(id).is_none()).collect();
        assert_eq!(unknown, [] as [&&str; 0]);
    }
}
