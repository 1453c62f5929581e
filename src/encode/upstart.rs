//! Values in Upstart job files. Upstart's parser undoes only `\\`, backslash-blank and backslash-newline, even inside
//! quotes, so that the quoting of shells is wrong here. Every rule was measured on the init of Upstart 1.13.2.

use super::{Refusal, refuse_control, shell};

/// The value of `env NAME=`, or of a quoted stanza such as `description`.
///
/// # Errors
/// A line break inside quotes becomes a blank.
pub fn env_value(text: &str) -> Result<String, Refusal> {
    quote(text, "\"")
}

/// One word of an `exec` stanza. A line with any shell character in it is run by `sh -e -c "exec LINE"`; the quoting
/// holds either way.
///
/// # Errors
/// A line break inside quotes becomes a blank.
pub fn exec_word(text: &str) -> Result<String, Refusal> {
    quote(text, "\"$`!")
}

/// One shell word inside a `script` stanza, whose lines Upstart hands to `sh` as they are.
///
/// # Errors
/// A line break could end the stanza by `end script`, and Upstart takes leading blanks off each line.
pub fn script_word(text: &str) -> Result<String, Refusal> {
    refuse_control(text, "an Upstart script", &['\t'])?;
    shell::word(text)
}

/// A plain word as it is; anything else as double-quoted runs, with each character of `apart` in single quotes between
/// them, and every backslash doubled.
fn quote(text: &str, apart: &str) -> Result<String, Refusal> {
    refuse_control(text, "an Upstart stanza", &['\t'])?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@,+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    let mut encoded = String::with_capacity(text.len() + 2);
    encoded.push('"');
    for c in text.chars() {
        if apart.contains(c) {
            encoded.push_str("\"'");
            encoded.push(c);
            encoded.push_str("'\"");
        } else if c == '\\' {
            encoded.push_str(r"\\");
        } else {
            encoded.push(c);
        }
    }
    encoded.push('"');
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_are_written_apart_and_backslashes_doubled() {
        assert_eq!(env_value(r#"say "hi" \ $HOME #x"#).unwrap(), r#""say "'"'"hi"'"'" \\ $HOME #x""#);
        assert_eq!(exec_word("$A`b`!").unwrap(), r#"""'$'"A"'`'"b"'`'""'!'"""#);
        assert_eq!(env_value("/srv/hello").unwrap(), "/srv/hello");
        assert_eq!(env_value("").unwrap(), r#""""#);
        assert!(env_value("a\nexec rm").is_err());
        assert!(script_word("a\nend script").is_err());
        assert_eq!(script_word("it's").unwrap(), r"'it'\''s'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Where an `exec` line has a shell character, `sh` reads the words: dash must give the text back.
        #[test]
        fn dash_reads_back_exec_words(
            values in prop::collection::vec("[^\u{0}-\u{8}\u{a}-\u{1f}\u{7f}]{0,24}", 1..20),
        ) {
            let words: Vec<String> = values.iter().map(|text| exec_word(text).unwrap()).collect();
            let script = format!("printf '%s\\0' {}", words.join(" "));
            let output = Command::new("dash").args(["-euc", &script]).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let read: Vec<String> = text.split_terminator('\0').map(str::to_owned).collect();
            prop_assert_eq!(read, values);
        }
    }
}
