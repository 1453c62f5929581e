//! All mistakes of one file, and how they are shown.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::mistake::{Diagnostic, Severity, Span};

/// Whether a rendering carries terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// Text with ANSI colours.
    Coloured,
}

/// All mistakes of one file, in the order of the file and each said once.
///
/// ```
/// use provision::diagnostic::{Diagnostic, Diagnostics, Span, Style};
///
/// let text = "listen: eighty\n";
/// let mistake = Diagnostic::new("`eighty` is not a port", Span::new(8, 14)).hint("write a number from 1 to 65535");
/// let shown = Diagnostics::new("web.yml", text, vec![mistake]).render(Style::Plain);
/// assert!(shown.starts_with("error: `eighty` is not a port\n --> web.yml:1:9\n"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    file: String,
    text: String,
    /// The number of the text's first line in the file.
    first_line: usize,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// The mistakes `list` of the file that the user calls `file` and that holds `text`.
    #[must_use]
    pub fn new(file: &str, text: &str, list: Vec<Diagnostic>) -> Self {
        let mut sorted: Vec<Diagnostic> = Vec::with_capacity(list.len());
        for diagnostic in list {
            if !sorted.iter().any(|other| other.place == diagnostic.place && other.message == diagnostic.message) {
                sorted.push(diagnostic);
            }
        }
        sorted.sort_by_key(|diagnostic| diagnostic.place);
        let text = without_secrets(text, &sorted);
        Self { file: file.to_owned(), text, first_line: 1, list: sorted }
    }

    /// The mistakes `list` of a part of a file: `text`, which begins with the line `first_line`.
    #[must_use]
    pub fn excerpt(file: &str, first_line: usize, text: &str, list: Vec<Diagnostic>) -> Self {
        Self { first_line, ..Self::new(file, text, list) }
    }

    /// The mistakes in the order of the file.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.list
    }

    /// The file as the user wrote its name.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Line and column of a mistake, counted from 1 in characters.
    #[must_use]
    pub fn position(&self, diagnostic: &Diagnostic) -> (usize, usize) {
        let before = &self.text[..self.range(diagnostic.place).start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + self.first_line, before[line_start..].chars().count() + 1)
    }

    /// Every mistake as rustc would show it, with an empty line between two.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        let rendered: Vec<String> = self.list.iter().map(|diagnostic| self.render_one(diagnostic, &renderer)).collect();
        rendered.join("\n\n")
    }

    fn render_one(&self, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
        let primary = AnnotationKind::Primary.span(self.range(diagnostic.place)).label(diagnostic.label.as_deref());
        let context = diagnostic
            .related
            .iter()
            .map(|related| AnnotationKind::Context.span(self.range(related.place)).label(Some(related.label.as_str())));
        let snippet = Snippet::source(&self.text).line_start(self.first_line).path(&self.file);
        let rule = diagnostic.rule.as_deref();
        let level = match rule.map(|rule| rule.severity).unwrap_or_default() {
            Severity::Warning => Level::WARNING,
            Severity::Error => Level::ERROR,
        };
        let mut title = level.primary_title(&diagnostic.message);
        if let Some(rule) = rule {
            title = title.id(rule.name);
        }
        let mut group = title.element(snippet.annotation(primary).annotations(context));
        group = group.elements(rule.iter().flat_map(|rule| &rule.notes).map(|note| Level::NOTE.message(note)));
        if let Some(hint) = &diagnostic.hint {
            group = group.element(Level::HELP.message(hint));
        }
        renderer.render(&[group])
    }

    /// The part of a span that lies on its first line: carets below one line are easier to follow than a bracket around
    /// many.
    fn range(&self, span: Span) -> std::ops::Range<usize> {
        // The end of the file is shown where its last line ends.
        let start = boundary(&self.text, span.start.min(self.text.trim_end().len()));
        let end = boundary(&self.text, span.end.max(start));
        let covered = &self.text[start..end];
        let length = covered.find('\n').unwrap_or(covered.trim_end().len());
        start..start + length
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Diagnostics {}

/// The text with stars in the place of each byte that may be part of a secret, so that every other place stays what it
/// is.
fn without_secrets(text: &str, list: &[Diagnostic]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for Diagnostic { place, .. } in list.iter().filter(|diagnostic| diagnostic.secret) {
        let (start, end) = (boundary(text, place.start), boundary(text, place.end));
        bytes[start..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
    }
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(text.len()))
}

/// The nearest character boundary at or before `offset`.
fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::mistake::Broken;

    #[test]
    fn shows_place_line_and_hint() {
        let text = "version: 1\nappz: {}\n";
        let wrong = Diagnostic::new("unknown key `appz`", Span::new(11, 15)).hint("did you mean `apps`?");
        let shown = Diagnostics::new("hosts.yml", text, vec![wrong.clone(), wrong]).to_string();
        assert_eq!(
            shown,
            "error: unknown key `appz`\n --> hosts.yml:2:1\n  |\n2 | appz: {}\n  | ^^^^\n  |\n  = help: did you mean \
             `apps`?"
        );
    }

    #[test]
    fn a_part_of_a_file_keeps_its_line_numbers() {
        let rule = Broken { severity: Severity::Warning, name: "x/y", notes: vec!["it is so".to_owned()] };
        let warning = Diagnostic::new("a bad line", Span::new(4, 7)).breaks(rule);
        let part = Diagnostics::excerpt("f", 12, "    bad", vec![warning]);
        assert_eq!(part.position(&part.as_slice()[0]), (12, 5));
        assert_eq!(
            part.to_string(),
            "warning[x/y]: a bad line\n  --> f:12:5\n   |\n12 |     bad\n   |     ^^^\n   |\n   = note: it is so"
        );
    }

    #[test]
    fn sorts_by_place() {
        let list = vec![Diagnostic::new("b", Span::new(3, 4)), Diagnostic::new("a", Span::new(0, 1))];
        let sorted = Diagnostics::new("f", "a: b", list);
        assert_eq!(sorted.as_slice().iter().map(|one| one.message.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn survives_spans_outside_the_text() {
        let beyond = vec![Diagnostic::new("a", Span::new(90, 99)), Diagnostic::new("b", Span::new(1, 2))];
        let shown = Diagnostics::new("f", "ä", beyond).render(Style::Plain);
        assert!(shown.contains("error: a"), "{shown}");
    }

    #[test]
    fn colours_only_when_asked() {
        let one = Diagnostics::new("f", "x", vec![Diagnostic::new("a", Span::new(0, 1))]);
        assert!(one.render(Style::Coloured).contains('\u{1b}'));
        assert!(!one.render(Style::Plain).contains('\u{1b}'));
    }
}
