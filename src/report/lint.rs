//! Findings of the rules over rendered files: in the layout of the inventory's mistakes for people, JSON lines for
//! programs.

use serde_json::json;

use super::table::table;
use crate::diagnostic::{Broken, Diagnostic, Diagnostics, Severity, Span, Style};
use crate::lint::{Gathered, Rule};

/// How many hosts are named where a finding concerns many.
const NAMED: usize = 3;

/// A finding with its place, line, reason and remedy.
#[must_use]
pub fn finding(gathered: &Gathered, style: Style) -> String {
    let Gathered { finding, .. } = gathered;
    let start = finding.text.len() - finding.text.trim_start().len();
    let place = Span::new(start, finding.text.trim_end().len().max(start));
    let from = format!("rendered from `templates/{}` for {}", finding.template, hosts(gathered));
    let diagnostic = Diagnostic::new(&finding.message, place)
        .breaks(Broken {
            severity: finding.severity,
            name: finding.rule.id,
            notes: vec![from, finding.rule.why.to_owned()],
        })
        .hint(finding.rule.remedy);
    Diagnostics::excerpt(&finding.path, finding.line, &finding.text, vec![diagnostic]).render(style)
}

/// A finding as one JSON object.
#[must_use]
pub fn finding_json(Gathered { finding, hosts }: &Gathered) -> String {
    json!({
        "rule": finding.rule.id,
        "severity": finding.severity.to_string(),
        "hosts": hosts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "path": finding.path,
        "line": finding.line,
        "text": finding.text,
        "template": finding.template,
        "message": finding.message,
        "why": finding.rule.why,
        "remedy": finding.rule.remedy,
    })
    .to_string()
}

/// How many findings of each severity there are, in words.
#[must_use]
pub fn findings_counted(gathered: &[Gathered]) -> String {
    let count = |severity| gathered.iter().filter(|one| one.finding.severity == severity).count();
    let said = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => "no findings".to_owned(),
        (errors, warnings) => format!("{}, {}", said(errors, "error"), said(warnings, "warning")),
    }
}

/// A table of rules.
#[must_use]
pub fn rules<'a>(rules: impl Iterator<Item = &'a Rule>) -> String {
    let rows: Vec<_> =
        rules.map(|rule| [rule.id.to_owned(), rule.severity.to_string(), rule.title.to_owned()]).collect();
    table(["RULE", "SEVERITY", "FINDS"], &rows)
}

/// A rule as one JSON object.
#[must_use]
pub fn rule_json(rule: &Rule) -> String {
    json!({
        "rule": rule.id,
        "severity": rule.severity.to_string(),
        "title": rule.title,
        "why": rule.why,
        "remedy": rule.remedy,
    })
    .to_string()
}

fn hosts(Gathered { hosts, .. }: &Gathered) -> String {
    let named: Vec<&str> = hosts.iter().take(NAMED).map(|host| host.as_str()).collect();
    match hosts.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
