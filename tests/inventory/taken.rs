//! Whatever is rendered has an owner, and no extra file, log or socket goes there instead.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::{Strategy, any, prop_assert, proptest};
use proptest::test_runner::Config;
use provision::diagnostic::Diagnostics;
use provision::inventory::Inputs;
use provision::model::{AppName, SiteName, Target, layout};
use provision::platform::{Platform, release};
use provision::render::render;
use provision::resolve::Targets;
use provision::template::Engine;
use serde_json::{Value, json};

/// The inventories that come with provision, and the tests' own with every key.
const SHIPPED: [&str; 4] = [
    include_str!("../../inventories/airbnb.yml"),
    include_str!("../../inventories/production.yml"),
    include_str!("../fixtures/inventories/production.yml"),
    include_str!("../encode/fixtures/innocent.yml"),
];

fn load(inventory: &Value) -> Result<Targets, Diagnostics> {
    let pem = |what: &str| Some(format!("-----BEGIN {what}-----\nAAAA\n-----END {what}-----\n"));
    let environment = |name: &str| pem(if name == "CERTIFICATE" { "CERTIFICATE" } else { "PRIVATE KEY" });
    let inputs =
        Inputs { base_dir: Path::new("/project/inventories"), environment: &environment, extra_vars: BTreeMap::new() };
    Targets::load("hosts.yml", &inventory.to_string(), &inputs)
}

/// Every path of ours on the hosts of an inventory, whatever they are made of.
fn paths(inventory: &Value) -> BTreeSet<String> {
    let targets = load(inventory).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let engine = Engine::new(&BTreeMap::new()).expect("built-in templates");
    let mut paths = BTreeSet::new();
    for target in targets.all() {
        for platform in release::names().map(|name| Platform::named(name).expect("a name of its own")) {
            // Upstart makes no socket below `/run`, and says so.
            let Ok(rendered) = render(target, &platform, &engine) else { continue };
            paths.extend(rendered.files.iter().map(|file| file.path.to_string()));
            paths.extend(rendered.directories.iter().map(|directory| directory.path.to_string()));
            paths.extend(rendered.links.iter().map(|link| link.path.to_string()));
        }
        paths.extend(places(target));
    }
    paths
}

/// What is there beside the rendered files: code, logs, state.
fn places(target: &Target) -> impl Iterator<Item = String> {
    let of_apps = |pattern| target.apps.iter().map(move |app| str::replace(pattern, "APP", app.name.as_str()));
    let of_sites = |pattern| target.sites.iter().map(move |site| str::replace(pattern, "SITE", site.name.as_str()));
    layout::patterns().flat_map(move |pattern| match pattern {
        pattern if pattern.contains("APP") => of_apps(pattern).collect::<Vec<_>>(),
        pattern if pattern.contains("SITE") => of_sites(pattern).collect(),
        pattern => vec![pattern.to_owned()],
    })
}

fn without_files(mut inventory: Value) -> Value {
    fn strip(value: &mut Value) {
        let Some(map) = value.as_object_mut() else { return };
        map.remove("files");
        for level in ["groups", "hosts"] {
            map.get_mut(level)
                .and_then(Value::as_object_mut)
                .into_iter()
                .flat_map(|map| map.values_mut())
                .for_each(strip);
        }
    }
    strip(&mut inventory);
    inventory
}

/// The paths that may be a file's destination, though they are ours.
fn free(mut inventory: Value) -> Vec<String> {
    let paths = paths(&inventory);
    assert!(paths.len() > 20, "{paths:?}");
    let file = |path: &String| json!({ "template": "motd", "destination": path });
    inventory["files"] = paths.iter().map(file).collect();
    let Err(mistakes) = load(&inventory) else { return paths.into_iter().collect() };
    let owned = |path: &str| {
        let starts = ["belongs to app `", "belongs to site `", "belongs to the ", "belongs to what "];
        let mut messages = mistakes.as_slice().iter().map(|mistake| mistake.message.as_str());
        messages.any(|message| starts.iter().any(|start| message.starts_with(&format!("`{path}` {start}"))))
    };
    paths.into_iter().filter(|path| !owned(path)).collect()
}

#[test]
fn nothing_rendered_from_shipped_inventories_is_free() {
    for text in SHIPPED {
        let inventory = without_files(serde_yaml::from_str(text).unwrap());
        assert_eq!(free(inventory), [""; 0]);
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,12}".prop_filter("not a name of the host's", |name| {
        name.parse::<AppName>().is_ok() && name.parse::<SiteName>().is_ok()
    })
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_rendered_is_free(
        app in name(), site in name(), log in 0..4_usize, socket in 0..3_usize, install in 0..3_usize,
        secure in any::<bool>(), maintenance in any::<bool>(), default in any::<bool>(),
    ) {
        let deep = format!("/var/log/{app}-logs/deep/down/x.log");
        let logs = [json!("journal"), json!(deep), json!("/tmp/x.log"), json!("/srv/logs/x.log")];
        let own = format!("unix:/run/{app}/x.sock");
        let bind = ["127.0.0.1:5000".to_owned(), own, "unix:/srv/sockets/x.sock".to_owned()];
        let install = ["system", "venv", "apt"][install];
        let mut of_site = json!({
            "server_names": ["example.com"], "default": default, "maintenance": maintenance,
            "routes": { "/": { "app": app }, "/static/": { "app": app, "files": "static" } },
        });
        if secure {
            of_site["tls"] = json!({ "certificate": { "from_env": "CERTIFICATE" }, "key": { "from_env": "KEY" } });
        }
        let inventory = json!({
            "version": 1,
            "apps": { &app: {
                "source": { "path": "." }, "wsgi": "a:b", "bind": bind[socket], "log": { "access": logs[log] },
                "python": { "install": install },
            } },
            "sites": { &site: of_site },
            "hosts": { "h": { "sites": [&site] } },
        });
        let free = free(inventory);
        prop_assert!(free.is_empty(), "{free:?}");
    }
}

/// An inventory of one app with these keys and one extra file.
fn with(keys: &str, file: &str) -> Value {
    let app = format!("{{ source: {{ path: . }}, wsgi: \"a:a\"{keys} }}");
    let text = format!(
        "version: 1\napps: {{ a: {app} }}\nsites: {{ s: {{ routes: {{ /: {{ app: a }} }} }} }}\n\
         files: [{file}]\nhosts: {{ h: {{ sites: [s] }} }}\n"
    );
    serde_yaml::from_str(&text).expect("YAML")
}

#[track_caller]
fn refused(inventory: &Value, expected: &str) {
    let mistakes = load(inventory).map(|_| ()).expect_err(expected).to_string();
    assert!(mistakes.contains(expected), "{mistakes}");
}

#[test]
fn logs_and_sockets_take_no_place_that_is_taken() {
    let log = |path: &str| with(&format!(", bind: 5000, log: {{ error: {path} }}"), "");
    let socket = |path: &str| with(&format!(", bind: \"unix:{path}\""), "");
    for inventory in [log, socket] {
        refused(&inventory("/etc/provision/a/env"), "`/etc/provision/a/env` belongs to app `a`");
        refused(&inventory("/etc/systemd/system/a.service"), "belongs to app `a`");
        refused(&inventory("/srv/a/current/x"), "belongs to app `a`");
        refused(&inventory("/srv/a/releases/x"), "belongs to app `a`");
        refused(&inventory("/etc/nginx/sites-enabled/s"), "belongs to site `s`");
        refused(&inventory("/var/lib/provision/x"), "belongs to the record of what is installed");
        refused(&inventory("/srv"), "`/srv` is a folder: `/srv/a` in it belongs to app `a`");
        assert!(load(&inventory("/srv/a/x")).is_ok(), "an app's own folder is for it");
        assert!(load(&inventory("/srv/logs/x")).is_ok());
    }
}

#[test]
fn a_folder_that_holds_something_of_ours_is_no_file() {
    let file = |path: &str| with(", bind: \"unix:/run/a/a.sock\"", &format!("{{ template: t, destination: {path} }}"));
    refused(&file("/etc/nginx"), "`/etc/nginx` is a folder: `/etc/nginx/sites-available/s` in it belongs to site `s`");
    refused(&file("/run/a"), "`/run/a` is a folder: `/run/a/a.sock` in it belongs to app `a`");
    refused(&file("/var/lib"), "`/var/lib` is a folder");
    assert!(load(&file("/etc/systemd/system/a.service.d/more.conf")).is_ok(), "a drop-in is the user's");
}
