//! YAML text as a tree in which every key and value knows its place.
//! With `raw.rs` the one place that names `serde_yaml`; knows nothing of what an inventory says.

use serde_yaml::Spanned;

use super::raw::Raw;
use super::syntax;
use crate::diagnostic::{Diagnostic, Span};

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it is written; for an alias, where the alias is.
    pub span: Span,
}

/// What YAML can say.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A text, number or boolean.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the text; a key may occur twice.
    Map(Vec<Entry>),
    /// A value that cannot be known, and that nobody should complain about: an expression that is not evaluated,
    /// or one whose failure was reported already.
    Unknown,
}

/// One scalar, as written: `0644` keeps its zero and `1.10` its last digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, without quotes.
    pub text: String,
    /// Whether the text may stand for more than itself.
    pub kind: ScalarKind,
}

/// Whether a scalar's text may stand for more than itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarKind {
    /// Words, or anything in quotes.
    Text,
    /// A number or boolean without quotes.
    Literal,
}

/// One pair of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Name,
    /// The value.
    pub value: Node,
}

/// A name and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

impl Node {
    /// Reads a text that holds one YAML document.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let options = serde_yaml::options! {
            // Repeated keys are all handed on, so that each is reported with both places.
            duplicate_keys: serde_yaml::DuplicateKeyPolicy::PassThrough,
            non_finite_float_policy: serde_yaml::NonFiniteFloatPolicy::AsString,
            with_snippet: false,
        };
        match serde_yaml::from_str_with_options::<Spanned<Raw>>(text, options) {
            Ok(tree) => Ok(Self::from_raw(tree, text)),
            Err(error) => {
                let error = error.without_snippet();
                let place = error.location().map_or(0, |location| place(location, text));
                Err(match error {
                    serde_yaml::Error::MultipleDocuments { .. } => syntax::several_documents(place),
                    _ => syntax::explain(text, place, &error.render_with_formatter(&serde_yaml::UserMessageFormatter)),
                })
            }
        }
    }

    /// What the value is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Scalar(_) | Value::Unknown => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The value below `key`, the last one if the key occurs twice.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().rev().find(|entry| entry.key.text == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    fn from_raw(raw: Spanned<Raw>, source: &str) -> Self {
        let defined = span(raw.defined);
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Typed => Value::Scalar(Scalar {
                // Typing loses the text (`0644` becomes 644), so it is read from the source again.
                text: source.get(defined.start..defined.end).unwrap_or_default().trim().to_owned(),
                kind: ScalarKind::Literal,
            }),
            Raw::Text(text) => Value::Scalar(Scalar { text, kind: ScalarKind::Text }),
            Raw::List(items) => Value::List(items.into_iter().map(|item| Self::item(item, source)).collect()),
            Raw::Map(pairs) => {
                Value::Map(pairs.into_iter().map(|(key, value)| Self::entry(key, value, source)).collect())
            }
        };
        Self { value, span: span(raw.referenced) }
    }

    /// A pair. A mapping below a key is shown by its key: its own place is empty or a mere `{`.
    fn entry(key: Spanned<String>, value: Spanned<Raw>, source: &str) -> Entry {
        let key = Name { span: span(key.referenced), text: key.value };
        let mut value = Self::from_raw(value, source);
        if matches!(value.value, Value::Map(_)) || value.span.start == value.span.end {
            value.span = key.span;
        }
        Entry { key, value }
    }

    /// An item of a list. A mapping in a list is shown by its first key.
    fn item(item: Spanned<Raw>, source: &str) -> Self {
        let mut node = Self::from_raw(item, source);
        if let (Value::Map(entries), true) = (&node.value, node.span.start == node.span.end)
            && let Some(first) = entries.first()
        {
            node.span = first.key.span;
        }
        node
    }
}

fn span(location: serde_yaml::Location) -> Span {
    let bytes = location.span();
    let start = bytes.byte_offset().map_or(0, offset);
    Span::new(start, start + bytes.byte_len().map_or(0, offset))
}

/// The byte where an error stands: the scanner's errors tell only line and column.
fn place(location: serde_yaml::Location, text: &str) -> usize {
    if let Some(bytes) = location.span().byte_offset() {
        return offset(bytes);
    }
    let skipped = offset(location.line().saturating_sub(1));
    let line_start: usize = text.split_inclusive('\n').take(skipped).map(str::len).sum();
    let column = offset(location.column().saturating_sub(1));
    let line = text[line_start..].lines().next().unwrap_or_default();
    line_start + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
}

fn offset(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn scalar(text: &str, expected: &str, kind: ScalarKind) {
        let tree = Node::parse(text).unwrap();
        let expected = Value::Scalar(Scalar { text: expected.to_owned(), kind });
        assert_eq!(tree.get("a").map(|node| &node.value), Some(&expected));
    }

    #[test]
    fn scalars_keep_their_text() {
        scalar("a: 0644", "0644", ScalarKind::Literal);
        scalar("a: 1.10 # comment", "1.10", ScalarKind::Literal);
        scalar("a: no", "no", ScalarKind::Literal);
        scalar("a: \"0644\"", "0644", ScalarKind::Text);
        scalar("a: 'it''s'", "it's", ScalarKind::Text);
        scalar("a: |\n  one\n  two\n", "one\ntwo\n", ScalarKind::Text);
        scalar("b: &x 017\na: *x", "017", ScalarKind::Literal);
        scalar("# ümläut\na: 0x1F", "0x1F", ScalarKind::Literal);
    }

    #[test]
    fn repeated_keys_are_all_kept() {
        let Value::Map(entries) = Node::parse("a: 1\nb: 2\na: 3\n").unwrap().value else { panic!("a mapping") };
        assert_eq!(entries.iter().map(|entry| entry.key.span.start).collect::<Vec<_>>(), [0, 5, 10]);
    }

    #[test]
    fn an_alias_is_shown_where_it_is_used() {
        let tree = Node::parse("x: &x 12\na: *x\n").unwrap();
        assert_eq!(tree.get("a").unwrap().span, Span::new(12, 14));
    }

    #[test]
    fn merge_keys_are_merged() {
        let tree = Node::parse("x: &x { k: v }\na:\n  <<: *x\n  l: 1\n").unwrap();
        assert!(tree.get("a").unwrap().get("k").is_some());
    }

    #[test]
    fn a_mapping_is_shown_by_its_key() {
        assert_eq!(Node::parse("a:\n  b: 1\n").unwrap().get("a").unwrap().span, Span::new(0, 1));
    }
}
