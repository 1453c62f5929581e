//! A template taken apart into texts, tags and outputs, as Tera takes it apart.

/// One piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// What is copied, raw blocks included.
    Text(&'t str),
    /// The inside of `{% … %}`.
    Tag(&'t str),
    /// The inside of `{{ … }}`.
    Output(&'t str),
}

/// The pieces of a template, without comments.
pub fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = vec![];
    let mut rest = template;
    while let Some(at) = ["{{", "{%", "{#"].iter().filter_map(|open| rest.find(open)).min() {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let (open, inside) = rest[at..].split_at(2);
        if open == "{#" {
            rest = inside.split_once("#}").expect("the comment ends").1;
            continue;
        }
        let end = end_of_code(inside, if open == "{{" { "}}" } else { "%}" });
        let code = inside[..end].trim_matches('-').trim();
        rest = &inside[end + 2..];
        match (open, code) {
            ("{%", "raw") => {
                let end = rest
                    .match_indices("{%")
                    .map(|(at, _)| at)
                    .find(|at| rest[at + 2..].trim_start_matches('-').trim_start().starts_with("endraw"));
                let end = end.expect("the raw block ends");
                pieces.push(Piece::Text(&rest[..end]));
                rest = rest[end..].split_once("%}").expect("the tag ends").1;
            }
            ("{%", _) => pieces.push(Piece::Tag(code)),
            _ => pieces.push(Piece::Output(code)),
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Where `close` stands outside of strings.
fn end_of_code(code: &str, close: &str) -> usize {
    let mut string = None;
    for (at, c) in code.char_indices() {
        match string {
            Some(quote) if c == quote => string = None,
            Some(_) => {}
            None if code[at..].starts_with(close) => return at,
            None if matches!(c, '"' | '\'' | '`') => string = Some(c),
            None => {}
        }
    }
    panic!("no `{close}` after: {code}");
}

/// The parts of an expression between `mark`s that stand outside of strings and brackets.
pub fn split_outside(expression: &str, mark: char) -> Vec<&str> {
    let (mut parts, mut begin, mut depth, mut string) = (vec![], 0, 0_i32, None);
    for (at, c) in expression.char_indices() {
        match (string, c) {
            (Some(quote), c) if c == quote => string = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => string = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, c) if c == mark && depth == 0 => {
                parts.push(expression[begin..at].trim());
                begin = at + c.len_utf8();
            }
            (None, _) => {}
        }
    }
    parts.push(expression[begin..].trim());
    parts
}

#[test]
fn templates_are_taken_apart_as_tera_does() {
    use Piece::{Output, Tag, Text};
    let template = "a{# {{ no }} #}{{- b | c(d=\"}}\") -}} {%- if x == '%}' -%}e{% raw %}{{ f }}{%- endraw %}{{g}}";
    let expected =
        [Text("a"), Output("b | c(d=\"}}\")"), Text(" "), Tag("if x == '%}'"), Text("e"), Text("{{ f }}"), Output("g")];
    assert_eq!(pieces(template), expected);
    assert_eq!(split_outside("(a | b) | c(d='|') | e", '|'), ["(a | b)", "c(d='|')", "e"]);
}
