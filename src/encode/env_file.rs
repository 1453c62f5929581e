//! Values of an environment file that three readers take alike: `bash` and `dash` by `.`, systemd (229 and newer) by
//! `EnvironmentFile=`. Inside double quotes all three undo a backslash before exactly these: backslash, double quote,
//! `$` and backtick.

use super::{Refusal, refuse_control, refuse_longer, refuse_noncharacters};

/// The kernel starts no process with a variable of 128 KiB or more; the rest is room for its name.
const LONGEST: usize = 130_000;

/// What follows `NAME=`, quotes included.
///
/// # Errors
/// systemd drops a variable with a control character other than tab and line break, or with what it takes for damaged
/// UTF-8, and says so only in its log. No process can have a variable that is too long.
pub fn value(text: &str) -> Result<String, Refusal> {
    refuse_control(text, "systemd's environment file", &['\t', '\n'])?;
    refuse_noncharacters(text, "systemd's environment file")?;
    refuse_longer(text, LONGEST, "and no process can be started with such a variable")?;
    let mut encoded = String::with_capacity(text.len() + 2);
    encoded.push('"');
    for c in text.chars() {
        if matches!(c, '\\' | '"' | '$' | '`') {
            encoded.push('\\');
        }
        encoded.push(c);
    }
    encoded.push('"');
    Ok(encoded)
}

/// The variables of a whole file in that notation: each one's name, and its text from there to the closing quote.
/// `None` where something is neither a variable nor a comment nor a blank line.
#[must_use]
pub fn variables(mut text: &str) -> Option<Vec<(&str, &str)>> {
    let mut variables = vec![];
    while !text.is_empty() {
        let line = text.lines().next().unwrap_or_default();
        if line.is_empty() || line.starts_with('#') {
            text = text.get(line.len() + 1..).unwrap_or_default();
            continue;
        }
        let (name, value) = text.split_once("=\"").filter(|(name, _)| is_name(name))?;
        let end = name.len() + 2 + closing_quote(value)? + 1;
        variables.push((name, &text[..end]));
        text = text[end..].strip_prefix('\n')?;
    }
    Some(variables)
}

/// The variable whose value begins on that line and goes on in the next one.
#[must_use]
pub fn unfinished(line: &str) -> Option<&str> {
    let (name, value) = line.split_once("=\"").filter(|(name, _)| is_name(name))?;
    closing_quote(value).is_none().then_some(name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Where the quote is that is not escaped.
fn closing_quote(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_four_special_characters_are_escaped() {
        assert_eq!(value(r#"a"b\c$d`e'f!g#h"#).unwrap(), r#""a\"b\\c\$d\`e'f!g#h""#);
        assert_eq!(value("").unwrap(), r#""""#);
        assert!(value("a\0").is_err());
        assert!(value("a\x1b").is_err());
        assert!(value("a\u{fffe}").is_err());
        assert!(value(&"x".repeat(131_072)).is_err());
    }

    /// What `shell` reads back from a file with the encoded values, one variable each.
    fn read_back(shell: &str, values: &[String]) -> Vec<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for (index, text) in values.iter().enumerate() {
            writeln!(file, "V{index}={}", value(text).unwrap()).unwrap();
        }
        let mut script = format!("set -a; . {};", file.path().display());
        for index in 0..values.len() {
            script.push_str(&format!(" printf '%s\\0' \"$V{index}\";"));
        }
        let output = Command::new(shell).args(["-euc", &script]).output().unwrap();
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn what_is_no_variable_is_said() {
        assert_eq!(variables("# a\n\nA=\"1\"\n").unwrap(), [("A", "A=\"1\"")]);
        for other in ["A=1\n", "A=\"1\n", "A=\"1\" # a\n", "export A=\"1\"\n", "A=\"1\"", "text\n"] {
            assert_eq!(variables(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_quote_is_closed_by_one_that_is_not_escaped() {
        assert_eq!(unfinished("A=\"a\""), None);
        assert_eq!(unfinished(r#"A="a\"b\\""#), None);
        assert_eq!(unfinished(r#"A="a\""#), Some("A"));
        assert_eq!(unfinished("A=\""), Some("A"));
        assert_eq!(unfinished("export A=\""), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn shells_read_back_what_was_written(values in prop::collection::vec("(\\PC|[\t\n]){0,24}", 1..40)) {
            prop_assert_eq!(&read_back("bash", &values), &values);
            prop_assert_eq!(&read_back("dash", &values), &values);
        }

        #[test]
        fn each_variable_is_found(values in prop::collection::vec("(\\PC|[\t\n\"#=\\\\]){0,24}", 0..8)) {
            let line = |(index, text): (usize, &String)| {
                let name = format!("V{index}");
                (name.clone(), format!("{name}={}", value(text).unwrap()))
            };
            let written: Vec<(String, String)> = values.iter().enumerate().map(line).collect();
            let file: String = written.iter().map(|(_, line)| format!("# {line:.1}\n{line}\n")).collect();
            let written: Vec<(&str, &str)> = written.iter().map(|(name, line)| (&name[..], &line[..])).collect();
            prop_assert_eq!(variables(&file).unwrap(), written);
        }

        /// systemd's own rules, written down: its reader is not at hand in a test.
        #[test]
        fn systemd_reads_back_what_was_written(text in "(\\PC|[\t\n]){0,64}") {
            let encoded = value(&text).unwrap();
            let inner = encoded.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
            let mut decoded = String::new();
            let mut characters = inner.chars();
            while let Some(c) = characters.next() {
                prop_assert_ne!(c, '"', "an unescaped quote would end the value");
                decoded.push(if c == '\\' { characters.next().unwrap() } else { c });
            }
            prop_assert_eq!(decoded, text);
        }
    }
}
