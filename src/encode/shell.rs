//! Words of a POSIX shell. The one place that names `shell-escape`.

use std::borrow::Cow;

use super::Refusal;

/// One word of a shell command.
///
/// # Errors
/// No argument or variable can hold a NUL.
pub fn word(text: &str) -> Result<String, Refusal> {
    if text.contains('\0') {
        return Err(Refusal::new("the value has a NUL character, which no shell word can hold"));
    }
    Ok(shell_escape::unix::escape(Cow::Borrowed(text)).into_owned())
}

/// One word of a shell command, from a text that has no NUL by its type, such as a path, a name or a digest. A NUL,
/// which no word can hold, is dropped.
#[must_use]
pub fn quote(text: &str) -> String {
    shell_escape::unix::escape(Cow::Owned(text.replace('\0', ""))).into_owned()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_stay_plain() {
        assert_eq!(word("/srv/hello/current").unwrap(), "/srv/hello/current");
        assert_eq!(word("it's $HOME").unwrap(), r"'it'\''s $HOME'");
        assert_eq!(word("").unwrap(), "''");
        assert!(word("a\0b").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn shells_read_back_what_was_written(values in prop::collection::vec("[^\u{0}]{0,24}", 1..40)) {
            let words: Vec<String> = values.iter().map(|text| word(text).unwrap()).collect();
            let script = format!("printf '%s\\0' {}", words.join(" "));
            for shell in ["bash", "dash"] {
                let output = Command::new(shell).args(["-euc", &script]).output().unwrap();
                let text = String::from_utf8(output.stdout).unwrap();
                let read: Vec<String> = text.split_terminator('\0').map(str::to_owned).collect();
                prop_assert_eq!(&read, &values, "{}", shell);
            }
        }
    }
}
