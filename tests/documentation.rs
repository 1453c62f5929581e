//! Documentation that must not drift: `docs/configuration.md` lists what the decoder accepts, `docs/lint.md` every rule,
//! and the README's exit codes are those of the program.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use provision::inventory::schema::{Default, SECTIONS};
use provision::lint::{document, rules};
use provision::platform::{FEATURES, Platform, Version, release};

const BEGIN: &str =
    "<!-- generated from src/inventory/schema/; `UPDATE_DOCS=1 cargo test --test documentation` writes it anew -->\n";

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
        let _ = write!(
            wanted,
            "\n## Keys of {}\n| key | form | default | example | meaning |\n|---|---|---|---|---|\n",
            section.name
        );
        for key in section.keys {
            let default = match key.default {
                Default::Required { .. } => "*required*".to_owned(),
                Default::None => "–".to_owned(),
                Default::Value(value) => format!("`{value}`"),
            };
            let cell = |text: &str| text.replace('|', "\\|");
            let _ = writeln!(
                wanted,
                "| `{}` | {} | {} | `{}: {}` | {} |",
                key.name,
                cell(key.form),
                cell(&default),
                key.name,
                cell(key.example),
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
    for (name, Platform { versions, gunicorn3, .. }) in &platforms {
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
            if *gunicorn3 { " (`gunicorn3`)" } else { "" },
        );
    }
    wanted.push_str("\n## Features\n");
    wanted.push_str("What not every host can do, and what holds where it cannot.\n\n");
    wanted.push_str("| in templates | what | needs | otherwise | missing on |\n|---|---|---|---|---|\n");
    for feature in FEATURES {
        let needs: Vec<String> = feature.needs.iter().map(|need| need.text()).collect();
        let lacks = |platform: &Platform| platform.features().downgrades.contains_key(feature.name);
        let missing: Vec<&str> =
            platforms.iter().filter(|(_, platform)| lacks(platform)).map(|(name, _)| *name).collect();
        let _ = writeln!(
            wanted,
            "| `{}` | {} | {} | {} | {} |",
            feature.name,
            feature.what.trim_end_matches(','),
            needs.join(", "),
            feature.otherwise,
            if missing.is_empty() { "–".to_owned() } else { missing.join(", ") },
        );
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
