//! Where a secret stands in a text.

use std::ops::Range;

/// Where `shape` stands in `text`, overlapping places too.
pub(super) fn places<'a>(text: &'a str, shape: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let step = shape.chars().next().map_or(1, char::len_utf8);
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(shape)?;
        from = start + step;
        Some(start..start + shape.len())
    })
}

/// Whether that place is a word of its own.
pub(super) fn stands_alone(text: &str, place: &Range<usize>) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    !text[..place.start].ends_with(is_word) && !text[place.end..].starts_with(is_word)
}
