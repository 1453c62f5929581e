//! Findings, while they are made and when they are settled.

use super::rule::{Rule, Severity};
use super::source::{Language, Source};
use crate::mask::MASK;

/// Something wrong in a rendered file.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which rule says so; it knows why, and what to do.
    pub rule: &'static Rule,
    /// How bad it is here.
    pub severity: Severity,
    /// The rendered file's path on the host.
    pub path: String,
    /// The template that it came from.
    pub template: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The line's text, with secrets masked.
    pub text: String,
    /// What is wrong; lowercase, no final period.
    pub message: String,
    /// It concerns the file as a whole, whatever line it is shown by.
    pub(super) whole: bool,
}

/// The findings in one file so far, and what a comment in it may speak of.
pub(super) struct Found<'a> {
    pub source: &'a Source<'a>,
    pub language: Language,
    pub list: Vec<Finding>,
    /// First and last lines of the blocks of the file: a comment inside one speaks of its first line too.
    pub blocks: Vec<(usize, usize)>,
}

impl<'a> Found<'a> {
    pub(super) fn new(source: &'a Source<'a>) -> Self {
        Self { source, language: source.language(), list: vec![], blocks: vec![] }
    }

    /// Adds a finding that is as bad as its rule says.
    pub(super) fn add(&mut self, rule: &'static Rule, line: usize, message: impl Into<String>) {
        self.add_as(rule.severity, rule, line, message);
    }

    /// Adds a finding.
    pub(super) fn add_as(&mut self, severity: Severity, rule: &'static Rule, line: usize, message: impl Into<String>) {
        // A file without any line is shown by its first.
        let line = line.max(1);
        let text = self.source.content.lines().nth(line - 1).unwrap_or_default();
        let secrets = self.source.secrets.iter().filter(|secret| !secret.is_empty());
        let text = secrets.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASK));
        self.list.push(Finding {
            rule,
            severity,
            path: self.source.path.to_owned(),
            template: self.source.template.to_owned(),
            line,
            text,
            message: message.into(),
            whole: false,
        });
    }

    /// Adds a finding that concerns the file as a whole, and is shown by one of its lines.
    pub(super) fn add_whole(&mut self, rule: &'static Rule, line: usize, message: impl Into<String>) {
        self.add(rule, line, message);
        if let Some(last) = self.list.last_mut() {
            last.whole = true;
        }
    }
}
