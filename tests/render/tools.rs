//! The real readers of the rendered files, where this machine has them: each test says loudly when it skips.

use std::fs;
use std::process::{Command, Output};

use provision::model::{File, Init, Site};
use provision::platform::Platform;

use crate::fixture::{INITS, platform, rendered, rendered_on, target};
use crate::sites::{
    NGINX, Ports, certify, everything, install, new_pair, plain, rendered_for, secure, this_machine, with,
};
use crate::skip::{shout, skip};

/// Whether `program` can be run here; shouts if not.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        skip(&format!("`{program}` is not installed, so its reading of the rendered files is not tested"));
    }
    found
}

fn files_of(init: Init, template: &str) -> Vec<File> {
    let files: Vec<File> = rendered(init).files.into_iter().filter(|file| file.template == template).collect();
    assert!(!files.is_empty(), "nothing is rendered from {template}");
    files
}

#[track_caller]
fn assert_success(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn scripts_pass_shellcheck_and_begin_as_the_house_rules_say() {
    let folder = tempfile::tempdir().unwrap();
    let has_shellcheck = has("shellcheck");
    for init in INITS {
        for file in files_of(init, "reload.sh.tera") {
            let mut lines = file.content.lines();
            assert_eq!(lines.next(), Some("#!/usr/bin/env bash"));
            assert!(lines.next().unwrap().starts_with("# Reloads the app "));
            assert_eq!(file.mode.bits(), 0o755);
            let path = folder.path().join("script");
            fs::write(&path, &file.content).unwrap();
            assert_success(&Command::new("bash").arg("-n").arg(&path).output().unwrap());
            if has_shellcheck {
                assert_success(&Command::new("shellcheck").arg(&path).output().unwrap());
            }
        }
    }
}

#[test]
fn gunicorn_settings_are_python_3_5() {
    if !has("python3") {
        return;
    }
    let program = "import ast, sys; text = open(sys.argv[1]).read(); ast.parse(text, feature_version=(3, 5)); \
                   names = {}; exec(text, names); print(names['bind'])";
    let folder = tempfile::tempdir().unwrap();
    for init in INITS {
        for file in files_of(init, "gunicorn.conf.py.tera") {
            let path = folder.path().join("conf.py");
            fs::write(&path, &file.content).unwrap();
            assert_success(&Command::new("python3").args(["-c", program]).arg(&path).output().unwrap());
        }
    }
}

#[test]
fn upstart_scripts_are_posix_shell() {
    for file in files_of(Init::Upstart, "app.upstart.conf.tera") {
        let (_, script) = file.content.split_once("\nscript\n").unwrap();
        let (script, _) = script.split_once("\nend script\n").unwrap();
        assert!(script.lines().last().unwrap().trim_start().starts_with("exec "), "reload must reach gunicorn");
        assert_success(&Command::new("sh").args(["-n", "-c", script]).output().unwrap());
    }
}

#[test]
fn nginx_accepts_the_sites_together() {
    let folder = tempfile::tempdir().unwrap();
    let (Some(here), Some(pair)) = (this_machine(), new_pair(folder.path())) else {
        // Every end-to-end test has the Nginx of a real host judge its site.
        shout("Nginx or OpenSSL is not installed, so its reading of several sites at once is not tested");
        return;
    };
    // What is written for an older Nginx is right for this one too.
    let old = Platform { ipv6: here.ipv6, ..platform(Init::Systemd) };
    for (kind, platform) in [("here", here), ("old", old)] {
        let root = folder.path().join(kind);
        let mut target = everything(Ports { plain: 58099, redirect: 58098, tls: 58097, app: 58096 });
        certify(&mut target, &pair);
        install(&rendered_for(&target, &platform), &root);
        let output = Command::new(NGINX).args(["-t", "-c"]).arg(root.join("nginx.conf")).output().unwrap();
        assert_success(&output);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("[warn]"), "{said}");
    }
}

#[test]
fn many_sites_with_long_names_fit_into_nginxs_tables() {
    let folder = tempfile::tempdir().unwrap();
    let (Some(here), Some(pair)) = (this_machine(), new_pair(folder.path())) else {
        shout("Nginx or OpenSSL is not installed, so its reading of many sites is not tested");
        return;
    };
    let ports = Ports { plain: 58099, redirect: 58098, tls: 58097, app: 58096 };
    let check = |name: &str, base: &Site| {
        let sites = (0..20).map(|number| Site {
            name: format!("{name}-{number:02}").parse().unwrap(),
            server_names: vec![format!("{number}.example.com").parse().unwrap()],
            ..base.clone()
        });
        let mut target = with(ports, sites.collect());
        certify(&mut target, &pair);
        let root = folder.path().join(name);
        install(&rendered_for(&target, &here), &root);
        let output = Command::new(NGINX).args(["-t", "-c"]).arg(root.join("nginx.conf")).output().unwrap();
        assert_success(&output);
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = check("shop", &plain("shop", ports.plain, &["shop.example.com"]));
    assert!(!said.contains("[warn]"), "{said}");
    // Nginx may say here that its table is not the best one, but it has to take it.
    check("a-site.of-the-longest-name_that-is-allowed-here-and-more", &secure(ports));
}

#[test]
fn systemd_finds_no_fault_in_the_units() {
    if !has("systemd-analyze") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut units = Vec::new();
    for template in ["app.service.tera", "app.socket.tera"] {
        // Rendered for about the version that reads it here.
        let platform = Platform::named("debian-12").unwrap();
        let files = rendered_on(&target(Init::Systemd), &platform).files;
        for file in files.into_iter().filter(|file| file.template == template) {
            let unit = folder.path().join(file.path.as_str().rsplit('/').next().unwrap());
            // The app's user, folders and interpreter exist on a provisioned host only.
            let stands_here = |line: &str| {
                !["User=", "Group=", "SocketUser=", "EnvironmentFile="].iter().any(|key| line.starts_with(key))
            };
            let text: String =
                file.content.lines().filter(|line| stands_here(line)).flat_map(|line| [line, "\n"]).collect();
            fs::write(
                &unit,
                text.replace("/srv/queue/current/venv/bin/python3", "/bin/true")
                    .replace("/usr/bin/python3", "/bin/true"),
            )
            .unwrap();
            units.push(unit);
        }
    }
    let output = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&units).output().unwrap();
    let ours = |line: &&str| line.contains(&*folder.path().to_string_lossy());
    let complaints =
        String::from_utf8_lossy(&output.stderr).lines().filter(ours).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(complaints, [] as [&str; 0]);
}

#[test]
fn logrotate_accepts_the_rotations() {
    if !has("logrotate") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for init in INITS {
        for file in files_of(init, "logrotate.tera") {
            let path = folder.path().join("rotation");
            let text = file.content.lines().map(|line| {
                if line.trim_start().starts_with("su ") { "    su root root\n".to_owned() } else { format!("{line}\n") }
            });
            fs::write(&path, text.collect::<String>()).unwrap();
            let output = Command::new("logrotate")
                .args(["--debug", "--state"])
                .arg(folder.path().join("state"))
                .arg(&path)
                .output()
                .unwrap();
            assert_success(&output);
            assert!(
                !String::from_utf8_lossy(&output.stderr).contains("error:"),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}
