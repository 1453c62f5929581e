//! What an encoder makes of thousands of texts, and what a reader made of that.

use std::collections::{BTreeMap, BTreeSet};
use std::env;

use provision::encode::ENCODERS;

use crate::texts::Texts;

/// How many texts a reader has to give back. Each run takes others, so that many runs see as much as one of `make
/// encode`.
const SAMPLE: usize = 2_000;

/// A refusal that repeats this many characters of its value quotes it.
const QUOTED: usize = 8;

/// How many texts a reader has to give back: what `PROVISION_ENCODE_TEXTS` says, or a sample.
pub fn wanted() -> usize {
    env::var("PROVISION_ENCODE_TEXTS").map_or(SAMPLE, |text| text.parse().expect("PROVISION_ENCODE_TEXTS is a number"))
}

/// An encoder and what is known of its language.
pub struct Trial {
    /// The template filter.
    pub encoder: &'static str,
    /// Makes a text one that the encoder is meant for, such as a path.
    pub shape: fn(String) -> String,
    /// Whether the language has a reason to refuse the text. Every other must be accepted.
    pub may_refuse: fn(&str) -> bool,
}

/// Texts that an encoder has accepted, each once, and what it made of them.
pub struct Values {
    pub values: Vec<Value>,
    encoder: &'static str,
    repeat: String,
}

pub struct Value {
    pub text: String,
    pub encoded: String,
}

impl Trial {
    /// Encodes texts until enough are accepted. Every refusal on the way must be justified and must not tell the value.
    #[track_caller]
    pub fn values(&self) -> Values {
        self.some_values(wanted())
    }

    #[track_caller]
    pub fn some_values(&self, wanted: usize) -> Values {
        let (_, encode) = ENCODERS.into_iter().find(|(name, _)| *name == self.encoder).expect("an encoder");
        let mut texts = Texts::new(self.encoder);
        let mut seen = BTreeSet::new();
        let mut values = Vec::with_capacity(wanted);
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        while values.len() < wanted {
            let text = (self.shape)(texts.next());
            if !seen.insert(text.clone()) {
                continue;
            }
            match encode(&text) {
                Ok(encoded) => values.push(Value { text, encoded }),
                Err(refusal) => {
                    let reason = refusal.to_string();
                    let who = format!("`{}` refuses {text:?}: {reason} ({})", self.encoder, texts.repeat());
                    assert!((self.may_refuse)(&text), "without need, {who}");
                    assert!(!quotes(&reason, &text), "quoting it, {who}");
                    *reasons.entry(reason).or_default() += 1;
                }
            }
            assert!(seen.len() < 20 * wanted, "`{}` refuses almost everything: {reasons:?}", self.encoder);
        }
        // One for each control character, and a few for other reasons: a reason that tells values would be many.
        assert!(reasons.len() < 50, "{reasons:?}");
        Values { values, encoder: self.encoder, repeat: texts.repeat() }
    }
}

/// Whether a reason has a piece of the text.
fn quotes(reason: &str, text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.windows(QUOTED).any(|window| reason.contains(&window.iter().collect::<String>()))
}

impl Values {
    /// Compares what `reader` understood, value by value.
    #[track_caller]
    pub fn came_back(&self, reader: &str, read: &[Vec<u8>]) {
        let wrong: Vec<String> = self
            .values
            .iter()
            .zip(read)
            .filter(|(value, read)| value.text.as_bytes() != *read)
            .map(|(value, read)| {
                let read = String::from_utf8_lossy(read);
                format!("{:?}\n    written {}\n    read as {read:?}", cut(&value.text), cut(&value.encoded))
            })
            .collect();
        let who = format!("`{}` through {reader} ({})", self.encoder, self.repeat);
        assert!(wrong.is_empty(), "{who}: {} wrong, such as\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n"));
        assert_eq!(self.values.len(), read.len(), "{who}: not as many values came back as were written");
    }

    /// What repeats these values.
    pub fn repeat(&self) -> &str {
        &self.repeat
    }

    /// The encoded values, one after the other.
    pub fn encoded(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|value| value.encoded.as_str())
    }
}

fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}

/// The texts between NUL bytes.
pub fn between_nuls(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut parts: Vec<Vec<u8>> = bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    assert_eq!(parts.pop().as_deref(), Some(&[] as &[u8]), "the last value has no end");
    parts
}

/// Characters that systemd, and D-Bus as systemd writes it, take for no text, although UTF-8 can hold them.
pub fn has_noncharacter(text: &str) -> bool {
    text.chars().any(|c| matches!(u32::from(c), 0xfdd0..=0xfdef) || u32::from(c) & 0xfffe == 0xfffe)
}

pub fn has_control(text: &str, allowed: &[char]) -> bool {
    text.chars().any(|c| c.is_ascii_control() && !allowed.contains(&c))
}
