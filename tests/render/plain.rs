//! The values that no encoder needs to see, each with the proof that it can hold nothing special.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use provision::model::{EnvName, UserName};
use provision::template::Engine;
use provision::template::engine::BUILT_IN;

use crate::encoded::path;
use crate::fixture::{INITS, rendered_with};
use crate::tera_text::{Piece, pieces};

/// Each by its path from the root: an item of a list is called like the list.
const PLAIN: [(&str, Proof); 9] = [
    ("app.graceful_timeout", Proof::Number),
    ("app.stop_timeout", Proof::Number),
    ("app.threads", Proof::Number),
    ("app.timeout", Proof::Number),
    ("app.user", Proof::Grammar(accepts::<UserName>)),
    ("app.workers", Proof::Number),
    ("patience", Proof::Number),
    ("site.routes.read_timeout", Proof::Number),
    ("variables.name", Proof::Grammar(accepts::<EnvName>)),
];

/// Why a value needs no encoder.
enum Proof {
    /// It is a number in the context of every template that writes it.
    Number,
    /// The parser of its type lets in nothing but letters and digits of ASCII, `-` and `_`.
    Grammar(fn(&str) -> bool),
}

pub fn is_plain(path: &str) -> bool {
    PLAIN.iter().any(|(plain, _)| *plain == path)
}

fn accepts<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

#[test]
fn a_plain_name_has_no_special_character() {
    let is_special = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    for (path, proof) in &PLAIN {
        let Proof::Grammar(accepts) = proof else { continue };
        assert!(accepts("abc"), "{path}");
        for c in ('\0'..=char::MAX).filter(|c| is_special(*c)) {
            let texts = [format!("{c}abc"), format!("ab{c}c"), format!("abc{c}")];
            assert!(!texts.iter().any(|text| accepts(text)), "{path} accepts {c:?}");
        }
    }
}

/// Every template is rendered with a question in the place of each plain value.
#[test]
fn a_plain_number_is_a_number() {
    let numbers: BTreeSet<&str> =
        PLAIN.iter().filter(|(_, proof)| matches!(proof, Proof::Number)).map(|(path, _)| *path).collect();
    let asking: BTreeMap<String, String> =
        BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), asking(text, &numbers))).collect();
    let engine = Engine::new(&asking).unwrap();
    let texts: Vec<String> =
        INITS.iter().flat_map(|init| rendered_with(*init, &engine).files).map(|file| file.content).collect();
    for number in numbers {
        assert!(texts.iter().any(|text| text.contains(&format!("<{number}: yes>"))), "{number} is not written");
        assert!(!texts.iter().any(|text| text.contains(&format!("<{number}: no>"))), "{number} is no number");
    }
}

fn asking(template: &str, numbers: &BTreeSet<&str>) -> String {
    let mut loops: Vec<(String, String)> = vec![];
    let mut text = String::new();
    for piece in pieces(template) {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Tag(tag) => {
                match tag.split_whitespace().collect::<Vec<_>>().as_slice() {
                    ["for", item, "in", list] => loops.push(((*item).to_owned(), path(list, &loops))),
                    ["for", ..] => loops.push((String::new(), String::new())),
                    ["endfor"] => drop(loops.pop()),
                    _ => {}
                }
                text.push_str(&format!("{{% {tag} %}}"));
            }
            Piece::Output(expression) => match path(expression, &loops) {
                path if numbers.contains(path.as_str()) => text.push_str(&format!(
                    "{{% if {expression} is number %}}<{path}: yes>{{% else %}}<{path}: no>{{% endif %}}"
                )),
                _ => text.push_str(&format!("{{{{ {expression} }}}}")),
            },
        }
    }
    text
}
