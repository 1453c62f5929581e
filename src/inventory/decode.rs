//! From the tree to typed values, collecting every mistake instead of stopping at the first.
//! A function that yields `None` has reported why, so callers go on and combine at the end.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::Inputs;
use super::comments;
use super::node::{Entry, Name, Node, Value};
use super::schema::{Default, Section};
use crate::diagnostic::{Diagnostic, Span, did_you_mean};
use crate::model::NameError;

/// What decoding needs besides the tree, and the mistakes so far.
pub struct Decoder<'a> {
    /// What the inventory refers to outside itself.
    pub inputs: &'a Inputs<'a>,
    /// The apps and sites that the inventory defines.
    pub names: &'a Names,
    /// The file that the tree was read from, and its text, for its comments.
    file: &'a str,
    text: &'a str,
    mistakes: RefCell<Vec<Diagnostic>>,
}

/// The names that values may refer to.
#[derive(Debug, Clone, PartialEq, Eq, std::default::Default)]
pub struct Names {
    /// Apps below `apps:`.
    pub apps: Vec<String>,
    /// Sites below `sites:`.
    pub sites: Vec<String>,
}

/// A value that the tree can be decoded to.
pub trait Decode: Sized {
    /// The value, or `None` once the mistake is reported.
    fn decode(node: &Node, decoder: &Decoder<'_>) -> Option<Self>;
}

/// A value that one scalar holds.
pub trait FromText: Sized {
    /// What to write: `a duration, such as `30s``.
    const FORM: &'static str;

    /// The value, or what is wrong with the text.
    fn from_text(text: &str) -> Result<Self, NameError>;
}

/// What a text is read as, or the error and its hint.
#[cfg(test)]
#[track_caller]
pub(super) fn check_text<T: FromText + std::fmt::Debug>(text: &str, expected: Result<&str, &str>) {
    let shown =
        T::from_text(text).map(|value| format!("{value:?}")).map_err(|error| format!("{error}; {}", error.hint));
    assert_eq!(shown.as_deref().map_err(String::as_str), expected);
}

impl<T: FromText> Decode for T {
    fn decode(node: &Node, decoder: &Decoder<'_>) -> Option<Self> {
        match &node.value {
            Value::Unknown => None,
            Value::Scalar(scalar) => decoder.check(T::from_text(&scalar.text), node.span),
            _ => decoder.mismatch(node, T::FORM),
        }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, decoder: &Decoder<'_>) -> Option<Self> {
        let items: Vec<Option<T>> = decoder.list(node)?.iter().map(|item| T::decode(item, decoder)).collect();
        items.into_iter().collect()
    }
}

impl<'a> Decoder<'a> {
    /// A decoder that has found nothing wrong yet.
    pub fn new(inputs: &'a Inputs<'a>, names: &'a Names) -> Self {
        Self { inputs, names, file: "", text: "", mistakes: RefCell::default() }
    }

    /// With the file that the tree was read from, and its text.
    pub fn reading(self, file: &'a str, text: &'a str) -> Self {
        Self { file, text, ..self }
    }

    /// Where the inventory itself is.
    pub fn inventory(&self) -> PathBuf {
        self.inputs.base_dir.join(self.file.rsplit('/').next().unwrap_or(self.file))
    }

    /// What a comment of the inventory allows at `place`: `allow RULE because REASON`.
    pub fn allowance(&self, place: Span) -> Option<String> {
        comments::allowance(self.text, place)
    }

    /// All mistakes so far, which are then forgotten.
    pub fn take_mistakes(&self) -> Vec<Diagnostic> {
        self.mistakes.take()
    }

    /// Reports a mistake.
    pub fn report<T>(&self, mistake: Diagnostic) -> Option<T> {
        self.mistakes.borrow_mut().push(mistake);
        None
    }

    /// Reports the error of a result, at `place`.
    pub fn check<T>(&self, result: Result<T, NameError>, place: Span) -> Option<T> {
        result.map_or_else(|error| self.report(Diagnostic::new(error.message, place).hint(error.hint)), Some)
    }

    /// The fields of a mapping with the keys of `section`; unknown and repeated keys are reported.
    pub fn fields<'n>(&'n self, node: &'n Node, section: &'static Section) -> Option<Fields<'n>> {
        let entries =
            self.pairs(node, || format!("a mapping for {}, such as `{{ {} }}`", section.name, section.example()))?;
        for entry in &entries {
            if !section.keys.iter().any(|key| key.name == entry.key.text) {
                self.unknown_key(&entry.key, section);
            }
        }
        Some(Fields { entries, section, place: node.span, decoder: self })
    }

    /// The pairs of a mapping whose keys are free; nothing at all counts as an empty mapping. Repeated keys are
    /// reported.
    pub fn entries<'n>(&self, node: &'n Node, what: &str) -> Option<Vec<&'n Entry>> {
        self.pairs(node, || format!("a mapping of {what}, such as `{{ name: … }}`"))
    }

    fn pairs<'n>(&self, node: &'n Node, form: impl FnOnce() -> String) -> Option<Vec<&'n Entry>> {
        let entries = match &node.value {
            Value::Map(entries) => entries,
            Value::Null => return Some(Vec::new()),
            Value::Unknown => return None,
            Value::Scalar(_) | Value::List(_) => return self.mismatch(node, &form()),
        };
        let mut kept: IndexMap<&str, &Entry> = IndexMap::with_capacity(entries.len());
        for entry in entries {
            match kept.get(entry.key.text.as_str()) {
                Some(first) => self.twice(&format!("key `{}`", entry.key.text), entry.key.span, first.key.span),
                None => {
                    kept.insert(&entry.key.text, entry);
                }
            }
        }
        Some(kept.into_values().collect())
    }

    /// The items of a list; nothing at all counts as an empty list.
    pub fn list<'n>(&self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            Value::Null => Some(&[]),
            Value::Unknown => None,
            Value::Scalar(scalar) => self.mismatch(node, &format!("a list, such as `[{}]`", scalar.text)),
            Value::Map(_) => self.mismatch(node, "a list, such as `[one, two]`"),
        }
    }

    /// Reports what occurs for the second time at `place`.
    pub fn twice(&self, what: &str, place: Span, first: Span) {
        self.report::<()>(
            Diagnostic::new(format!("{what} occurs twice"), place)
                .label("again here")
                .related(first, "first here")
                .hint("remove one of the two"),
        );
    }

    /// Reports a name that should be one of `known`, unless it is.
    pub fn known<'k>(&self, kind: &str, name: &Name, known: impl IntoIterator<Item = &'k str>) -> Option<()> {
        let known: Vec<&str> = known.into_iter().collect();
        if known.contains(&name.text.as_str()) {
            return Some(());
        }
        let hint = did_you_mean(&name.text, known.iter().copied())
            .unwrap_or_else(|| format!("define it below `{kind}s:` at the top level, or remove it here"));
        self.report(Diagnostic::new(format!("there is no {kind} `{}`", name.text), name.span).hint(hint))
    }

    /// A path of this machine: relative to the inventory, or below the home folder with `~/`.
    pub fn local_path(&self, text: &str) -> PathBuf {
        let home = text.strip_prefix("~/").and_then(|rest| {
            let home = (self.inputs.environment)("HOME")?;
            Some(Path::new(&home).join(rest))
        });
        home.unwrap_or_else(|| self.inputs.base_dir.join(text))
    }

    fn mismatch<T>(&self, node: &Node, form: &str) -> Option<T> {
        let expected = form.split(", such as").next().unwrap_or(form);
        let mistake = Diagnostic::new(format!("expected {expected}, found {}", node.kind()), node.span);
        self.report(mistake.hint(format!("write {form}")))
    }

    fn unknown_key(&self, key: &Name, section: &Section) {
        let names = section.keys.iter().map(|known| known.name);
        let list = names.clone().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let hint = match did_you_mean(&key.text, names) {
            Some(guess) => format!("{guess} the keys of {} are {list}", section.name),
            None => format!("the keys of {} are {list}", section.name),
        };
        self.report::<()>(Diagnostic::new(format!("{} has no key `{}`", section.name, key.text), key.span).hint(hint));
    }
}

/// The fields of one mapping.
pub struct Fields<'n> {
    entries: Vec<&'n Entry>,
    section: &'static Section,
    /// Where the mapping is.
    pub place: Span,
    decoder: &'n Decoder<'n>,
}

impl<'n> Fields<'n> {
    /// The node at `key`, if the key is there.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        debug_assert!(self.section.keys.iter().any(|known| known.name == key), "{key} is declared");
        self.entries.iter().find(|entry| entry.key.text == key).map(|entry| &entry.value)
    }

    /// The value at `key`; its absence is reported.
    pub fn required<T: Decode>(&self, key: &str) -> Option<T> {
        match self.get(key) {
            Some(Node { value: Value::Null, .. }) | None => self.missing(key),
            Some(node) => T::decode(node, self.decoder),
        }
    }

    /// The value at `key`; `Some(None)` if the key is absent.
    pub fn optional<T: Decode>(&self, key: &str) -> Option<Option<T>> {
        self.get(key).map_or(Some(None), |node| T::decode(node, self.decoder).map(Some))
    }

    /// The value at `key`, or the one that the schema declares.
    pub fn or_default<T: FromText>(&self, key: &str) -> Option<T> {
        match (self.get(key), self.declared_default(key)) {
            (Some(node), _) => T::decode(node, self.decoder),
            (None, Some(text)) => self.decoder.check(T::from_text(text), self.place),
            (None, None) => self.missing(key),
        }
    }

    /// The value at `key`, or the type's own idea of nothing.
    pub fn or_empty<T: Decode + std::default::Default>(&self, key: &str) -> Option<T> {
        self.optional(key).map(Option::unwrap_or_default)
    }

    /// The fields of the mapping at `key`; no fields at all if the key is absent.
    pub fn section(&self, key: &str, section: &'static Section) -> Option<Self> {
        match self.get(key) {
            Some(node) => self.decoder.fields(node, section),
            None => Some(Self { entries: Vec::new(), section, place: self.place, decoder: self.decoder }),
        }
    }

    /// Where the value at `key` stands, or else where the mapping does.
    pub fn place_of(&self, key: &str) -> Span {
        self.get(key).map_or(self.place, |node| node.span)
    }

    fn declared_default(&self, key: &str) -> Option<&'static str> {
        self.section.keys.iter().find(|known| known.name == key).and_then(|known| match known.default {
            Default::Value(text) => Some(text),
            Default::Required { .. } | Default::None => None,
        })
    }

    fn missing<T>(&self, key: &str) -> Option<T> {
        let (what, verb) = match self.get(key) {
            Some(_) => (format!("the key `{key}` has no value"), "write one"),
            None => (format!("{} needs the key `{key}`", self.section.name), "add it"),
        };
        let mistake = Diagnostic::new(what, self.place_of(key));
        let example = self.section.keys.iter().find(|known| known.name == key).map(|known| known.default);
        self.decoder.report(mistake.hint(match example {
            Some(Default::Required { example }) => format!("{verb}, such as `{key}: {example}`"),
            _ => verb.to_owned(),
        }))
    }
}
