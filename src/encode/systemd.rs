//! Values in systemd unit files. `man systemd.syntax` and `man systemd.service` give the rules; those of version 229 hold.

use super::{Refusal, refuse_control};

/// The rest of a line, as `ListenStream=` or `Description=` take it: `%` begins a specifier, quotes mean nothing.
///
/// # Errors
/// A line break would begin a new directive, a final backslash would take in the next one, and blanks at either end are
/// cut off.
pub fn line(text: &str) -> Result<String, Refusal> {
    refuse_control(text, "a line of a systemd unit", &['\t'])?;
    if text.trim() != text {
        return Err(Refusal::new("the value begins or ends with a blank, which systemd cuts off"));
    }
    if text.ends_with('\\') {
        return Err(Refusal::new("the value ends with a backslash, which would take in the unit's next line"));
    }
    Ok(text.replace('%', "%%"))
}

/// One word of `ExecStart=`: `%` begins a specifier, `$` a variable, and quotes, blanks and backslashes split words.
///
/// # Errors
/// systemd has no escape for a control character that every version reads alike, except tab and line break.
pub fn exec_word(text: &str) -> Result<String, Refusal> {
    refuse_control(text, "a systemd command line", &['\t', '\n'])?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.:=@,+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
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
            c => encoded.push(c),
        }
    }
    encoded.push('"');
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(line("/run/100%.sock").unwrap(), "/run/100%%.sock");
        for refused in ["a\nUser=root", "a\\", " a", "a ", "a\rb"] {
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
        assert!(exec_word("a\0").is_err());
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
