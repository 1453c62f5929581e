//! Lines of a file, counted from 1.

use super::source::Language;

/// The text of a comment, if the line holds nothing else.
pub(super) fn comment(line: &str, language: Language) -> Option<&str> {
    let line = line.trim_start();
    let text = match language {
        Language::Other => None,
        Language::Unit => line.strip_prefix(['#', ';']),
        _ => line.strip_prefix('#'),
    };
    text.map(str::trim)
}

/// Whether a line is neither empty nor a comment.
pub(super) fn is_code(line: &str, language: Language) -> bool {
    !line.trim().is_empty() && comment(line, language).is_none()
}

/// The lines of a text with their numbers.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}
