//! What stands around the sources: the manifest is complete, its Rust is the one that is needed, the changelog has the
//! version, and the forms for issues can be read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What cargo knows of this package and all that it is built from here.
fn packages() -> Vec<Value> {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let version = String::from_utf8(version).unwrap();
    let triple = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a platform");
    let arguments = ["metadata", "--locked", "--format-version=1", "--filter-platform", triple];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let resolved: Vec<Value> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
    let Value::Array(mut packages) = metadata["packages"].take() else { panic!("no packages") };
    packages.retain(|package| resolved.contains(&package["id"]));
    packages
}

/// A version as numbers that compare, such as `1.89`.
fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = version.split(['.', '-']).map(|number| number.parse().unwrap_or_default());
    std::array::from_fn(|_| numbers.next().unwrap_or_default())
}

#[test]
fn the_manifest_says_what_a_registry_asks() {
    let packages = packages();
    let own = packages.iter().find(|package| package["name"] == "provision").expect("the package");
    let text = |key: &str| own[key].as_str().unwrap_or_else(|| panic!("{key} is missing"));
    assert!((20..=100).contains(&text("description").len()) && !text("description").ends_with('.'));
    assert_eq!(text("license"), "MIT");
    assert!(read("LICENSE").starts_with("MIT License"));
    assert!(root().join(text("readme")).is_file());
    let (keywords, categories) = (own["keywords"].as_array().unwrap(), own["categories"].as_array().unwrap());
    assert!(keywords.len() == 5 && keywords.iter().all(|word| word.as_str().unwrap().len() <= 20), "{keywords:?}");
    assert!(!categories.is_empty());
}

#[test]
fn the_rust_that_is_asked_for_is_the_one_that_dependencies_need() {
    let packages = packages();
    let asked = |package: &Value| numbers(package["rust_version"].as_str().unwrap_or("0"));
    let dependencies = packages.iter().filter(|package| package["name"] != "provision");
    let newest = dependencies.max_by_key(|package| asked(package)).expect("dependencies");
    let own = numbers(env!("CARGO_PKG_RUST_VERSION"));
    assert_eq!(own, asked(newest), "{} asks for another", newest["name"]);
    let version = String::from_utf8(Command::new("rustc").arg("--version").output().unwrap().stdout).unwrap();
    let used = numbers(version.split(' ').nth(1).expect("a version"));
    assert!(own <= used, "{own:?} is newer than what builds it, {used:?}");
    // clippy takes the version from the manifest, and tells what the standard library got later.
    assert!(read("Cargo.toml").contains("\nincompatible_msrv = \"warn\"\n"));
    assert!(!read("clippy.toml").contains("msrv"), "the version stands in one place");
}

#[test]
fn the_changelog_keeps_its_form() {
    let page = read("CHANGELOG.md");
    let versions: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(versions[0], "[Unreleased]");
    let of_version = |line: &str| {
        let (version, date) = line.strip_prefix('[')?.split_once("] - ")?;
        let date: Vec<u32> = date.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        matches!(date[..], [2000..=9999, 1..=12, 1..=31]).then(|| numbers(version))
    };
    let released: Vec<_> =
        versions[1..].iter().map(|line| of_version(line).unwrap_or_else(|| panic!("{line}"))).collect();
    assert!(released.is_sorted_by(|newer, older| newer > older), "{released:?}");
    assert_eq!(released[0], numbers(env!("CARGO_PKG_VERSION")), "the newest is the crate's");
    let kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    let other: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("### ")).filter(|kind| !kinds.contains(kind)).collect();
    assert!(other.is_empty(), "{other:?}");
}

/// GitHub shows no form at all for one that it cannot read, and says so to nobody.
#[test]
fn the_forms_for_issues_can_be_read() {
    let folder = root().join(".github/ISSUE_TEMPLATE");
    let mut forms = 0;
    for entry in fs::read_dir(folder).expect("the folder").map(|entry| entry.unwrap().path()) {
        let shown = entry.display();
        let form: Value = serde_yaml::from_str(&fs::read_to_string(&entry).unwrap())
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        if entry.file_name() == Some(Path::new("config.yml").as_os_str()) {
            assert_eq!(form["blank_issues_enabled"], false);
            continue;
        }
        forms += 1;
        assert!(form["name"].is_string() && form["description"].is_string(), "{shown}");
        let mut ids: Vec<&str> = vec![];
        for field in form["body"].as_array().expect("fields") {
            let kind = field["type"].as_str().expect("a type");
            assert!(["markdown", "input", "textarea", "dropdown", "checkboxes"].contains(&kind), "{shown}: {kind}");
            let text = if kind == "markdown" { "value" } else { "label" };
            assert!(field["attributes"][text].is_string(), "{shown}: {field}");
            ids.extend(field["id"].as_str());
        }
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert!(all == ids.len() && ids.contains(&"version") && ids.contains(&"inventory"), "{shown}: {ids:?}");
    }
    assert_eq!(forms, 2);
}
