//! `-e key=value` and `-e @file.yml`: variables from the command line.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::Inputs;
use super::decode::{Decode, Decoder, Names};
use super::node::{Entry, Name, Node, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};

/// The variables of one `-e` argument. `read` yields the text of the file that follows an `@`.
///
/// # Errors
/// When it cannot be understood, or the file cannot be read: every mistake, with its place in the argument.
pub fn parse(
    argument: &str,
    read: &dyn Fn(&str) -> Result<String, String>,
) -> Result<BTreeMap<String, Json>, Diagnostics> {
    if let Some(file) = argument.strip_prefix('@') {
        let text = read(file).map_err(|why| {
            let mistake = Diagnostic::new(format!("cannot read `{file}`: {why}"), Span::new(1, argument.len()));
            Diagnostics::new("--extra-vars", argument, vec![mistake.hint("name a YAML file after the `@`")])
        })?;
        return mapping(&text).map_err(|mistakes| Diagnostics::new(file, &text, mistakes));
    }
    let variables = if argument.trim_start().starts_with('{') { mapping(argument) } else { pair(argument) };
    variables.map_err(|mistakes| Diagnostics::new("--extra-vars", argument, mistakes))
}

fn pair(argument: &str) -> Result<BTreeMap<String, Json>, Vec<Diagnostic>> {
    let whole = Span::new(0, argument.len());
    let Some((key, written)) = argument.split_once('=') else {
        let mistake = Diagnostic::new("there is no `=` after the variable's name", whole);
        return Err(vec![mistake.hint("write `-e key=value` or `-e @file.yml`")]);
    };
    let offset = key.len() + 1;
    let moved = |mut mistake: Diagnostic| {
        let moved = |place: Span| Span::new(place.start + offset, place.end + offset);
        mistake.place = moved(mistake.place);
        mistake.related.iter_mut().for_each(|related| related.place = moved(related.place));
        mistake
    };
    let value = Node::parse(written).map_err(|mistake| vec![moved(mistake)])?;
    let value = match value.value {
        // `-e greeting=` means an empty text.
        Value::Null if written.trim().is_empty() => Json::from(""),
        _ => decoded(&value).map_err(|mistakes| mistakes.into_iter().map(moved).collect::<Vec<_>>())?,
    };
    let key = Name { text: key.to_owned(), span: Span::new(0, key.len()) };
    check_names(&[&key])?;
    Ok(BTreeMap::from([(key.text, value)]))
}

fn mapping(text: &str) -> Result<BTreeMap<String, Json>, Vec<Diagnostic>> {
    let tree = Node::parse(text).map_err(|mistake| vec![mistake])?;
    let entries: &[Entry] = match &tree.value {
        Value::Map(entries) => entries,
        Value::Null => &[],
        _ => {
            let mistake = Diagnostic::new(format!("variables are a mapping, not {}", tree.kind()), tree.span);
            return Err(vec![mistake.hint("write one `key: value` on each line")]);
        }
    };
    check_names(&entries.iter().map(|entry| &entry.key).collect::<Vec<_>>())?;
    match decoded(&tree)? {
        Json::Object(variables) => Ok(variables.into_iter().collect()),
        _ => Ok(BTreeMap::new()),
    }
}

/// Names that `vars.NAME` can reach in an expression.
fn check_names(names: &[&Name]) -> Result<(), Vec<Diagnostic>> {
    let wrong = names.iter().filter(|name| {
        let text = &name.text;
        !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            || !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    let mistakes: Vec<Diagnostic> = wrong
        .map(|name| {
            Diagnostic::new(format!("`{}` is not the name of a variable", name.text), name.span)
                .hint("use letters, digits and `_`, not beginning with a digit")
        })
        .collect();
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
}

fn decoded(node: &Node) -> Result<Json, Vec<Diagnostic>> {
    let inputs = Inputs { base_dir: Path::new("/"), environment: &|_| None, extra_vars: BTreeMap::new() };
    let names = Names::default();
    let decoder = Decoder::new(&inputs, &names);
    let value = Json::decode(node, &decoder);
    let mistakes = decoder.take_mistakes();
    if mistakes.is_empty() { Ok(value.unwrap_or_default()) } else { Err(mistakes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str) -> Result<String, String> {
        match file {
            "vars.yml" => Ok("workers: 4\ntags: [a, b]\n".to_owned()),
            "twice.yml" => Ok("a: 1\na: 2\n".to_owned()),
            _ => Err("no such file".to_owned()),
        }
    }

    #[track_caller]
    fn check(argument: &str, expected: Json) {
        assert_eq!(serde_json::to_value(parse(argument, &read).unwrap()).unwrap(), expected);
    }

    #[track_caller]
    fn check_error(argument: &str, expected: &str) {
        let shown = parse(argument, &read).expect_err("wrong").to_string();
        assert!(shown.contains(expected) && shown.contains("help: "), "{shown}");
    }

    #[test]
    fn variables() {
        check("workers=4", serde_json::json!({ "workers": 4 }));
        check("greeting=hello world", serde_json::json!({ "greeting": "hello world" }));
        check("url=http://a/?b=c", serde_json::json!({ "url": "http://a/?b=c" }));
        check("version=\"1.10\"", serde_json::json!({ "version": "1.10" }));
        check("tags=[a, 2]", serde_json::json!({ "tags": ["a", 2] }));
        check("empty=", serde_json::json!({ "empty": "" }));
        check("{ a: 1, b: x }", serde_json::json!({ "a": 1, "b": "x" }));
        check("@vars.yml", serde_json::json!({ "workers": 4, "tags": ["a", "b"] }));
    }

    #[test]
    fn mistakes() {
        check_error("workers", "there is no `=`");
        check_error("a-b=1", "`a-b` is not the name of a variable");
        check_error("a=[1", "unclosed bracket");
        check_error("@none.yml", "cannot read `none.yml`: no such file");
        check_error("@twice.yml", "twice.yml:2:1");
        check_error("né={b: 1, b: 2}", "--extra-vars:1:11");
    }
}
