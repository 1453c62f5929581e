//! Where things lie on a host stands in `model/layout` alone: in Rust nobody else spells such a path, and what scripts,
//! units and templates spell is one of its.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use provision::model::layout::{BUILDER, HOMES, LOGS, NGINX, PYTHON, RUN, SYSTEMD, TEMPORARY, UPSTART, patterns};

use super::house::House;
use super::page::Page;

/// Who else may have such texts, and why.
const RUST: [(&str, &str); 6] = [
    ("src/model/layout/", "is the place"),
    ("src/lint/", "reads files of others too, and has them as examples"),
    ("src/inventory/", "has examples of what users write"),
    ("src/sandbox/", "makes hosts on this machine, with folders of its own"),
    ("src/ssh/master.rs", "keeps its sockets on this machine"),
    ("src/apply/script.rs", "names the units that the program brings along, which are files of its own"),
];

/// Paths that scripts, units and templates name though nothing of ours lies there.
const FOREIGN: [&str; 6] = [
    "/etc/os-release",
    "/etc/systemd/system/*.wants/*", // who starts a unit at boot
    "/run/nginx.pid",
    "/usr/local/lib/*/dist-packages", // packages of `install: system`
    "/var/log/nginx/error.log",       // of Nginx as a whole
    "/var/run",
];

#[test]
fn no_other_file_spells_a_path_of_the_layout() {
    let starts = patterns().map(|pattern| pattern.split_once(char::is_uppercase).map_or(pattern, |(start, _)| start));
    let known: BTreeSet<&str> =
        starts.chain([LOGS, NGINX, SYSTEMD, UPSTART, PYTHON]).chain(HOMES).chain(RUN).chain(TEMPORARY).collect();
    let is_path = |text: &str| known.iter().any(|path| text.contains(path));
    let is_unit = |text: &str| [".service", ".socket"].iter().any(|end| text.ends_with(end));
    let mut faults = vec![];
    let mut used = BTreeSet::new();
    for file in House::of_this_repository().files() {
        let excuse = RUST.iter().find(|(place, _)| file.path.starts_with(place));
        for text in file.texts.iter().filter(|text| is_path(text) || is_unit(text)) {
            match excuse {
                Some((place, _)) => drop(used.insert(place)),
                None => faults.push(format!("{}: {text:?} belongs into src/model/layout", file.path)),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(used.len(), RUST.len(), "an exception that nobody needs");
}

#[test]
fn the_page_has_every_path() {
    let page = Page::read();
    assert_eq!(page.host_paths(), patterns().collect::<BTreeSet<_>>(), "docs/architecture.md, `On a host`");
}

#[test]
fn scripts_units_and_templates_name_paths_of_the_layout() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![];
    collect(&root.join("src"), &mut files);
    collect(&root.join("templates"), &mut files);
    let mut faults = vec![];
    let mut named = 0;
    for (path, text) in files.iter().filter(|(path, _)| !path.contains("/src/sandbox/")) {
        for word in words(text) {
            named += 1;
            if !patterns().chain(FOREIGN).any(|pattern| agree(&shape(pattern), &word)) {
                faults.push(format!("{path}: {word}"));
            }
        }
    }
    assert!(faults.is_empty(), "no path of src/model/layout:\n{}", faults.join("\n"));
    assert!(named > 100, "{named} paths are few");
}

#[test]
fn scripts_know_the_user_that_builds() {
    let mut files = vec![];
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/apply/host"), &mut files);
    let line = format!("readonly builder={BUILDER}");
    assert!(files.iter().any(|(_, text)| text.lines().any(|known| known == line)), "no script has `{line}`");
}

/// The paths in a text, with a `*` for every variable.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![];
    for root in ["/etc/", "/srv/", "/var/", "/usr/local/", "/run/"] {
        for (at, _) in text.match_indices(root) {
            // Further down in another path, such as `$root/etc/`.
            if text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '}' | '.' | '*')) {
                continue;
            }
            words.push(shape(&text[at..]));
        }
    }
    words
}

/// The path at the beginning of a text, with a `*` for every name, variable and pattern in it.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = match next {
            '{' if rest.starts_with("{{") => rest.find("}}").map_or(rest.len(), |end| end + 2),
            '$' if rest.starts_with("${") => rest.find('}').map_or(rest.len(), |end| end + 1),
            '$' => 1 + rest[1..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len() - 1),
            '{' if rest.starts_with("{}") => 2,
            '*' => 1,
            'A'..='Z' => rest.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(rest.len()),
            '"' if rest[1..].starts_with(['/', '*', '$']) => {
                rest = &rest[1..];
                continue;
            }
            'a'..='z' | '0'..='9' | '/' | '-' | '_' | '.' | '@' => {
                shape.push(next);
                rest = &rest[1..];
                continue;
            }
            _ => break,
        };
        shape.push('*');
        rest = &rest[skipped..];
    }
    shape.trim_end_matches(['/', '.']).to_owned()
}

/// Is one path the other, or a folder that it lies in?
fn agree(one: &str, other: &str) -> bool {
    one.split('/').zip(other.split('/')).all(|(one, other)| one == other || one == "*" || other == "*")
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension != "rs") {
            files.push((path.display().to_string(), fs::read_to_string(&path).expect("a text")));
        }
    }
}
