//! What fails after the switch is undone: a first install leaves nothing behind, a bad deploy nothing but its place in
//! history.

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::processes::Processes;
use super::project::{Project, fails_behind_nginx, fixture};

#[test]
fn what_fails_after_the_switch_is_undone() {
    let Some(project) = Project::open(&["undo-01"]) else { return };
    let host = project.host();
    let app = format!("{APP}, bind: 'unix:/run/green.sock', health: {{ path: /, timeout: 2s }}");
    let inventory = Inventory::default().app("green", &app).site("front", "routes: { /: { app: green } }");
    project.write("code/app.py", &fails_behind_nginx(&fixture("one")));
    let first = project.inventory(&inventory).up(&[]).exits(7).shows("GET / on 127.0.0.1:80").shows("answered 500 ");
    let first = first.shows("rolled back: code, configuration, units and links are what they were");
    assert_eq!(host.bash(include_str!("scripts/traces.sh")), "", "a failed first install leaves nothing");
    assert_eq!(host.bash("systemctl list-units --all --plain --no-legend 'green.*'"), "", "no unit is left");
    host.bash("! test -e /run/green.sock");
    host.get("/").says("Welcome to nginx!");
    project.code("one");
    project.up(&[]).exits(0);
    host.get("/").says("green runs release one");

    project.code("two");
    let watched = project.up(&["--watch"]).exits(0).shows("during the switch, 0 failed");
    host.get("/").says("green runs release two");

    // Healthy whenever it is asked, and yet it loses requests.
    let before = Processes::of(host);
    project.write("code/app.py", &fixture("three").replace("def app(", "COUNT = [0]\n\n\ndef app(").replace(
        "    start_response(\"200 OK\"",
        "    COUNT[0] += 1\n    if COUNT[0] % 5 == 0:\n        raise RuntimeError(\"lost\")\n    start_response(\"200 \
         OK\"",
    ));
    project.up(&["--watch"]).exits(7).shows("requests failed during the switch").shows("GET / on 127.0.0.1:80");
    host.get("/").says("green runs release two");
    assert_eq!(Processes::of(host).service("green").master, before.service("green").master, "the same master goes on");
    let line = watched.text.lines().find(|line| line.contains("watched:")).unwrap_or_default().to_owned();
    say(&format!("undone: a first install in {:.1} s; {}", first.took.as_secs_f64(), line.trim()));
}

#[test]
fn an_app_that_does_not_work_after_the_way_back_is_not_in_sync() {
    let Some(project) = Project::open(&["undo-02"]) else { return };
    let host = project.host();
    let app = format!("{APP}, bind: 127.0.0.1:5001, health: {{ path: /, timeout: 2s }}");
    let inventory = Inventory::default().app("green", &app).site("front", "routes: { /: { app: green } }");
    // Both releases need what the host has, and loses. Only behind Nginx: before the switch the new one seems well.
    let needs = |release: &str| {
        let check = "    if \"HTTP_X_REAL_IP\" in environ:\n        open(\"/etc/needed\").close()\n    \
                     start_response(\"200 OK\"";
        fixture(release).replace("    start_response(\"200 OK\"", check)
    };
    host.bash("touch /etc/needed");
    project.write("code/app.py", &needs("one"));
    project.inventory(&inventory).up(&[]).exits(0);
    project.check(&[]).exits(0);
    host.bash("rm /etc/needed");
    project.write("code/app.py", &needs("two"));
    project.up(&[]).exits(3).shows("not every former app answers");
    project.write("code/app.py", &needs("one"));
    project.check(&[]).exits(2).shows("green.service");
    host.bash("touch /etc/needed");
    project.up(&[]).exits(0);
    project.check(&[]).exits(0);
    host.get("/").says("green runs release one");
    say("undone: what did not answer after the way back is not in sync");
}
