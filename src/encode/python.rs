//! String literals of Python 3, from 3.5 on.

use std::fmt::Write as _;

use super::Refusal;

/// One ASCII-only `str` literal, so that the file reads the same whatever encoding Python takes it for.
///
/// # Errors
/// None: Python can hold every text.
pub fn literal(text: &str) -> Result<String, Refusal> {
    let mut encoded = String::with_capacity(text.len() + 2);
    encoded.push('"');
    for c in text.chars() {
        let written = match c {
            '\\' | '"' => write!(encoded, "\\{c}"),
            '\n' => write!(encoded, "\\n"),
            ' '..='~' => write!(encoded, "{c}"),
            c if u32::from(c) <= 0xff => write!(encoded, "\\x{:02x}", u32::from(c)),
            c if u32::from(c) <= 0xffff => write!(encoded, "\\u{:04x}", u32::from(c)),
            c => write!(encoded, "\\U{:08x}", u32::from(c)),
        };
        written.expect("writing to a String cannot fail");
    }
    encoded.push('"');
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn literals_are_ascii() {
        assert_eq!(literal("a\"b\\c\n").unwrap(), r#""a\"b\\c\n""#);
        assert_eq!(literal("é€😀\0").unwrap(), r#""\xe9\u20ac\U0001f600\x00""#);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn python_reads_back_what_was_written(values in prop::collection::vec(any::<String>(), 1..64)) {
            let literals: Vec<String> = values.iter().map(|text| literal(text).unwrap()).collect();
            let program = "import ast,json,sys; print(json.dumps([ast.literal_eval(line) for line in sys.stdin]))";
            let mut python = Command::new("python3")
                .args(["-c", program])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            python.stdin.take().unwrap().write_all((literals.join("\n") + "\n").as_bytes()).unwrap();
            let output = python.wait_with_output().unwrap();
            let read: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
            prop_assert_eq!(read, values);
        }
    }
}
