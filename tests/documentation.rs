//! Documentation that must not drift: `docs/configuration.md` lists what the decoder accepts, `docs/lint.md` every
//! rule, and the README's exit codes are those of the program.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use provision::inventory::schema::{Default, Key, sections};
use provision::lint::{document, rules};
use provision::platform::{FEATURES, Platform, Version, release};
use provision::runtime::PlainNames;
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};

const BEGIN: &str =
    "<!-- generated from src/inventory/schema/; `UPDATE_DOCS=1 cargo test --test documentation` writes it anew -->\n";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Adds an item of a list, in lines of 120 columns at most. What is code stays in one line.
fn item(page: &mut String, text: &str) {
    let separator = WordSeparator::Custom(|line| {
        let mut code = false;
        let ends = line.char_indices().filter(move |(_, char)| {
            code ^= *char == '`';
            *char == ' ' && !code
        });
        let mut begin = 0;
        let ends = ends.map(|(at, _)| at + 1).chain([line.len()]);
        Box::new(ends.map(move |end| Word::from(&line[std::mem::replace(&mut begin, end)..end])))
    });
    let options = Options::new(120)
        .word_splitter(WordSplitter::NoHyphenation)
        .initial_indent("- ")
        .subsequent_indent("  ")
        .word_separator(separator);
    let _ = writeln!(page, "{}", textwrap::fill(text, options.break_words(false)));
}

#[test]
fn every_key_of_the_inventory_is_documented() {
    let path = "docs/configuration.md";
    let page = read(path);
    let (head, _) = page.split_once(BEGIN).expect("the mark where the generated part begins");
    let mut wanted = format!("{head}{BEGIN}");
    for section in sections() {
        let _ = writeln!(wanted, "\n## Keys of {}", section.name);
        for key in section.keys {
            let default = match key.default {
                Default::Required { .. } => "required".to_owned(),
                Default::None => "no default".to_owned(),
                Default::Value(value) => format!("default `{value}`"),
            };
            let Key { name, form, example, meaning, .. } = key;
            item(&mut wanted, &format!("**`{name}`** ({form}; {default}). {meaning} Example: `{name}: {example}`"));
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(path), &wanted).expect("the page can be written");
    }
    assert!(
        read(path) == wanted,
        "{path} differs from the schema; run `UPDATE_DOCS=1 cargo test --test documentation`"
    );
}

const HOSTS_BEGIN: &str =
    "<!-- generated from src/platform/; `UPDATE_DOCS=1 cargo test --test documentation` writes it anew -->\n";

#[test]
fn every_release_and_every_feature_is_documented() {
    let path = "docs/hosts.md";
    let page = read(path);
    let (head, _) = page.split_once(HOSTS_BEGIN).expect("the mark where the generated part begins");
    let platforms: Vec<(&str, Platform)> =
        release::names().map(|name| (name, Platform::named(name).expect("it is known"))).collect();
    let mut wanted = format!("{head}{HOSTS_BEGIN}\n## Releases\nThe versions that their packages have.\n\n");
    wanted.push_str("| `--for` | init | Nginx | OpenSSL | Python | pip | gunicorn |\n|---|---|---|---|---|---|---|\n");
    for (name, Platform { versions, plain_names, .. }) in &platforms {
        let version = |version: Option<Version>| version.map_or_else(String::new, |version| version.to_string());
        let init = match (versions.systemd, versions.upstart) {
            (Some(systemd), _) => format!("systemd {systemd}"),
            (_, upstart) => format!("Upstart {}", version(upstart)),
        };
        let _ = writeln!(
            wanted,
            "| `{name}` | {init} | {} | {} | {} | {} | {}{} |",
            version(versions.nginx),
            version(versions.openssl),
            version(versions.python),
            version(versions.pip),
            version(versions.gunicorn),
            if *plain_names == PlainNames::Python2 { " (`gunicorn3`)" } else { "" },
        );
    }
    wanted.push_str("\n## Features\n");
    wanted.push_str(
        "What not every host can do, by the name that templates ask for, and what holds where it cannot.\n\n",
    );
    for feature in FEATURES {
        let needs: Vec<String> = feature.needs.iter().map(|need| need.text()).collect();
        let lacks = |platform: &Platform| platform.features().downgrades.contains_key(feature.name);
        let missing: Vec<&str> =
            platforms.iter().filter(|(_, platform)| lacks(platform)).map(|(name, _)| *name).collect();
        let missing = if missing.is_empty() { "no release".to_owned() } else { missing.join(", ") };
        let (what, needs) = (feature.what.trim_end_matches(','), needs.join(", "));
        let text = format!(
            "**`{}`**: {what}. Needs {needs}; otherwise {}. Missing on: {missing}.",
            feature.name, feature.otherwise
        );
        item(&mut wanted, &text);
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(path), &wanted).expect("the page can be written");
    }
    assert!(
        read(path) == wanted,
        "{path} differs from src/platform; run `UPDATE_DOCS=1 cargo test --test documentation`"
    );
}

#[test]
fn every_rule_of_lint_is_documented() {
    const BEGIN: &str =
        "<!-- generated from src/lint/; `UPDATE_DOCS=1 cargo test --test documentation` writes it anew -->\n";
    let path = "docs/lint.md";
    let page = read(path);
    let (head, _) = page.split_once(BEGIN).expect("the mark where the generated part begins");
    let mut wanted = format!("{head}{BEGIN}\n");
    for rule in rules() {
        // The anchor that a Markdown heading gets: its words without punctuation.
        let anchor = rule.id.replace('/', "");
        item(&mut wanted, &format!("[`{}`](#{anchor}), {}: {}", rule.id, rule.severity, rule.title));
    }
    for rule in rules() {
        let _ = write!(wanted, "\n{}", document(rule));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(path), &wanted).expect("the page can be written");
    }
    assert!(read(path) == wanted, "{path} differs from the rules; run `UPDATE_DOCS=1 cargo test --test documentation`");
}
