//! Secrets that are known to this process, and the texts that leave it without them.
//!
//! What an app, a host or a program prints may quote a secret: an exception does, with quotes and escapes around it. So
//! every text that leaves goes through here, on its way to the terminal ([`crate::report`]) and, on the host, into its
//! history (`mask.py`, which is given the shapes).
//!
//! **The rule.** A secret of four characters or more is masked wherever it stands, as it is and in its usual disguises;
//! each line of one that has several is a secret of its own. One of three is masked where it stands as a word. A
//! shorter one is not: there are so few of them that a mask would hide nothing, and `1` masked everywhere would leave
//! nothing to read.

mod disguise;
mod place;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use serde_json::{Value, json};

use self::disguise::{LONG, disguises, password_of};
use self::place::{places, stands_alone};
use crate::desired::Desired;
use crate::format::Format;
use crate::model::{Part, Secrecy};

/// Of what `mask.py` reads. The first one named no version.
const FORMAT: Format = Format::new("the list of secrets", 2);

/// What stands for a secret.
pub const MASK: &str = "********";

/// How often a text is gone through, at most; `mask.py` does the same.
const PASSES: usize = 8;

/// The least that is masked at all, in characters.
const SHORT: usize = 3;

/// Texts that must not be seen.
///
/// ```
/// use provision::mask::Mask;
///
/// let mut mask = Mask::new();
/// mask.learn("correct horse");
/// assert_eq!(mask.text("the password is correct horse"), "the password is ********");
/// assert_eq!(mask.text("?password=correct%20horse"), "?password=********", "in its usual disguises, too");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mask {
    /// Wherever they stand.
    texts: BTreeSet<String>,
    /// Where they stand as words.
    words: BTreeSet<String>,
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} shapes)", self.texts.len() + self.words.len())
    }
}

impl Mask {
    /// A mask that hides nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { texts: BTreeSet::new(), words: BTreeSet::new() }
    }

    /// The mask over every secret that `desired` has.
    #[must_use]
    pub fn over(desired: &Desired) -> Self {
        let mut mask = Self::new();
        for file in &desired.files {
            match &file.secrecy {
                Secrecy::Pieces(parts) => parts.iter().filter_map(Part::secret).for_each(|of| mask.learn(&of.value)),
                // Of a file without pieces no more is known.
                Secrecy::Open | Secrecy::Whole => file.secrets.iter().for_each(|secret| mask.learn(secret)),
            }
        }
        mask
    }

    /// Hides `secret` from now on.
    pub fn learn(&mut self, secret: &str) {
        let lines = secret.lines().map(str::trim);
        // Every PEM text has these, the public ones too.
        let lines = lines.filter(|line| !line.starts_with("-----"));
        for text in [secret, secret.trim()].into_iter().chain(lines).chain(password_of(secret)) {
            match text.chars().count() {
                ..SHORT => {}
                SHORT..LONG => _ = self.words.insert(text.to_owned()),
                LONG.. => {
                    self.texts.insert(text.to_owned());
                    self.texts.extend(disguises(text));
                }
            }
        }
    }

    /// `text` without the secrets.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Cow::Owned(mut masked) = self.once(text) else { return Cow::Borrowed(text) };
        // Beside what is masked a word stands alone.
        for _ in 1..PASSES {
            match self.once(&masked) {
                Cow::Owned(again) if again != masked => masked = again,
                _ => break,
            }
        }
        Cow::Owned(masked)
    }

    fn once<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut hidden: Vec<Range<usize>> = vec![];
        for shape in &self.texts {
            hidden.extend(places(text, shape));
        }
        for shape in &self.words {
            hidden.extend(places(text, shape).filter(|place| stands_alone(text, place)));
        }
        if hidden.is_empty() {
            return Cow::Borrowed(text);
        }
        hidden.sort_unstable_by_key(|place| (place.start, place.end));
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for place in hidden {
            // What overlaps, or follows without a gap, is one secret to the eye.
            if place.start > end || masked.is_empty() {
                masked.push_str(&text[end..place.start]);
                masked.push_str(MASK);
            }
            end = end.max(place.end);
        }
        masked.push_str(&text[end..]);
        Cow::Owned(masked)
    }

    /// Hides the secrets in every text of a JSON value. Its keys and numbers are the program's own.
    pub fn json(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.text(text) {
                    *text = masked;
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.json(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.json(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The shapes, for `mask.py`.
    #[must_use]
    pub fn to_json(&self) -> String {
        json!({ "format": FORMAT.newest(), "texts": self.texts, "words": self.words }).to_string()
    }
}

static KNOWN: RwLock<Mask> = RwLock::new(Mask::new());

/// This process hides `secret` from now on, wherever it prints.
pub fn learn(secret: &str) {
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).learn(secret);
}

/// This process hides every secret of `desired` from now on, wherever it prints.
pub fn learn_desired(desired: &Desired) {
    let Mask { texts, words } = Mask::over(desired);
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.texts.extend(texts);
    known.words.extend(words);
}

/// `text` without the secrets that this process knows.
#[must_use]
pub fn conceal(text: &str) -> Cow<'_, str> {
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).text(text)
}

/// A line of JSON without the secrets that this process knows.
#[must_use]
pub fn conceal_json(line: &str) -> String {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    match serde_json::from_str::<Value>(line) {
        Ok(mut value) => {
            let before = value.clone();
            known.json(&mut value);
            // The order of its fields stays as it is where nothing is hidden.
            if before == value { line.to_owned() } else { value.to_string() }
        }
        Err(_) => known.text(line).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;

    use super::*;

    fn mask(secrets: &[&str]) -> Mask {
        let mut mask = Mask::new();
        secrets.iter().for_each(|secret| mask.learn(secret));
        mask
    }

    #[track_caller]
    fn check(secrets: &[&str], text: &str, masked: &str) {
        let mask = mask(secrets);
        assert_eq!(mask.text(text), masked);
        assert_eq!(mask.text(masked), masked, "a text that is masked stays as it is");
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        check(&["hunter2"], "no: hunter2, xhunter2y", "no: ********, x********y");
        check(&["hunter2"], "nothing here", "nothing here");
        check(&[], "hunter2", "hunter2");
        check(&["größe!"], "die größe! zählt", "die ******** zählt");
    }

    #[test]
    fn secrets_that_overlap_leave_nothing_between_them() {
        check(&["abcd", "bcdef"], "abcdef", "********");
        check(&["abcabc"], "abcabcabc!", "********!");
        check(&["first", "second"], "firstsecond first", "******** ********");
    }

    #[test]
    fn the_shorter_a_secret_the_less_is_hidden() {
        check(&["1", "no", " "], "1 no 1 no", "1 no 1 no");
        check(&["web"], "web: webmaster of web-01 and my_web", "********: webmaster of ********-01 and my_web");
        check(&["webs"], "websites", "********ites");
    }

    #[test]
    fn each_line_of_a_secret_is_one() {
        let key = "-----BEGIN PRIVATE KEY-----\nTUlJRXZnSUJBREFOQmdr\nYQ==\n-----END PRIVATE KEY-----\n";
        check(&[key], "  | YQ==", "  | ********");
        check(&[key], "key: TUlJRXZnSUJBREFOQmdr.", "key: ********.");
        check(&[key], "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----");
        check(&[key], &format!("{key:?}"), "\"********\"");
    }

    #[test]
    fn the_password_in_an_address_is_one() {
        let url = "postgres://web:Xk9-word@db.example/app?x=1";
        check(
            &[url],
            "password Xk9-word was refused for web at db.example",
            "password ******** was refused for web at db.example",
        );
        check(&["https://example.com/@me:you"], "you at example.com/@me", "you at example.com/@me");
    }

    /// As Python 3 writes the secret; see `tests/core/mask.rs`, which asks Python itself.
    #[test]
    fn usual_disguises_are_seen_through() {
        let secret = "it's \"pa$s\"\\ é<b>&\n/x+y";
        let shown = [
            r#"'it\'s "pa$s"\\ é<b>&\n/x+y'"#,
            r#""it's \"pa$s\"\\ \u00e9<b>&\n/x+y""#,
            r#"b'it\'s "pa$s"\\ \xc3\xa9<b>&\n/x+y'"#,
            "it%27s%20%22pa%24s%22%5C%20%C3%A9%3Cb%3E%26%0A/x%2By",
            "it%27s+%22pa%24s%22%5c+%c3%a9%3cb%3e%26%0a%2fx%2by",
            "it&#x27;s &quot;pa$s&quot;\\ é&lt;b&gt;&amp;\n/x+y",
        ];
        for text in shown {
            let masked = mask(&[secret]).text(text).into_owned();
            assert!(masked.len() <= 11 && masked.contains(MASK), "{text} became {masked}");
        }
        check(&["hunter2-long"], &BASE64.encode("hunter2-long"), MASK);
        for user in ["", "a", "ab", "abc"] {
            let masked = mask(&["hunter2-long"]).text(&BASE64.encode(format!("{user}:hunter2-long!!"))).into_owned();
            assert!(masked.contains(MASK) && !masked.contains("dW50ZXIyLWxvbm"), "{masked}");
        }
        check(&["hunter2-long"], "68756e746572322d6c6f6e67", MASK);
    }

    #[test]
    fn json_stays_json() {
        let mut value = json!({ "began": 4711, "goal": "x 4711", "4711": [null, "4711"] });
        mask(&["4711"]).json(&mut value);
        assert_eq!(value, json!({ "began": 4711, "goal": "x ********", "4711": [null, "********"] }));
    }

    #[test]
    fn a_mask_says_nothing_of_what_it_hides() {
        assert!(!format!("{:?}", mask(&["hunter2"])).contains("hunter"));
    }
}
