//! Parameters of Nginx directives.

use super::{Refusal, refuse_control};

/// Nginx reads its configuration in pieces of 4096 bytes and gives up on a parameter that fills one.
const LONGEST: usize = 4000;

/// One parameter: as it is where nothing in it means anything to Nginx, else in double quotes.
///
/// # Errors
/// `$` begins a variable wherever a directive takes variables, and Nginx has no escape for it. A line break or NUL in a
/// header value would begin a header, or end the configuration.
pub fn parameter(text: &str) -> Result<String, Refusal> {
    refuse_control(text, "an Nginx parameter", &['\t'])?;
    if text.contains('$') {
        return Err(Refusal::new("the value has a `$`, which Nginx reads as a variable and cannot escape"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@,+%*[]".contains(c);
    if !text.is_empty() && text.len() <= LONGEST && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    let mut encoded = String::with_capacity(text.len() + 2);
    encoded.push('"');
    for c in text.chars() {
        if matches!(c, '\\' | '"') {
            encoded.push('\\');
        }
        encoded.push(c);
    }
    encoded.push('"');
    if encoded.len() > LONGEST {
        return Err(Refusal::new(format!(
            "the value is longer than the {LONGEST} bytes that Nginx reads as one parameter"
        )));
    }
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The quoted-token rules of `ngx_conf_read_token`: `None` when the text is more than one token.
    fn read_token(encoded: &str) -> Option<String> {
        let Some(inner) = encoded.strip_prefix('"') else {
            return (!encoded.contains([' ', '\t', ';', '{', '}', '"', '\'', '\\', '#'])).then(|| encoded.to_owned());
        };
        let inner = inner.strip_suffix('"')?;
        let mut decoded = String::new();
        let mut characters = inner.chars();
        while let Some(c) = characters.next() {
            match c {
                '"' => return None,
                '\\' => match characters.next()? {
                    't' => decoded.push('\t'),
                    'r' => decoded.push('\r'),
                    'n' => decoded.push('\n'),
                    c @ ('"' | '\'' | '\\') => decoded.push(c),
                    c => decoded.extend(['\\', c]),
                },
                c => decoded.push(c),
            }
        }
        Some(decoded)
    }

    #[test]
    fn what_nginx_would_read_as_code_is_quoted_or_refused() {
        assert_eq!(parameter("/api/").unwrap(), "/api/");
        assert_eq!(parameter("").unwrap(), "\"\"");
        assert_eq!(parameter("a b; }").unwrap(), r#""a b; }""#);
        assert_eq!(parameter(r#"\n"x""#).unwrap(), r#""\\n\"x\"""#);
        for refused in ["$host", "a\nb", "a\r\nX: y", "a\0b"] {
            assert!(parameter(refused).is_err(), "{refused:?}");
        }
        assert!(parameter(&"x".repeat(5000)).is_err());
    }

    #[test]
    fn a_refusal_does_not_show_the_value() {
        let refusal = parameter("hunter2$").unwrap_err();
        assert!(!refusal.to_string().contains("hunter2"));
    }

    proptest! {
        #[test]
        fn any_accepted_text_is_one_token(text in "\\PC{0,64}") {
            if let Ok(encoded) = parameter(&text) {
                prop_assert_eq!(read_token(&encoded), Some(text));
            } else {
                prop_assert!(text.contains('$'));
            }
        }
    }
}
