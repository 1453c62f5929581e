//! Enough Python to read a file of settings: what is code, what is text, and what is assigned at the top.

/// An assignment at the top of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub name: String,
    /// The value as it is written, up to the end of its first line.
    pub value: String,
    pub line: usize,
}

/// A file.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub assignments: Vec<Assignment>,
    /// The lines without comments, each character inside a string made `~`.
    pub code: Vec<String>,
    /// Lines where a string with values in it begins (`f"…"`).
    pub formatted: Vec<usize>,
}

impl Settings {
    /// The last assignment of a name, which is the one that counts.
    pub fn last(&self, name: &str) -> Option<&Assignment> {
        self.assignments.iter().rev().find(|assignment| assignment.name == name)
    }
}

/// Reads a file.
pub fn read(text: &str) -> Settings {
    let mut settings = Settings::default();
    let mut quote: Option<String> = None;
    let mut depth = 0_usize;
    for (index, line) in text.lines().enumerate() {
        let at_top = depth == 0 && quote.is_none();
        let code = blank_strings(line, &mut quote, |prefix| {
            if prefix.eq_ignore_ascii_case("f")
                || prefix.eq_ignore_ascii_case("rf")
                || prefix.eq_ignore_ascii_case("fr")
            {
                settings.formatted.push(index + 1);
            }
        });
        for letter in code.chars() {
            match letter {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        if at_top && let Some((name, start)) = assigned(&code) {
            let value = line.get(start..code.trim_end().len()).unwrap_or_default().trim().to_owned();
            settings.assignments.push(Assignment { name: name.to_owned(), value, line: index + 1 });
        }
        settings.code.push(code);
    }
    settings
}

/// The name that a line assigns to, and where its value begins.
fn assigned(code: &str) -> Option<(&str, usize)> {
    let equals = code.find('=')?;
    if code[equals + 1..].starts_with('=') || code.starts_with([' ', '\t']) {
        return None;
    }
    let name = code[..equals].trim_end();
    let name = name.split_once(':').map_or(name, |(name, _)| name.trim_end());
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some((name, equals + 1))
}

/// A line without its comment and with `~` for each byte of its strings, so that places stay the same. `quote` is the
/// open string, if one goes on from the line before.
fn blank_strings(line: &str, quote: &mut Option<String>, mut string: impl FnMut(&str)) -> String {
    let mut code = String::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let mut length = letter.len_utf8();
        if let Some(open) = quote.as_deref() {
            if letter == '\\' {
                length += rest[1..].chars().next().map_or(0, char::len_utf8);
            } else if rest.starts_with(open) {
                length = open.len();
                *quote = None;
            }
            code.push_str(&"~".repeat(length));
        } else if letter == '#' {
            break;
        } else if letter == '"' || letter == '\'' {
            let triple = letter.to_string().repeat(3);
            let open = if rest.starts_with(&triple) { triple } else { letter.to_string() };
            length = open.len();
            let before = code.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
            string(&code[before..]);
            code.push_str(&"~".repeat(length));
            *quote = Some(open);
        } else {
            code.push(letter);
        }
        rest = &rest[length..];
    }
    // Only three quotes hold more than one line.
    if quote.as_ref().is_some_and(|open| open.len() == 1) && !line.ends_with('\\') {
        *quote = None;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_no_code() {
        let settings =
            read("a = \"b # c\" # d\nb = [\n  f'x',\n]\ndef f():\n    c = 1\n\"\"\"e = 1\n\"\"\"\nd = 1 == 2\n");
        let names: Vec<_> =
            settings.assignments.iter().map(|one| (one.name.as_str(), one.value.as_str(), one.line)).collect();
        assert_eq!(names, [("a", "\"b # c\"", 1), ("b", "[", 2), ("d", "1 == 2", 9)]);
        assert_eq!(settings.formatted, [3]);
        assert_eq!(settings.code[0], "a = ~~~~~~~ ");
    }
}
