//! Values in systemd unit files. `man systemd.syntax` and `man systemd.service` give the rules; those of version 229
//! hold.

use super::{Refusal, refuse_control, refuse_longer, refuse_noncharacters};

/// What one value may fill of a line, in bytes. systemd 229 reads lines in pieces of 2047 bytes and takes every piece
/// for a line: what stands behind would be a directive of its own.
const LONGEST: usize = 1000;
const TOO_LONG: &str = "and systemd 229 would read the rest of its line as another";

/// The blanks that systemd cuts off; other white space of Unicode stays.
const BLANKS: [char; 2] = [' ', '\t'];

/// The rest of a line, as `ListenStream=` or `Description=` take it: `%` begins a specifier, quotes mean nothing.
///
/// # Errors
/// A line break would begin a new directive, a final backslash would take in the next one, blanks at either end are
/// cut off, and nothing at all means the default. A line that is too long, or that systemd takes for damaged UTF-8, is
/// not read as written.
pub fn line(text: &str) -> Result<String, Refusal> {
    refuse_control(text, "a line of a systemd unit", &['\t'])?;
    refuse_noncharacters(text, "a systemd unit")?;
    if text.is_empty() {
        return Err(Refusal::new("the value is empty, which systemd takes for no value"));
    }
    if text.trim_matches(BLANKS) != text {
        return Err(Refusal::new("the value begins or ends with a blank, which systemd cuts off"));
    }
    if text.ends_with('\\') {
        return Err(Refusal::new("the value ends with a backslash, which would take in the unit's next line"));
    }
    let encoded = text.replace('%', "%%");
    refuse_longer(&encoded, LONGEST, TOO_LONG)?;
    Ok(encoded)
}

/// One word of `ExecStart=`: `%` begins a specifier, `$` a variable, and quotes, blanks and backslashes split words.
///
/// # Errors
/// No argument can hold a NUL. A line that is too long, or that systemd takes for damaged UTF-8, is not read as
/// written.
pub fn exec_word(text: &str) -> Result<String, Refusal> {
    if text.contains('\0') {
        return Err(Refusal::new("the value has a NUL character, which no argument can hold"));
    }
    refuse_noncharacters(text, "a systemd unit")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.:=@,+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        refuse_longer(text, LONGEST, TOO_LONG)?;
        return Ok(text.to_owned());
    }
    let mut encoded = String::with_capacity(text.len() + 2);
    encoded.push('"');
    for c in text.chars() {
        match c {
            '\\' => encoded.push_str(r"\\"),
            '"' => encoded.push_str("\\\""),
            '%' => encoded.push_str("%%"),
            '$' => encoded.push_str("$$"),
            '\n' => encoded.push_str(r"\n"),
            '\t' => encoded.push_str(r"\t"),
            c if c.is_ascii_control() => encoded.push_str(&format!(r"\x{:02x}", u32::from(c))),
            c => encoded.push(c),
        }
    }
    encoded.push('"');
    refuse_longer(&encoded, LONGEST, TOO_LONG)?;
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(line("/run/100%.sock").unwrap(), "/run/100%%.sock");
        assert_eq!(line("\u{a0}a").unwrap(), "\u{a0}a");
        for refused in ["a\nUser=root", "a\\", " a", "a ", "a\rb", "", "a\u{ffff}"] {
            assert!(line(refused).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a_command_word_stays_one_word() {
        assert_eq!(exec_word("web_flask.0-hello_route:app").unwrap(), "web_flask.0-hello_route:app");
        assert_eq!(exec_word("a b").unwrap(), r#""a b""#);
        assert_eq!(exec_word(";").unwrap(), r#"";""#);
        assert_eq!(exec_word("").unwrap(), r#""""#);
        assert_eq!(exec_word("$HOME %n \"\\").unwrap(), r#""$$HOME %%n \"\\""#);
        assert_eq!(exec_word("a\u{1b}b\nc").unwrap(), r#""a\x1bb\nc""#);
        assert!(exec_word("a\0").is_err());
    }

    #[test]
    fn no_value_fills_a_line_beyond_what_systemd_229_reads_at_once() {
        assert!(line(&"x".repeat(1000)).is_ok());
        assert!(line(&"%".repeat(501)).is_err());
        assert!(exec_word(&"x".repeat(1001)).is_err());
        assert!(exec_word(&"\"".repeat(500)).is_err());
    }

    proptest! {
        #[test]
        fn neither_a_specifier_nor_a_variable_survives(text in "\\PC{0,64}") {
            let encoded = exec_word(&text).unwrap();
            prop_assert!(!encoded.replace("%%", "").contains('%'));
            prop_assert!(!encoded.replace("$$", "").contains('$'));
            prop_assert!(!encoded.contains('\n'));
        }
    }
}
