//! Rendered files use only what Ubuntu 16.04's versions of the programs accept.

use std::collections::BTreeSet;

use provision::model::Init;

use crate::fixture::rendered;

fn allowed(list: &str) -> BTreeSet<&str> {
    list.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect()
}

/// The non-comment lines of every file rendered from `template`.
fn lines_of(init: Init, template: &str) -> Vec<String> {
    let files = rendered(init).files.into_iter().filter(|file| file.template == template);
    let lines: Vec<String> =
        files.flat_map(|file| file.content.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(!lines.is_empty(), "nothing is rendered from {template}");
    lines.into_iter().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).collect()
}

#[test]
fn nginx_1_10_knows_every_directive() {
    let known = allowed(include_str!("../../src/lint/xenial/nginx-1.10.3-directives.txt"));
    for line in lines_of(Init::Systemd, "nginx-site.conf.tera") {
        let directive = line.trim().split([' ', ';']).next().unwrap();
        assert!(directive == "}" || known.contains(directive), "{line}");
    }
}

#[test]
fn systemd_229_knows_every_directive_in_its_section() {
    let known = allowed(include_str!("../../src/lint/xenial/systemd-229-directives.txt"));
    for template in ["app.service.tera", "app.socket.tera", "logrotate-tmp.conf.tera"] {
        let mut section = String::new();
        for line in lines_of(Init::Systemd, template) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                name.clone_into(&mut section);
                continue;
            }
            let (directive, _) = line.split_once('=').unwrap_or_else(|| panic!("no directive: {line}"));
            assert!(known.contains(format!("{section}.{directive}").as_str()), "[{section}] {line}");
        }
    }
}

#[test]
fn gunicorn_19_4_knows_every_setting() {
    let known = allowed(include_str!("../../src/lint/xenial/gunicorn-19.4.5-settings.txt"));
    for line in lines_of(Init::Systemd, "gunicorn.conf.py.tera") {
        let setting = match line.strip_prefix("def ") {
            Some(hook) => hook.split('(').next().unwrap(),
            // The body of a hook, and what it needs.
            None if line.starts_with([' ', ')']) || line.starts_with("import ") => continue,
            None => line.split_once(" = ").unwrap_or_else(|| panic!("no setting: {line}")).0,
        };
        assert!(known.contains(setting), "{line}");
    }
}

#[test]
fn upstart_1_13_knows_every_stanza() {
    let known = allowed(include_str!("../../src/lint/xenial/upstart-1.13.2-stanzas.txt"));
    let mut in_script = false;
    for line in lines_of(Init::Upstart, "app.upstart.conf.tera") {
        let stanza = line.split(' ').next().unwrap();
        if line == "end script" {
            in_script = false;
        } else if !in_script {
            assert!(known.contains(stanza), "{line}");
            in_script = stanza == "script";
        }
    }
}
