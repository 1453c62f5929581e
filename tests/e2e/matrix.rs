//! One inventory, several releases: each host gets what its own programs can read, and all of it works.

use super::host::Host;
use super::inventory::Inventory;
use super::lab::say;
use super::processes::Processes;
use super::project::Project;
use super::routes;

/// The worst that `systemd-analyze security` may say of an app on the newest release; 10 is worst of all.
const EXPOSURE: f64 = 2.5;

#[test]
fn one_inventory_is_right_for_debian_11_and_13_in_one_run() {
    let Some(project) = Project::open_on(&[("web-01", "trixie"), ("web-02", "bullseye")]) else { return };
    project.airbnb();
    let first = project.up(&[]).exits(0);
    say(&format!("Debian 13 and 11: first up in {:.1} s", first.took.as_secs_f64()));
    let [newest, oldest] = project.hosts() else { panic!("two hosts") };
    for host in [newest, oldest] {
        routes::all_answer_on(host);
        units_are_sound(host);
    }
    let before = [newest, oldest].map(Processes::of);
    let second = project.up(&[]).exits(0).shows("in sync");
    assert_eq!(second.plan(), [""; 0], "a second run changes nothing");
    project.check(&[]).exits(0).shows("in sync");
    for (host, before) in [newest, oldest].into_iter().zip(&before) {
        Processes::of(host).only(before, &[], "a second `up` and `check`");
    }

    for app in ["hello", "dynamic", "api", "web"] {
        let exposure = exposure(newest, app);
        say(&format!("systemd-analyze security {app}.service: {exposure}"));
        assert!(exposure <= EXPOSURE, "{app}.service has exposure {exposure}");
    }
}

/// systemd has nothing to say against the units.
fn units_are_sound(host: &Host) {
    let complaints = host.bash(
        "systemd-analyze verify /etc/systemd/system/{hello,web}.{service,socket} 2>&1 | grep -E '/(hello|web)[.]' || \
         true",
    );
    assert_eq!(complaints, "", "systemd-analyze verify on {}", host.name);
}

fn exposure(host: &Host, app: &str) -> f64 {
    let report = host.bash(&format!("systemd-analyze security --no-pager {app}.service"));
    let line =
        report.lines().find(|line| line.contains("Overall exposure level")).unwrap_or_else(|| panic!("{report}"));
    let level = line.split(": ").nth(1).and_then(|rest| rest.split_whitespace().next());
    level.and_then(|level| level.parse().ok()).unwrap_or_else(|| panic!("{line}"))
}

#[test]
fn old_gunicorns_serve_and_reload_as_new_ones_do() {
    let Some(project) = Project::open(&["gunicorn-01"]) else { return };
    let host = project.host();
    let app = |port: u16, gunicorn: &str, more: &str| {
        format!(
            "source: {{ path: code }}, wsgi: app:app, bind: 127.0.0.1:{port}, workers: 2{more}, python: {{ install: \
             venv, packages: [setuptools, 'gunicorn=={gunicorn}'] }}"
        )
    };
    let inventory = Inventory::default()
        .app("nineteen", &app(5001, "19.9.0", ""))
        .app("twenty", &app(5002, "20.1.0", ", threads: 2"))
        .site("front", "routes: { /nineteen/: { app: nineteen }, /twenty/: { app: twenty } }");
    project.inventory(&inventory).up(&[]).exits(0);
    let answer = |path: &str| host.get(path);
    for app in ["nineteen", "twenty"] {
        answer(&format!("/{app}/")).says(&format!("{app} runs release one"));
    }
    project.run(&["reload", "gunicorn-01"]).exits(0);
    project.code("two");
    project.up(&[]).exits(0);
    for app in ["nineteen", "twenty"] {
        answer(&format!("/{app}/")).says(&format!("{app} runs release two"));
    }
    project.up(&[]).exits(0).shows("changed=0");
    assert_eq!(
        host.bash("/srv/nineteen/current/venv/bin/python3 -c 'import gunicorn; print(gunicorn.__version__)'"),
        "19.9.0"
    );
}
