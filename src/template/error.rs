//! What went wrong in a template, with its place. Knows `tera`'s errors, and nothing of files or hosts.

use std::fmt;

use tera::{Error, ErrorKind, ReportError};

/// A template that could not be read or rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// The template's name, which is its file name below `templates/`.
    pub template: String,
    /// Where in the template; `None` when the whole template is meant.
    pub place: Option<Box<Place>>,
    /// What is wrong; lowercase, no final period.
    pub message: String,
    /// The undefined variable, if that is what is wrong.
    pub variable: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A place in a template's source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters are meant; at least 1.
    pub width: usize,
    /// The line's text.
    pub source: String,
}

impl TemplateError {
    /// An error about a whole template.
    #[must_use]
    pub fn whole(template: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            template: template.to_owned(),
            place: None,
            message: message.into(),
            variable: None,
            hint: Some(hint.into()),
        }
    }

    /// Translates an error of `tera`; `source_of` knows the templates' texts.
    pub(super) fn from_tera<'a>(template: &str, error: &Error, source_of: impl Fn(&str) -> Option<&'a str>) -> Self {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                let name = if report.filename().is_empty() { template } else { report.filename() };
                Self::from_report(name, report, source_of(name).unwrap_or_default())
            }
            ErrorKind::TemplateNotFound(name) => Self::whole(
                name,
                "there is no template of that name",
                "put it into the folder `templates/` beside the inventory, or correct the name",
            ),
            ErrorKind::MissingParent { current, parent } => Self::whole(
                current,
                format!("it extends `{parent}`, which does not exist"),
                "put that template into the folder `templates/` beside the inventory, or correct the name",
            ),
            other => Self::from_text(template, &other.to_string()),
        }
    }

    /// Reads an error that `tera` gives only as text: an unknown filter or included template, all at once as reports in
    /// the layout of rustc. The first one is told.
    fn from_text(template: &str, text: &str) -> Self {
        let mut lines = text.lines();
        let message = first_line(lines.next().unwrap_or_default().trim_start_matches("error: "));
        let locus = lines.next().and_then(|line| line.trim_start().strip_prefix("--> "));
        let source = lines.nth(1).and_then(|line| line.split_once(" | ")).map(|(_, source)| source);
        let width = lines.next().map_or(1, |line| line.matches('^').count().max(1));
        let mut parts = locus.unwrap_or_default().rsplitn(3, ':');
        let column = parts.next().and_then(|column| column.parse().ok());
        let line = parts.next().and_then(|line| line.parse().ok());
        let place = column.zip(line).zip(source).map(|((column, line), source)| {
            Box::new(Place { line, column, width, source: source.trim_end_matches('\0').to_owned() })
        });
        let template = parts.next().unwrap_or(template).to_owned();
        Self { template, place, message, variable: None, hint: None }
    }

    fn from_report(template: &str, report: &ReportError, source: &str) -> Self {
        let span = report.span();
        let line: Vec<char> =
            source.lines().nth(span.start_line.saturating_sub(1)).unwrap_or_default().chars().collect();
        let end = if span.start_line == span.end_line { span.end_col } else { line.len() };
        let mut start = span.start_col.min(line.len());
        let mut end = end.clamp(start, line.len());
        if is_undefined(report.message()) {
            // `tera` marks one part of `vars.x`; the whole is what the user must define.
            start -= line[..start].iter().rev().take_while(|c| is_path(**c)).count();
            if report.message().contains(UNDEFINED) {
                end += line[end..].iter().take_while(|c| is_path(**c)).count();
            }
        }
        let meant: String = line[start..end].iter().collect();
        let (message, variable, hint) = explain(report.message(), &meant);
        let width = (end - start).max(1);
        let place = Place { line: span.start_line, column: start + 1, width, source: line.iter().collect() };
        Self { template: template.to_owned(), place: Some(Box::new(place)), message, variable, hint }
    }
}

/// What an encoder filter reports when its value does not exist; `tera` then marks the value, not the filter.
pub(super) const UNDEFINED: &str = "undefined";

/// How the refusal of an encoder begins, so that it is told from other errors.
pub(super) const REFUSED: &str = "refused: ";

/// The message in the words of this project, the undefined variable if there is one, and a hint.
fn explain(message: &str, meant: &str) -> (String, Option<String>, Option<String>) {
    if let Some(reason) = message.strip_prefix(REFUSED) {
        let hint = "change the value where it is set: in the inventory, or in the environment that it is taken from";
        return (first_line(reason), None, Some(hint.to_owned()));
    }
    if !is_undefined(message) || meant.is_empty() {
        return (first_line(message), None, None);
    }
    let available = message.split_once("Available ").and_then(|(_, rest)| rest.split_once(": "));
    let hint = match (available, meant.strip_prefix("vars.")) {
        (_, Some(name)) => format!("set `{name}` under `vars:` of the host, of one of its groups or of the inventory"),
        (Some((_, names)), None) => format!("there are: {}", first_line(names)),
        (None, None) => "docs/configuration.md names the values that a template can use".to_owned(),
    };
    (format!("`{meant}` is not defined"), Some(meant.to_owned()), Some(hint))
}

fn is_undefined(message: &str) -> bool {
    message.contains("is not defined") || message.contains(UNDEFINED)
}

/// Part of a dotted name.
fn is_path(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template `{}`: {}", self.template, self.message)?;
        if let Some(place) = &self.place {
            let Place { line, column, width, source } = &**place;
            let number = line.to_string();
            let margin = " ".repeat(number.len());
            let indent = " ".repeat(column - 1);
            let mark = "^".repeat(*width);
            write!(f, "\n{margin}--> templates/{}:{line}:{column}", self.template)?;
            write!(f, "\n{margin} |\n{number} | {source}\n{margin} | {indent}{mark}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TemplateError {}
