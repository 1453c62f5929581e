//! What is rendered, whole, and what holds of every file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use provision::model::{ExtraFile, File, Init, Mode, Target};
use provision::platform::Platform;
use provision::platform::release::names;
use provision::render::render;
use provision::template::Engine;
use serde_json::json;

use crate::across::assert_reviewed;
use crate::fixture::{INITS, platform, rendered, rendered_on, target};
use crate::sites::{USUAL, everything, is_nginx, plain, rendered_for, with};

/// Every host that can be named, the newest first: neighbours in age have most in common.
const HOSTS: [&str; 11] = [
    "debian-13",
    "ubuntu-24.04",
    "debian-12",
    "ubuntu-22.04",
    "debian-11",
    "ubuntu-20.04",
    "debian-10",
    "ubuntu-18.04",
    "debian-9",
    "ubuntu-16.04",
    "ubuntu-16.04-upstart",
];

#[test]
fn every_file_is_as_reviewed() {
    let mut known: Vec<&str> = names().collect();
    known.sort_by_key(|name| HOSTS.iter().position(|host| host == name));
    assert_eq!(known, HOSTS, "a release that is new here belongs into the list");
    // Every branch of every template is in the files of these two apps and of the sites; the other apps repeat them.
    let repeats = |file: &File| ["hello", "dynamic", "api"].iter().any(|app| file.path.as_str().contains(app));
    let hosts = HOSTS.map(|host| {
        let platform = Platform::named(host).unwrap();
        let files = rendered_on(&target(platform.init), &platform).files;
        (host, files.into_iter().filter(|file| !repeats(file)).collect())
    });
    assert_reviewed("airbnb", &hosts);
}

#[test]
fn sites_are_as_reviewed() {
    let hosts = HOSTS.map(|host| {
        let files = rendered_for(&everything(USUAL), &Platform::named(host).unwrap()).files;
        (host, files.into_iter().filter(|file| file.path.as_str().starts_with("/etc/nginx/")).collect())
    });
    assert_reviewed("sites", &hosts);
    for (_, files) in hosts {
        for file in files.iter().filter(|file| !file.path.as_str().ends_with(".html")) {
            assert_tidy(file.path.as_str(), &file.content);
        }
    }
}

#[test]
fn directories_and_links_are_as_reviewed() {
    let rendered = rendered(Init::Systemd);
    let mut text = String::new();
    for directory in &rendered.directories {
        writeln!(text, "{} {} {}:{}", directory.path, directory.mode, directory.owner, directory.group).unwrap();
    }
    for link in &rendered.links {
        writeln!(text, "{} -> {}", link.path, link.to).unwrap();
    }
    insta::assert_snapshot!(text);
}

/// Otherwise a renamed inventory would change every file, and reload everything.
#[test]
fn the_name_of_the_inventory_is_in_no_file() {
    for init in INITS {
        let contents = |inventory: &str| {
            let target = Target { inventory: inventory.to_owned(), ..target(init) };
            let rendered = rendered_on(&target, &platform(init));
            rendered.files.into_iter().map(|file| (file.path.to_string(), file.content)).collect::<Vec<_>>()
        };
        assert_eq!(contents("one.yml"), contents("inventories/two.yml"));
    }
}

#[test]
fn every_file_is_commented_and_tidy() {
    for init in INITS {
        for file in rendered(init).files {
            let text = &file.content;
            let path = &file.path;
            assert!(text.contains("# Managed by provision: rendered from templates/"), "{path}");
            assert!(text.contains(&format!("templates/{} for web-01.", file.template)), "{path}");
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}: exactly one line break at the end");
            assert!(!text.contains("\n\n\n"), "{path}: double blank line");
            assert!(!text.contains('\0') && !text.contains('\t'), "{path}: NUL or tab");
            for line in text.lines() {
                assert_eq!(line.trim_end(), line, "{path}: trailing blank");
            }
            let comments = text.lines().filter(|line| line.trim_start().starts_with('#')).count();
            assert!(comments * 8 > text.lines().filter(|line| !line.is_empty()).count(), "{path}: hardly a comment");
        }
    }
}

#[test]
fn rendering_twice_gives_the_same() {
    assert_eq!(rendered(Init::Systemd), rendered(Init::Systemd));
}

#[test]
fn secrets_stand_only_where_they_are_declared() {
    for init in INITS {
        for file in rendered(init).files {
            if file.secrets.is_empty() {
                assert!(!file.content.contains("pa$$") && !file.content.contains("pa\\$"), "{}", file.path);
            } else {
                assert_eq!((file.path.as_str(), file.mode), ("/etc/provision/web/env", Mode::new(0o640)));
                let mut shown = file.content.clone();
                for secret in &file.secrets {
                    shown = shown.replace(secret, "***");
                }
                assert!(!shown.contains("pa\\$") && !shown.contains("ord\""), "{shown}");
            }
        }
    }
}

#[test]
fn an_extra_file_sees_host_vars_apps_and_sites() {
    let mut target = target(Init::Systemd);
    target.vars.insert("motto".to_owned(), json!("hi"));
    target.files.push(ExtraFile {
        template: "motd".to_owned(),
        destination: "/etc/motd".parse().unwrap(),
        mode: Mode::new(0o600),
        owner: "root".parse().unwrap(),
        group: "adm".parse().unwrap(),
        notify: Vec::new(),
    });
    let template =
        "{{ host.name }} {{ host.groups | join(sep=\"+\") }} {{ vars.motto }} {{ apps[0].bind }} {{ sites[0].name }}\n";
    let engine = Engine::new(&BTreeMap::from([("motd".to_owned(), template.to_owned())])).unwrap();
    let rendered = render(&target, &platform(Init::Systemd), &engine).unwrap();
    let file = rendered.files.last().unwrap();
    assert_eq!(file.content, "web-01 all+web hi 0.0.0.0:5000 airbnb\n");
    assert_eq!((file.mode, file.group.as_str()), (Mode::new(0o600), "adm"));

    let engine = Engine::new(&BTreeMap::new()).unwrap();
    let error = render(&target, &platform(Init::Systemd), &engine).unwrap_err();
    assert!(error.to_string().contains("there is no template of that name"), "{error}");
}

#[test]
fn a_header_that_nginx_cannot_hold_is_refused_with_its_place() {
    let mut target = target(Init::Systemd);
    target.sites[0].headers.insert("X-Cost".parse().unwrap(), "5$".to_owned());
    let engine = Engine::new(&BTreeMap::new()).unwrap();
    let error = render(&target, &platform(Init::Systemd), &engine).unwrap_err();
    assert_eq!(error.template, "nginx-headers.conf.tera");
    assert!(error.to_string().contains("cannot escape"), "{error}");
}

#[test]
fn a_socket_below_run_is_refused_under_upstart() {
    let engine = Engine::new(&BTreeMap::new()).unwrap();
    let error = render(&target(Init::Systemd), &platform(Init::Upstart), &engine).unwrap_err();
    assert!(error.to_string().contains("cannot make its socket"), "{error}");
}

#[track_caller]
fn assert_tidy(path: &str, text: &str) {
    assert!(text.ends_with('\n') && !text.ends_with("\n\n") && !text.contains("\n\n\n"), "{path}: blank lines");
    for line in text.lines() {
        assert_eq!(line.trim_end(), line, "{path}: trailing blank");
    }
}

#[test]
fn every_directive_of_a_site_has_a_comment_near() {
    for release in ["ubuntu-16.04", "debian-12", "debian-13"] {
        let mut platform = Platform::named(release).unwrap();
        for ipv6 in [true, false] {
            platform.ipv6 = ipv6;
            for file in rendered_for(&everything(USUAL), &platform).files {
                if !is_nginx(&file) {
                    continue;
                }
                let lines: Vec<&str> = file.content.lines().map(str::trim).collect();
                for (at, line) in lines.iter().enumerate().filter(|(_, line)| !["", "}"].contains(line)) {
                    let near = &lines[at.saturating_sub(6)..=at];
                    assert!(near.iter().any(|line| line.starts_with('#')), "{}:{}: {line}", file.path, at + 1);
                }
            }
        }
    }
}

#[test]
fn a_certificate_of_the_inventory_is_closed_and_secret() {
    let rendered = rendered_for(&everything(USUAL), &Platform::named("debian-12").unwrap());
    let pems: Vec<_> = rendered.files.iter().filter(|file| file.path.as_str().ends_with(".pem")).collect();
    assert_eq!(pems.len(), 2);
    for file in pems {
        assert_eq!((file.mode, file.owner.as_str(), file.group.as_str()), (Mode::new(0o600), "root", "root"));
        let mut shown = file.content.clone();
        for secret in &file.secrets {
            shown = shown.replace(secret, "***");
        }
        assert!(shown.contains("***") && !shown.contains("bm90"), "{shown}");
    }
    let elsewhere = rendered.files.iter().filter(|file| file.secrets.is_empty());
    assert!(elsewhere.into_iter().all(|file| !file.content.contains("bm90")));
}

#[test]
fn what_the_inventory_does_not_ask_for_is_not_there() {
    let target = with(USUAL, vec![plain("plain", 80, &[])]);
    let rendered = rendered_for(&target, &Platform::named("debian-12").unwrap());
    let site = rendered.files.iter().find(|file| file.path.as_str() == "/etc/nginx/sites-available/plain").unwrap();
    for absent in ["ssl", "limit_req", "geo ", "set_real_ip_from", "maintenance", "Strict-Transport-Security", "421"] {
        assert!(!site.content.contains(absent), "{absent}");
    }
    assert!(
        rendered.files.iter().all(|file| !file.path.as_str().ends_with("/provision-default")),
        "the site is default"
    );
    assert!(rendered.directories.iter().all(|directory| !directory.path.as_str().contains("nginx")));
}
