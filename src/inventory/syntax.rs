//! Why a text is not YAML, said so that one knows what to change.
//! Knows only the text and what the parser complained about.

use crate::diagnostic::{Diagnostic, Span};

/// A file of several documents, the second of which begins near `place`.
pub(super) fn several_documents(place: usize) -> Diagnostic {
    Diagnostic::new("the file holds more than one YAML document", Span::new(place, place + 1))
        .hint("remove the line `---` between them, or make two files")
}

/// What the parser's `complaint` about the byte at `place` means.
pub(super) fn explain(text: &str, place: usize, complaint: &str) -> Diagnostic {
    if let Some(expression) = unquoted_expression(text, place) {
        let written = &text[expression.start..expression.end];
        let hint =
            if written.contains('"') { format!("write `'{written}'`") } else { format!("write `\"{written}\"`") };
        return Diagnostic::new("a value that begins with an expression must be in quotes", expression).hint(hint);
    }
    // The place follows in the rendering.
    let complaint = complaint.rsplit_once(" at line ").map_or(complaint, |(complaint, _)| complaint);
    let span = Span::new(place, place + text[place..].chars().next().map_or(0, char::len_utf8));
    let line_start = text[..place].rfind('\n').map_or(0, |newline| newline + 1);
    let indentation = &text[line_start..line_start + leading_blanks(&text[line_start..])];
    if let Some(tab) = indentation.find('\t') {
        let span = Span::new(line_start + tab, line_start + tab + 1);
        return Diagnostic::new("a tab indents this line", span).hint("indent with blanks: YAML allows no tabs there");
    }
    let hint = hint(complaint);
    let mut mistake = Diagnostic::new(format!("the file is not valid YAML: {complaint}"), span).hint(hint);
    if hint == UNCLOSED
        && let Some(opened) = open_bracket(&text[..place])
    {
        mistake = mistake.related(Span::new(opened, opened + 1), "opened here");
    }
    mistake
}

/// The hint that an open bracket explains.
const UNCLOSED: &str = "close the bracket `{` or `[` that was opened before this place";

/// The last bracket of `text` that is not closed in it. Quotes and comments are passed over.
fn open_bracket(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let mut quote = None;
    let mut comment = false;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        match letter {
            '\n' => comment = false,
            _ if comment => {}
            '"' | '\'' if quote == Some(letter) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' if !before.is_alphanumeric() => quote = Some(letter),
            '#' if before.is_whitespace() => comment = true,
            '{' | '[' => open.push(at),
            '}' | ']' => {
                open.pop();
            }
            _ => {}
        }
        before = letter;
    }
    open.pop()
}

fn hint(complaint: &str) -> &'static str {
    const HINTS: [(&[&str], &str); 13] = [
        (&["merge value"], "after `<<:` write an alias of a mapping, such as `<<: *defaults`"),
        (&["unclosed quote"], "close the quote, or remove it"),
        (&["unclosed bracket"], "close it with `]` or `}`; put a text that begins with a bracket in quotes"),
        (&["',' or '}'", "',' or ']'", "flow mapping", "flow sequence", "placement of ':'"], UNCLOSED),
        (&["bracket"], "remove the bracket, or open it first; put a text that begins with a bracket in quotes"),
        (
            &["quoted scalar"],
            "check that the quote before this place is closed; inside single quotes write `''` for a quote",
        ),
        (
            &["mapping values are not allowed"],
            "check the indentation of this line and the one before; put a text that holds `: ` in quotes",
        ),
        (&["expected key", "'-' indicator", "indentation"], "indent this line like its neighbours"),
        (&["unexpected character"], "put a text that begins with this character in quotes"),
        (
            &["unknown value", "anchor"],
            "define the anchor with `&name` before `*name` uses it; put a text that begins with `*` in quotes",
        ),
        (&["Recursive"], "an anchor cannot hold itself"),
        (
            &["null is not allowed", "string scalar"],
            "write a name before the `:`; put a name of special characters in quotes",
        ),
        (&["invalid", "tag"], "remove the tag that begins with `!`"),
    ];
    HINTS
        .iter()
        .find(|(words, _)| words.iter().any(|word| complaint.contains(word)))
        .map_or("check indentation, quotes and brackets near this place", |(_, hint)| hint)
}

/// `{{ … }}` at the beginning of a value, which YAML takes for a mapping in a mapping.
fn unquoted_expression(text: &str, place: usize) -> Option<Span> {
    let line_start = text[..place].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let start = line.match_indices("{{").map(|(at, _)| at).find(|at| {
        let before = line[..*at].trim_end();
        before.ends_with([':', ',', '[', '{']) || before.trim_start() == "-"
    })?;
    if line[..start].matches(['"', '\'']).count() % 2 == 1 {
        return None;
    }
    let rest = &line[start..];
    let end = rest.rfind("}}").map_or(rest.trim_end().len(), |close| {
        let after = &rest[close + 2..];
        close + 2 + after.find([',', ' ', '}', ']']).unwrap_or(after.len())
    });
    Some(Span::new(line_start + start, line_start + start + end))
}

fn leading_blanks(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

#[cfg(test)]
mod tests {
    use crate::inventory::node::Node;

    #[track_caller]
    fn check(text: &str, at: &str, message: &str, hint: &str) {
        let wrong = Node::parse(text).expect_err("not YAML");
        assert_eq!(&text[wrong.place.start..wrong.place.end], at, "place of {wrong:?}");
        assert!(wrong.message.contains(message), "{wrong:?}");
        assert!(wrong.hint.as_deref().unwrap_or_default().contains(hint), "{wrong:?}");
    }

    #[test]
    fn unquoted_expressions() {
        check("a: {{ host.name }}\n", "{{ host.name }}", "must be in quotes", "write `\"{{ host.name }}\"`");
        check("a:\n  - {{ x }}-b\n", "{{ x }}-b", "must be in quotes", "`\"{{ x }}-b\"`");
        check("a: { b: {{ x }}, c: 1 }\n", "{{ x }}", "must be in quotes", "`\"{{ x }}\"`");
        check("a: {{ x[\"y\"] }}\n", "{{ x[\"y\"] }}", "must be in quotes", "`'{{ x[\"y\"] }}'`");
    }

    #[test]
    fn the_bracket_that_is_open() {
        let text = "a: [1] # not [ this\nb: \"nor { this\"\nc: {d: 1\ne: 2\n";
        let wrong = Node::parse(text).expect_err("not YAML");
        assert_eq!(wrong.related.first().map(|related| related.place.start), text.find("{d"));
    }

    #[test]
    fn other_mistakes() {
        check("a:\n\tb: c\n", "\t", "a tab", "blanks");
        check("a: [1, 2\nb: 3\n", ":", "placement", "close the bracket");
        check("a: {b: c\nd: e\n", ":", "flow mapping", "close the bracket");
        check("a:\n  b: c\n c: d\n", "c", "expected key", "indent this line");
        check("a: \"x\nb: c\n", "b", "quoted", "closed");
        check("a: b: c\n", ":", "not allowed", "in quotes");
        check("a: *nope\n", "*", "unknown value", "anchor");
        check("a: @x\n", "@", "unexpected character", "in quotes");
        check("a: ]\n", "]", "bracket", "remove the bracket");
        check("a: 'it's'\n", "s", "quoted", "quote");
        check("[1, 2]: 3\n", "[", "string scalar", "write a name");
        check("a: 1\n---\nb: 2\n", "b", "more than one", "`---`");
        check("é: 1\nü: [\n", "[", "unclosed bracket", "close it");
    }
}
