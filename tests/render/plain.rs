//! The values that no encoder needs to see, each with the proof that it can hold nothing special.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use provision::model::{EnvName, Init, UserName};
use provision::platform::Platform;
use provision::template::Engine;
use provision::template::engine::built_in;

use crate::encoded::path;
use crate::fixture::{INITS, platform, rendered_with, target};
use crate::sites::{Ports, USUAL, everything};
use crate::tera_text::{Piece, pieces};

/// Each by its path from the root: an item of a list is called like the list.
const PLAIN: [(&str, Proof); 29] = [
    ("app.graceful_timeout", Proof::Number),
    ("app.import_timeout", Proof::Number),
    ("app.limits.files", Proof::Number),
    ("app.max_requests", Proof::Number),
    ("app.max_requests_jitter", Proof::Number),
    ("app.threads", Proof::Number),
    ("app.timeout", Proof::Number),
    ("app.user", Proof::Grammar(accepts::<UserName>)),
    ("app.workers", Proof::Number),
    ("patience", Proof::Number),
    ("process.files", Proof::Number),
    ("process.memory", Proof::Number),
    ("process.start_timeout", Proof::Number),
    ("process.stop_timeout", Proof::Number),
    ("protections.sent", Proof::Made),
    ("protections.variable", Proof::Made),
    ("site.hsts.sent", Proof::Made),
    ("site.hsts.variable", Proof::Made),
    ("site.protections.variable", Proof::Made),
    ("site.rate_limit.burst", Proof::Number),
    ("site.rate_limit.delay", Proof::Number),
    ("site.rate_limit.rate", Proof::Made),
    ("site.routes.cache", Proof::Number),
    ("site.routes.read_timeout", Proof::Number),
    ("site.scheme", Proof::Made),
    ("site.slug", Proof::Made),
    ("site.tls.port", Proof::Made),
    ("site.upstreams.keepalive", Proof::Number),
    ("variables.name", Proof::Grammar(accepts::<EnvName>)),
];

/// With another port than the usual one redirects name it.
const UNUSUAL: Ports = Ports { tls: 8443, ..USUAL };

/// Why a value needs no encoder.
enum Proof {
    /// It is a number in the context of every template that writes it.
    Number,
    /// The program makes it up itself: whatever a site is called, it is made of what Nginx takes for one word.
    Made,
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
        built_in().map(|(name, text)| (name.to_owned(), asking(text, &numbers))).collect();
    let engine = Engine::new(&asking).unwrap();
    let texts = texts(&engine);
    for number in numbers {
        assert!(texts.iter().any(|text| text.contains(&format!("<{number}: yes>"))), "{number} is not written");
        assert!(!texts.iter().any(|text| text.contains(&format!("<{number}: no>"))), "{number} is no number");
    }
}

/// Everything that the fixtures make of the templates, on the oldest hosts and on the newest.
fn texts(engine: &Engine) -> Vec<String> {
    let targets = INITS.map(|init| (target(init), platform(init)));
    let newest = Platform::newest(Init::Systemd);
    let sites = [(everything(UNUSUAL), platform(Init::Systemd)), (everything(UNUSUAL), newest)];
    let rendered = targets.iter().chain(&sites).map(|(target, platform)| rendered_with(target, platform, engine));
    rendered.flat_map(|rendered| rendered.files).map(|file| file.content).collect()
}

/// Every template is rendered with a mark around each value that the program makes up.
#[test]
fn a_made_up_value_is_one_word() {
    let made = PLAIN.iter().filter(|(_, proof)| matches!(proof, Proof::Made)).map(|(path, _)| *path);
    for made in made {
        let marked: BTreeMap<String, String> =
            built_in().map(|(name, text)| (name.to_owned(), around(text, &BTreeSet::from([made]), marked))).collect();
        let texts = texts(&Engine::new(&marked).unwrap());
        let values: BTreeSet<&str> = texts.iter().flat_map(|text| text.split('\u{1}').skip(1).step_by(2)).collect();
        assert!(!values.is_empty(), "{made} is not written");
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | ':' | '/');
        assert!(values.iter().all(|value| !value.is_empty() && value.chars().all(is_word)), "{made}: {values:?}");
    }
}

fn marked(_: &str, expression: &str) -> String {
    format!("\u{1}{{{{ {expression} }}}}\u{1}")
}

fn asked(path: &str, expression: &str) -> String {
    format!("{{% if {expression} is number %}}<{path}: yes>{{% else %}}<{path}: no>{{% endif %}}")
}

fn asking(template: &str, numbers: &BTreeSet<&str>) -> String {
    around(template, numbers, asked)
}

/// A template with something else in the place of each value of these paths.
fn around(template: &str, paths: &BTreeSet<&str>, instead: fn(&str, &str) -> String) -> String {
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
            Piece::Output(expression) => match path(expression.split('|').next().unwrap_or_default().trim(), &loops) {
                path if paths.contains(path.as_str()) => text.push_str(&instead(&path, expression)),
                _ => text.push_str(&format!("{{{{ {expression} }}}}")),
            },
        }
    }
    text
}
