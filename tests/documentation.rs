//! Documentation that must not drift: `docs/configuration.md` lists what the decoder accepts, `docs/lint.md`
//! every rule, `docs/architecture.md`
//! names every module, and the README's exit codes are those of the program.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use provision::inventory::schema::{Default, SECTIONS};
use provision::lint::{document, rules};

const BEGIN: &str =
    "<!-- generated from src/inventory/schema.rs; `UPDATE_DOCS=1 cargo test --test documentation` writes it anew -->\n";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_key_of_the_inventory_is_documented() {
    let path = "docs/configuration.md";
    let page = read(path);
    let (head, _) = page.split_once(BEGIN).expect("the mark where the generated part begins");
    let mut wanted = format!("{head}{BEGIN}");
    for section in SECTIONS {
        let _ =
            write!(wanted, "\n## Keys of {}\n| key | form | default | meaning |\n|---|---|---|---|\n", section.name);
        for key in section.keys {
            let default = match key.default {
                Default::Required { example } => format!("*required*, such as `{example}`"),
                Default::None => "–".to_owned(),
                Default::Value(value) => format!("`{value}`"),
            };
            let cell = |text: &str| text.replace('|', "\\|");
            let _ = writeln!(
                wanted,
                "| `{}` | {} | {} | {} |",
                key.name,
                cell(key.form),
                cell(&default),
                cell(key.meaning)
            );
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

#[test]
fn every_rule_of_lint_is_documented() {
    const BEGIN: &str =
        "<!-- generated from src/lint/; `UPDATE_DOCS=1 cargo test --test documentation` writes it anew -->\n";
    let path = "docs/lint.md";
    let page = read(path);
    let (head, _) = page.split_once(BEGIN).expect("the mark where the generated part begins");
    let mut wanted = format!("{head}{BEGIN}\n| rule | severity | finds |\n|---|---|---|\n");
    for rule in rules() {
        // The anchor that a Markdown heading gets: its words without punctuation.
        let anchor = rule.id.replace('/', "");
        let _ = writeln!(wanted, "| [`{}`](#{anchor}) | {} | {} |", rule.id, rule.severity, rule.title);
    }
    for rule in rules() {
        let _ = write!(wanted, "\n{}", document(rule));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(path), &wanted).expect("the page can be written");
    }
    assert!(read(path) == wanted, "{path} differs from the rules; run `UPDATE_DOCS=1 cargo test --test documentation`");
}

#[test]
fn the_architecture_page_shows_every_module() {
    let page = read("docs/architecture.md");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut missing = vec![];
    for entry in fs::read_dir(source).expect("src") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        if !page.contains(&format!("`{name}")) {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "docs/architecture.md does not show src/{}", missing.join(", src/"));
}
