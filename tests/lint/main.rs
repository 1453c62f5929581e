//! Rules over rendered files: each by its examples, and all of them over what the project itself renders.

// A test that cannot go on says so by panicking.
#![allow(clippy::unwrap_used)]

mod allow;
#[path = "../render/fixture.rs"]
#[allow(dead_code)]
mod fixture;
mod hostile;
mod neighbours;
mod rules;
mod shipped;

use provision::lint::{Finding, Host, Source, lint};

/// A file of a test: path, mode, content.
pub type Text<'a> = (&'a str, u32, &'a str);

/// The findings in files of one host.
pub fn findings(texts: &[Text<'_>], host: &Host) -> Vec<Finding> {
    let source = |&(path, mode, content)| Source { path, content, template: "test.tera", mode, secrets: &[] };
    let sources: Vec<Source<'_>> = texts.iter().map(source).collect();
    lint(&sources, host)
}

/// The ids and lines of findings of one rule, or one language if `rule` ends with `/`.
pub fn lines(texts: &[Text<'_>], host: &Host, rule: &str) -> Vec<usize> {
    let fits =
        |finding: &&Finding| finding.rule.id == rule || (rule.ends_with('/') && finding.rule.id.starts_with(rule));
    findings(texts, host).iter().filter(fits).map(|finding| finding.line).collect()
}
