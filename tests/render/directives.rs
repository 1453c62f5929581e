//! Rendered files use only what Ubuntu 16.04's versions of the programs accept.

use std::collections::BTreeSet;

use provision::model::Init;

use crate::fixture::{platform, rendered};
use crate::sites::{USUAL, everything, is_nginx, rendered_for};

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

/// Every directive of a site with the word that begins the block around it.
fn with_block(text: &str) -> Vec<(&str, &str)> {
    let mut blocks = vec![""];
    let mut directives = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line == "}" {
            blocks.pop();
            continue;
        }
        directives.push((line, blocks.last().copied().unwrap_or_default()));
        if line.ends_with('{') {
            blocks.push(line.split(' ').next().unwrap_or_default());
        }
    }
    directives
}

#[test]
fn nginx_1_10_knows_every_directive() {
    let known = allowed(include_str!("../../src/lint/xenial/nginx-1.10.3-directives.txt"));
    let rendered = rendered_for(&everything(USUAL), &platform(Init::Systemd));
    let texts = rendered.files.iter().filter(|file| is_nginx(file));
    let texts: Vec<String> = texts.map(|file| file.content.clone()).collect();
    assert_eq!(texts.len(), 5, "three sites, the server for unknown names, and what they share");
    let mut count = 0;
    for (line, inside) in texts.iter().flat_map(|text| with_block(text)) {
        // What stands in a map is no directive.
        if !["map", "geo"].contains(&inside) {
            let directive = line.split([' ', ';']).next().unwrap();
            assert!(known.contains(directive), "{line}");
            count += 1;
        }
    }
    assert!(count > 200, "{count} directives are few");
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
            // What hooks share is theirs alone.
            Some(hook) if hook.starts_with('_') => continue,
            Some(hook) => hook.split('(').next().unwrap(),
            // The body of a hook, and what it needs.
            None if line.starts_with([' ', ')', '_']) || line.starts_with("import ") => continue,
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
