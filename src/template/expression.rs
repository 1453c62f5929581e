//! `{{ host.name }}` and `{{ vars.x }}` in inventory strings: a text and the known values → a text.
//! Knows nothing of where the text stands.

use serde_json::Value;
use tera::{Context, ErrorKind, Tera};

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// What is wrong; lowercase, no final period.
    pub message: String,
    /// The last part of the name that is not defined, if that is what is wrong.
    pub undefined: Option<String>,
    /// The names that are defined in its place.
    pub known: Vec<String>,
}

/// Whether `text` has an expression at all.
#[must_use]
pub fn is_expression(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// The text with every expression replaced by its value in `values`, a mapping.
///
/// # Errors
/// When an expression cannot be parsed, or a variable of it is not defined.
pub fn interpolate(text: &str, values: &Value) -> Result<String, ExpressionError> {
    // The values go to shells, Nginx and Python, each of which has its own encoder; HTML escapes would only spoil them.
    Context::from_serialize(values)
        .and_then(|context| Tera::one_off(text, &context, false))
        .map_err(|error| explain(text, error.kind()))
}

fn explain(text: &str, kind: &ErrorKind) -> ExpressionError {
    let report = match kind {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => report,
        // A report that was rendered already; its first line is the message.
        other => {
            let rendered = other.to_string();
            let first = rendered.lines().next().unwrap_or_default();
            return plain(first.trim_start_matches("error: "));
        }
    };
    let Some((_, known)) = report.message().split_once(" is not defined") else {
        return plain(report.message());
    };
    // `. Available fields: a, b` follows, unless there are none.
    let known = known.split_once(": ").map_or("", |(_, names)| names);
    let span = report.span();
    let line = text.lines().nth(span.start_line.saturating_sub(1)).unwrap_or_default();
    let end: String = line.chars().take(span.end_col).collect();
    let name = end.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).next().unwrap_or_default();
    ExpressionError {
        message: format!("`{name}` is not defined"),
        undefined: name.rsplit('.').next().map(str::to_owned),
        known: known.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect(),
    }
}

fn plain(message: &str) -> ExpressionError {
    let mut letters = message.chars();
    let lowered = letters.next().map(|first| first.to_lowercase().chain(letters).collect());
    let message = lowered.unwrap_or_else(|| "the expression has no value".to_owned());
    ExpressionError { message: message.trim_end_matches('.').to_owned(), undefined: None, known: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(text: &str) -> Result<String, ExpressionError> {
        let values = serde_json::json!({
            "host": { "name": "web-01", "groups": ["eu", "web"] },
            "vars": { "workers": 3, "tag": "<b>" },
        });
        interpolate(text, &values)
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(evaluate(text).as_deref(), Ok(expected));
    }

    #[track_caller]
    fn check_error(text: &str, message: &str, known: &[&str]) {
        let error = evaluate(text).expect_err("no value");
        assert_eq!(error.message, message);
        assert_eq!(error.known, known);
    }

    #[test]
    fn values() {
        check("{{ host.name }}", "web-01");
        check("http://{{ host.name }}/", "http://web-01/");
        check("{{ vars.workers * 2 + 1 }}", "7");
        check("{{ vars.tag }}", "<b>");
        check("{{ vars.absent | default(value=4) }}", "4");
        check("{% if 'eu' in host.groups %}near{% else %}far{% endif %}", "near");
        check("no expression", "no expression");
    }

    #[test]
    fn errors() {
        check_error("{{ vars.wrokers }}", "`vars.wrokers` is not defined", &["tag", "workers"]);
        check_error("a {{ hots.name }}", "`hots` is not defined", &["host", "vars"]);
        assert_eq!(
            interpolate("{{ vars.x }}", &serde_json::json!({ "vars": {} })).unwrap_err().message,
            "`vars.x` is not defined"
        );
        check_error("{{ host.name | uper }}", "unknown filter `uper`", &[]);
        check_error("{{ host.name", "unexpected end of input", &[]);
        check_error("{{ vars.workers / 0 }}", "cannot divide by 0", &[]);
    }
}
