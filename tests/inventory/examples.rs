//! Each key's example, as `docs/configuration.md` shows it, is one that the reader takes.

use std::collections::BTreeMap;
use std::path::Path;

use provision::inventory::Inputs;
use provision::inventory::schema::sections;
use provision::resolve::Targets;
use serde_json::Value;

/// An inventory with every key of the language.
const WHOLE: &str = include_str!("../encode/fixtures/innocent.yml");

/// What a name in an example stands for beside it.
const MORE: &str = "
apps: { web: { threads: 2 } }
groups: { eu: { hosts: [web-01] }, us: { hosts: [web-01] } }
hosts: { \"web-[02:10]\": { apps: [web] } }
";

/// Where the whole inventory has a section, as a JSON pointer.
fn place(section: &str, key: &str) -> &'static str {
    match (section, key) {
        ("an inventory", _) => "",
        ("`ssh`", _) => "/ssh",
        ("a group", _) => "/groups/web",
        ("a host", _) => "/hosts/web-01",
        ("an app", _) => "/apps/web",
        ("a source", "git" | "ref") => "/apps/api/source",
        ("a source", _) => "/apps/web/source",
        ("`python`", _) => "/apps/web/python",
        ("a value of `env`", _) => "/apps/web/env/PASSWORD",
        ("`log`", _) => "/apps/web/log",
        ("`health`", _) => "/apps/web/health",
        ("`rehearse`", _) => "/apps/web/health/rehearse",
        ("`hardening`", _) => "/apps/web/hardening",
        ("`limits`", _) => "/apps/web/limits",
        ("a site", _) => "/sites/main",
        ("`tls`", _) => "/sites/main/tls",
        ("a certificate or key", _) => "/sites/main/tls/key",
        ("`rate_limit`", _) => "/sites/main/rate_limit",
        ("a route", "strip") => "/sites/main/routes/~1api~1v1~1",
        ("a route", _) => "/sites/main/routes/~1static~1",
        ("a file", _) => "/files/0",
        (other, _) => panic!("where does the whole inventory have {other}?"),
    }
}

#[test]
fn every_example_is_accepted() {
    let mut tried = 0;
    for section in sections() {
        for key in section.keys {
            assert!(!key.example.is_empty(), "{} of {} has no example", key.name, section.name);
            let mut inventory: Value = serde_yaml::from_str(WHOLE).unwrap();
            let more: Value = serde_yaml::from_str(MORE).unwrap();
            merge(&mut inventory, &more);
            let parent = inventory.pointer_mut(place(section.name, key.name)).unwrap().as_object_mut().unwrap();
            // One of two names of the same thing.
            if key.name == "private_key" {
                parent.remove("identity");
            }
            // What starts no new process has none to rehearse.
            if key.name == "before_switch" {
                parent.remove("rehearse");
            }
            // Requirements that stand beside the file can have none.
            if key.name == "require_hashes" {
                parent.remove("packages");
            }
            let value: Value =
                serde_yaml::from_str(key.example).unwrap_or_else(|error| panic!("{}: {error}", key.name));
            parent.insert(key.name.to_owned(), value);
            // What replaces all apps, sites or hosts leaves names behind that nobody has: it stands alone.
            let text = match (section.name, key.name) {
                ("an inventory", "apps" | "sites" | "hosts" | "groups") => alone(key.name, key.example),
                _ => serde_json::to_string_pretty(&inventory).unwrap(),
            };
            let environment =
                |_: &str| Some("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned());
            let inputs =
                Inputs { base_dir: Path::new("/project"), environment: &environment, extra_vars: BTreeMap::new() };
            let example = format!("{}: {} in {}", key.name, key.example, section.name);
            if let Err(mistakes) = Targets::load("inventory.yml", &text, &inputs) {
                panic!("{example}\n{mistakes}");
            }
            tried += 1;
        }
    }
    assert!(tried > 90, "{tried} examples are few");
}

/// A small inventory around one key of the top level.
fn alone(key: &str, example: &str) -> String {
    let apps = "apps: { web: { source: { path: . }, wsgi: \"a:b\", bind: 5000 } }\n";
    let sites = "sites: { main: { routes: { /: { app: web } } } }\n";
    let hosts = "hosts: { web-01: { sites: [main] } }\n";
    let others = [("apps", apps), ("sites", sites), ("hosts", hosts)].into_iter().filter(|(name, _)| *name != key);
    let others: String = others.map(|(_, text)| text).collect();
    format!("version: 1\n{others}{key}: {example}\n")
}

/// Puts the keys of `more` into `value`.
fn merge(value: &mut Value, more: &Value) {
    match (value, more) {
        (Value::Object(map), Value::Object(more)) => {
            for (key, more) in more {
                merge(map.entry(key.clone()).or_insert(Value::Null), more);
            }
        }
        (value, more) => *value = more.clone(),
    }
}
