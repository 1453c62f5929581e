//! What the project itself renders has no finding, and would have one if a template used something later.

use std::collections::BTreeMap;
use std::path::Path;

use provision::inventory::Inputs;
use provision::lint::{Finding, Host, Severity, Source, lint};
use provision::model::{Guard, Init, Target};
use provision::platform::{Platform, release};
use provision::render::{Rendered, render};
use provision::resolve::Targets;
use provision::template::Engine;
use provision::template::engine::built_in;

use crate::fixture;

fn linted(rendered: &Rendered, host: &Host) -> Vec<Finding> {
    let sources: Vec<Source<'_>> = rendered.files.iter().map(Source::from).collect();
    lint(&sources, host)
}

#[track_caller]
fn assert_clean(findings: &[Finding]) {
    let shown: Vec<String> = findings
        .iter()
        .map(|one| format!("{} {}:{} {}\n    {}", one.rule.id, one.path, one.line, one.message, one.text))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

/// The hosts of an inventory of this repository.
fn inventory(path: &str) -> Vec<Target> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path).unwrap();
    let environment = |_: &str| Some("value".to_owned());
    let inputs = Inputs { base_dir: path.parent().unwrap(), environment: &environment, extra_vars: BTreeMap::new() };
    Targets::load("inventory.yml", &text, &inputs).unwrap_or_else(|wrong| panic!("{wrong}")).all().to_vec()
}

#[test]
fn every_branch_of_every_template_is_clean() {
    for name in release::names() {
        let platform = Platform::named(name).unwrap();
        let rendered = fixture::rendered_on(&fixture::target(platform.init), &platform);
        assert_clean(&linted(&rendered, &Host::from(&platform)));
    }
}

#[test]
fn the_shipped_inventories_are_clean() {
    let engine = Engine::new(&BTreeMap::new()).unwrap();
    for path in ["inventories/airbnb.yml", "inventories/production.yml"] {
        for target in inventory(path) {
            for name in release::names() {
                let platform = Platform::named(name).unwrap();
                let rendered = render(&target, &platform, &engine).unwrap_or_else(|error| panic!("{error}"));
                assert_clean(&linted(&rendered, &Host::from(&platform)));
            }
        }
    }
}

/// Renders with `wrong` in the place of `right` in a built-in template, and returns what is found: rule, severity,
/// text.
fn with(template: &str, right: &str, wrong: &str, init: Init) -> Vec<(&'static str, Severity, String)> {
    let (_, text) = built_in().find(|(name, _)| *name == template).unwrap();
    assert!(text.contains(right), "{template} has no {right:?} any more");
    let engine = Engine::new(&BTreeMap::from([(template.to_owned(), text.replacen(right, wrong, 1))])).unwrap();
    let rendered =
        render(&fixture::target(init), &fixture::platform(init), &engine).unwrap_or_else(|error| panic!("{error}"));
    let findings = linted(&rendered, &Host::XENIAL);
    assert!(findings.iter().all(|one| one.template == template), "only {template} was changed");
    findings.into_iter().map(|one| (one.rule.id, one.severity, one.text.trim().to_owned())).collect()
}

#[test]
fn a_later_directive_in_a_template_is_found() {
    for (template, right, wrong, init, rule, line) in [
        (
            "nginx-site.conf.tera",
            "server_tokens off;",
            "server_tokens off;\n    absolute_redirect off;",
            Init::Systemd,
            "nginx/later-directive",
            "absolute_redirect off;",
        ),
        (
            "app.service.tera",
            "ProtectSystem=full",
            "ProtectSystem=strict",
            Init::Systemd,
            "systemd/later-directive",
            "ProtectSystem=strict",
        ),
        (
            "app.service.tera",
            "StartLimitInterval=",
            "StartLimitIntervalSec=",
            Init::Systemd,
            "systemd/later-directive",
            "StartLimitIntervalSec=300",
        ),
        ("app.service.tera", "Type=simple", "Type=notify", Init::Systemd, "systemd/notify-gunicorn", "Type=notify"),
        (
            "app.upstart.conf.tera",
            "console log",
            "console logs\nlogs on",
            Init::Upstart,
            "upstart/unknown-stanza",
            "logs on",
        ),
        (
            "gunicorn.conf.py.tera",
            "preload_app = False",
            "reuse_port = True",
            Init::Upstart,
            "gunicorn/later-setting",
            "reuse_port = True",
        ),
    ] {
        let found = with(template, right, wrong, init);
        assert!(!found.is_empty(), "{template}: {wrong} is not found");
        for (id, _, text) in found {
            assert_eq!((id, text.as_str()), (rule, line));
        }
    }
}

#[test]
fn an_app_with_any_protection_left_out_is_clean_too() {
    for name in release::names() {
        let platform = Platform::named(name).unwrap();
        for guard in Guard::ALL {
            let mut target = fixture::target(platform.init);
            target.apps.iter_mut().for_each(|app| app.hardening.loosen = [guard.parse().unwrap()].into());
            assert_clean(&linted(&fixture::rendered_on(&target, &platform), &Host::from(&platform)));
        }
    }
}
