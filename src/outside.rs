//! Text that came from elsewhere: from a host, an app on it, ssh, a git server. The one place that makes it fit to be
//! seen.
//!
//! Such a text may hold anything, and a terminal obeys much of it: sequences that begin with ESC move the cursor, set
//! the window's title or fill the clipboard, and marks of writing direction show words in another order than they have.
//! Here every such character becomes a visible one, and what is shown gets a length. The edge calls this:
//! [`crate::ssh`] for each line that a host answers, and whoever decodes a text out of such a line for that text. What
//! is compared with something, as the content of a file is, stays byte by byte what it was, and goes through
//! [`visible`] when it is shown.

use std::borrow::Cow;

use serde::{Deserialize as _, Deserializer};

/// Characters of a sentence that somebody else wrote, beyond which it is cut.
pub const PHRASE: usize = 500;

/// Characters of a path: no kernel takes more.
pub const PATH: usize = 4096;

/// Bytes of a longer text that are shown: its end, where programs say what went wrong.
pub const TEXT: usize = 16 * 1024;

/// Characters of one line of a longer text.
const WIDTH: usize = 2_000;

/// What stands for what was cut away.
const CUT: char = '…';

/// One line of fields: UTF-8, without control characters but the tabulators that part the fields.
#[must_use]
pub fn line(bytes: &[u8]) -> Cow<'_, str> {
    // Nearly every line is this, and some have millions of bytes.
    if bytes.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) => Cow::Owned(visible(&text).into_owned()),
    }
}

/// The same text with every character visible that is none but a command to a terminal. Tabulators stay, line breaks do
/// not.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| c != '\t' && picture(c) != c) {
        Cow::Owned(text.chars().map(|c| if c == '\t' { c } else { picture(c) }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// A sentence, a name, a title: one line without tabulators, and not long.
#[must_use]
pub fn phrase(text: &str) -> String {
    let spaced = text.chars().map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { picture(c) });
    cut(spaced, PHRASE)
}

/// A path, or what stands where a path should: one line, and no longer than one can be.
#[must_use]
pub fn path(text: &str) -> String {
    cut(text.chars().map(picture), PATH)
}

/// What a program printed: lines without control characters, and of all too many the last. Ends without a line break.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let skipped = bytes.len().saturating_sub(TEXT);
    let text = String::from_utf8_lossy(&bytes[skipped..]);
    let lines = text.trim_end().lines().map(|line| cut(visible(line).chars(), WIDTH));
    let lines = lines.collect::<Vec<_>>().join("\n");
    if skipped == 0 { lines } else { format!("{CUT} ({skipped} bytes before)\n{lines}") }
}

/// Decodes a sentence: for texts inside a document that a host sent, in which any character can be written.
///
/// # Errors
/// When there is no text.
pub fn deserialize_phrase<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| phrase(&text))
}

fn cut(mut characters: impl Iterator<Item = char>, longest: usize) -> String {
    let mut text: String = characters.by_ref().take(longest).collect();
    if characters.next().is_some() {
        text.push(CUT);
    }
    text
}

/// A visible character instead of one that a terminal obeys.
fn picture(c: char) -> char {
    match c {
        // Unicode has a picture of each: ␀ to ␟, and ␡.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        // The other control characters, among them a CSI in one character, and marks of writing direction.
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        // Line ends to Unicode, if to no terminal.
        '\u{2028}' | '\u{2029}' => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that a terminal could obey, in one text.
    const HOSTILE: &str =
        "a\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{8}\u{7f}\0\r\u{202e}txt.\u{2066}exe\u{200f}\u{2028}z";

    #[track_caller]
    fn check_clean(text: &str) {
        let obeyed = |c: char| c != '\t' && c != '\n' && picture(c) != c;
        assert!(!text.chars().any(obeyed), "{text:?}");
    }

    #[test]
    fn no_command_to_a_terminal_passes() {
        for text in [phrase(HOSTILE), text(HOSTILE.as_bytes()), line(HOSTILE.as_bytes()).into_owned()] {
            check_clean(&text);
            assert!(text.starts_with('a') && text.ends_with('z') && text.contains("owned"), "{text}");
        }
        assert_eq!(visible("\u{1b}[31mred"), "␛[31mred");
    }

    #[test]
    fn what_everybody_writes_stays() {
        for text in ["plain\twith fields", "größer, 東京, ✓", ""] {
            assert!(matches!(line(text.as_bytes()), Cow::Borrowed(same) if same == text));
        }
        assert_eq!(text(b"one\r\ntwo\tthree\n\n"), "one\ntwo\tthree");
    }

    #[test]
    fn junk_is_a_line_too() {
        let junk: Vec<u8> = (0..=255).collect();
        check_clean(&line(&junk));
        check_clean(&text(&junk));
    }

    #[test]
    fn a_phrase_is_one_short_line() {
        assert_eq!(phrase("one\ttwo\nthree"), "one two three");
        assert_eq!(phrase(&"ü".repeat(PHRASE)).chars().count(), PHRASE);
        let long = phrase(&"ü".repeat(100_000));
        assert!(long.chars().count() == PHRASE + 1 && long.ends_with('…'));
    }

    #[test]
    fn of_a_long_text_the_end_is_shown_and_of_a_long_line_the_beginning() {
        let long = text(format!("{}the end", "x\n".repeat(1_000_000)).as_bytes());
        assert!(
            long.len() < TEXT + 100 && long.ends_with("x\nthe end") && long.starts_with("… (198"),
            "{}",
            &long[..40]
        );
        let wide = text("y".repeat(10_000).as_bytes());
        assert_eq!(wide.chars().count(), WIDTH + 1);
        // A cut through the middle of a character breaks nothing.
        check_clean(&text("ü".repeat(TEXT).as_bytes()));
    }
}
