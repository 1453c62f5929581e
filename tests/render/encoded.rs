//! No template writes a value past the encoder of its language.

use std::collections::{BTreeMap, BTreeSet};

use provision::encode::ENCODERS;
use provision::template::engine::built_in;

use crate::tera_text::{Piece, pieces, split_outside};

/// The encoders that may stand in one template, for each language. `comment` may stand in every one.
const LANGUAGES: [&[&str]; 7] = [
    &["nginx"],
    &["pem"],
    &["systemd", "systemd_exec"],
    &["upstart", "upstart_exec", "upstart_script"],
    &["python"],
    &["env_file"],
    // Shell scripts, and those in the rules of logrotate.
    &["logrotate", "shell"],
];

/// What is wrong with a template, in words.
pub fn findings(template: &str, is_plain: impl Fn(&str) -> bool) -> Vec<String> {
    let mut scan = Scan { is_plain, loops: vec![], line: String::new(), used: BTreeSet::new(), findings: vec![] };
    let pieces = pieces(template);
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => scan.text(text),
            Piece::Tag(tag) => scan.tag(tag),
            Piece::Output(expression) => {
                let next = pieces[at + 1..].iter().find_map(|piece| match piece {
                    Piece::Text(text) => text.chars().next(),
                    Piece::Output(_) => Some('{'),
                    Piece::Tag(_) => None,
                });
                scan.output(expression, next.unwrap_or('\n'));
            }
        }
    }
    if !scan.used.is_empty() && !LANGUAGES.iter().any(|language| scan.used.iter().all(|name| language.contains(name))) {
        scan.findings.push(format!("encoders of several languages: {:?}", scan.used));
    }
    scan.findings
}

struct Scan<P> {
    is_plain: P,
    /// What each loop calls an item, and the list that it is from, in words from the root.
    loops: Vec<(String, String)>,
    /// The text of the present line so far.
    line: String,
    used: BTreeSet<&'static str>,
    findings: Vec<String>,
}

impl<P: Fn(&str) -> bool> Scan<P> {
    fn text(&mut self, text: &str) {
        match text.rsplit_once('\n') {
            Some((_, last)) => last.clone_into(&mut self.line),
            None => self.line.push_str(text),
        }
    }

    fn tag(&mut self, tag: &str) {
        let words: Vec<&str> = tag.split_whitespace().collect();
        match words.as_slice() {
            ["if" | "elif", ..] | ["else" | "endif"] => {}
            ["for", item, "in", list] => self.loops.push(((*item).to_owned(), path(list, &self.loops))),
            // What else a loop can call an item must not hide a plain name.
            ["for", ..] => self.loops.push((String::new(), String::new())),
            ["endfor"] => drop(self.loops.pop()),
            ["include", name] if built_in().any(|(known, _)| format!("\"{known}\"") == **name) => {}
            _ => self.findings.push(format!("the tag `{tag}` could bring in anything")),
        }
    }

    fn output(&mut self, expression: &str, next: char) {
        let parts = split_outside(expression, '|');
        let name = parts.last().expect("there is one").to_owned();
        let encoder = ENCODERS.iter().map(|(known, _)| *known).find(|known| *known == name);
        let plain = is_path(parts[0]) && (self.is_plain)(&path(parts[0], &self.loops));
        match encoder.filter(|_| parts.len() > 1) {
            None if parts.len() == 1 && plain => {}
            None => self.findings.push(format!("`{expression}` has no encoder")),
            Some(_) if !is_primary(parts[0]) || !parts[1..].iter().all(|part| is_filter(part)) => {
                self.findings.push(format!("`{expression}` is not all encoded"));
            }
            Some(encoder) => {
                if encoder != "comment" {
                    self.used.insert(encoder);
                }
                // A plain value is one wherever it stands.
                if !(self.fits(encoder, next) || plain && encoder != "comment") {
                    self.findings.push(format!("`{expression}` stands where its encoder means nothing: {}", self.line));
                }
            }
        }
        self.line.push_str("{{}}");
    }

    /// Whether the encoder holds at this place of a line.
    fn fits(&self, encoder: &str, next: char) -> bool {
        let is_comment = self.line.trim_start().starts_with('#');
        let before = self.line.chars().last().unwrap_or('\n');
        let after_blank = matches!(before, ' ' | '\n');
        let before_blank = matches!(next, ' ' | '\n');
        match encoder {
            "comment" => is_comment && !self.line.trim_start().starts_with("#!"),
            _ if is_comment => false,
            "nginx" => after_blank && (before_blank || next == ';'),
            "systemd" => self.line.contains('=') && !self.line.starts_with("Exec"),
            "systemd_exec" => self.line.starts_with("Exec") && (after_blank || before == '=') && before_blank,
            "python" => self.line.ends_with(" = ") && next == '\n',
            "env_file" => before == '=' && next == '\n',
            "logrotate" | "upstart" | "upstart_exec" => after_blank && before_blank,
            "upstart_script" | "shell" => after_blank || before == '=',
            _ => true,
        }
    }
}

/// A dotted name from the root, where a loop's name for an item stands for the list that it is from.
pub fn path(name: &str, loops: &[(String, String)]) -> String {
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let from = loops.iter().rev().find(|(item, _)| item.is_empty() || item == first);
    let first = from.map_or(first, |(item, list)| if item.is_empty() { "?" } else { list });
    if rest.is_empty() { first.to_owned() } else { format!("{first}.{rest}") }
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

/// A name, a string or something in parentheses: all of it goes into the first filter.
fn is_primary(text: &str) -> bool {
    let in_parentheses = text.starts_with('(') && text.ends_with(')') && split_outside(text, ' ').len() == 1;
    let is_string = text.len() > 1 && text.starts_with('"') && text.find('"') == text[..text.len() - 1].rfind('"');
    is_path(text) || in_parentheses || is_string && text.ends_with('"')
}

fn is_filter(text: &str) -> bool {
    let name = text.strip_suffix(')').and_then(|text| text.split_once('(')).map_or(text, |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[test]
fn every_value_goes_through_an_encoder() {
    let all: BTreeMap<&str, Vec<String>> = built_in()
        .map(|(name, template)| (name, findings(template, crate::plain::is_plain)))
        .filter(|(_, findings)| !findings.is_empty())
        .collect();
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn a_value_without_an_encoder_is_found() {
    let wrong = [
        "listen {{ site.port }};",
        "listen {{- site.port -}} ;",
        "a {{ x | nginx | upper }};",
        "a {{ x | nginx ~ y }};",
        "a {{ x ~ y | nginx }};",
        "a {{ x | nginx if x else y }};",
        "a {{ (x) ~ (y) | nginx }};",
        "a {{ \"|\" ~ x }};",
        "a {{ x | default(value=\"| nginx }}\") }};",
        "a {{ \"x\" ~ y ~ \"z\" | nginx }};",
        "{% filter nginx %}x{% endfilter %}",
        "{% include other %}",
        "{% include \"other.tera\" %}",
        "{%- set workers = name -%}",
        "{% import \"m\" as m %}",
        "{% macro m(x) %}{% endmacro %}",
        "{% extends \"managed-by.tera\" %}",
        "{% for workers in names %}{{ workers }}{% endfor %}",
        "{% for k, workers in names %}{{ workers }}{% endfor %}",
        "{# {{ #}{{ y }}",
        "{% raw %}{{ x }}{% endraw %}{{ y }}",
        "a {{ x | comment }};",
        "# {{ x | nginx }}",
        "#!{{ x | comment }}",
        "a \"{{ x | nginx }}\";",
        "a b{{ x | nginx }};",
        "a {{ x | nginx }}{{ y | nginx }};",
        "a {{ x | nginx }}; b {{ x | shell }}",
        "ExecStart={{ x | systemd }}\n",
        "A={{ x | systemd_exec }}\n",
        "a = \"{{ x | python }}\"\n",
    ];
    for template in wrong {
        assert_ne!(findings(template, |path| path == "workers"), [] as [String; 0], "{template}");
    }
    let right = [
        "a {{- x | nginx -}} ;",
        "a {{ (x ~ y) | nginx }};",
        "a {{ x | upper | default(value=\"|\") | nginx }};",
        "{% raw %}{{ x }}{% endraw %}",
        "{# {{ x }} #}",
        "{% include \"managed-by.tera\" %}",
        "a {{ workers }}; z{{ workers | nginx }};",
        "{% for x in xs %} {{ x.y | nginx }}{% endfor %};",
        "# {% if x %}a {{ x | comment }}{% endif %}",
    ];
    for template in right {
        assert_eq!(findings(template, |path| path == "workers"), [] as [String; 0], "{template}");
    }
}
