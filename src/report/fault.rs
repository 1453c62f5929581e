//! An error as text: what went wrong, its causes in a row, and what to do about it, each hint on a line of its own.

use crate::diagnostic::Style;
use crate::fault::{self, Fault};

/// An error as text for standard error.
#[must_use]
pub fn error(error: &anyhow::Error) -> String {
    let mut text = match fault::behind(error) {
        Some(Fault { mistakes: Some(mistakes), .. }) => mistakes.render(Style::Coloured).trim_end().to_owned(),
        Some(_) | None => format!("error: {error:#}"),
    };
    for hint in fault::hints(error) {
        text.push_str(&format!("\n  = help: {hint}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostic, Diagnostics, Span};

    #[track_caller]
    fn check(fault: Fault, text: &str) {
        let shown = error(&fault.into());
        assert_eq!(anstream::adapter::strip_str(&shown).to_string(), text);
    }

    #[test]
    fn each_hint_has_a_line() {
        let fault = Fault::new("no route").hint("is it up?").hint("is it yours?");
        check(fault, "error: no route\n  = help: is it up?\n  = help: is it yours?");
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        let mistakes = Diagnostics::new("f", "x: 1\n", vec![Diagnostic::new("no `x`", Span::new(0, 1))]);
        check(
            Fault::from(mistakes).hint("do without it"),
            "error: no `x`\n --> f:1:1\n  |\n1 | x: 1\n  | ^\n  = help: do without it",
        );
    }
}
