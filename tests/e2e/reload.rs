//! `provision reload`, and restarts behind a socket: no request is lost.

use super::http::{Load, Tally};
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::processes::{Act, Processes};
use super::project::Project;

#[test]
fn no_request_is_lost_in_reloads_and_restarts() {
    let Some(project) = Project::open(&["traffic-01"]) else { return };
    let inventory = Inventory::default()
        .app("blue", &format!("{APP}, bind: 0.0.0.0:5001"))
        .app("green", &format!("{APP}, bind: 0.0.0.0:5002"))
        .site("front", "routes: { /: { app: blue }, /green/: { app: green } }");
    project.inventory(&inventory).up(&[]).exits(0);
    let host = project.host();
    let load = || Load::start(&[(host.port(80), "/"), (host.port(5001), "/"), (host.port(80), "/green/")]);

    let before = Processes::of(host);
    let running = load();
    project.run(&["reload", "traffic-01"]).exits(0).shows("blue: reloaded").shows("green: reloaded");
    none_lost(running.stop(), "reload of all apps");
    let all = Processes::of(host);
    all.only(&before, &[("blue", Act::Reload), ("green", Act::Reload)], "reload of all apps");

    let running = load();
    project.run(&["reload", "traffic-01", "blue"]).exits(0).shows("blue: reloaded").hides("green");
    none_lost(running.stop(), "reload of one app");
    Processes::of(host).only(&all, &[("blue", Act::Reload)], "reload of one app");
    project.check(&[]).exits(0);
    project.run(&["reload", "traffic-01", "red"]).exits(5).shows("it runs blue, green");

    let before = Processes::of(host);
    let unit = inventory.app("blue", &format!("{APP}, bind: 0.0.0.0:5001, graceful_timeout: 20s"));
    let running = load();
    project.inventory(&unit).up(&[]).exits(0).shows("restart blue.service");
    none_lost(running.stop(), "restart for a changed unit");
    Processes::of(host).only(&before, &[("blue", Act::Restart)], "a changed unit");
    let greeting = "graceful_timeout: 20s, env: { GREETING: hello }";
    let environment = unit.clone().app("blue", &format!("{APP}, bind: 0.0.0.0:5001, {greeting}"));
    let before = Processes::of(host);
    let running = load();
    project.inventory(&environment).up(&[]).exits(0).shows("reload blue.service");
    host.get("/").says("greeting: hello");
    project.inventory(&unit).up(&[]).exits(0).shows("reload blue.service");
    none_lost(running.stop(), "an environment that changes and changes back");
    host.get("/").says("greeting: none");
    Processes::of(host).only(&before, &[("blue", Act::Reload)], "a changed environment");

    project.code("two");
    let running = load();
    project.up(&[]).exits(0).shows("reload blue.service").shows("reload green.service");
    none_lost(running.stop(), "new releases");
    host.get("/").says("release two");
}

#[track_caller]
fn none_lost(tally: Tally, what: &str) {
    let Tally { requests, failures, slowest } = tally;
    assert!(requests >= 50, "{what}: {requests} requests prove nothing");
    assert!(
        failures.is_empty(),
        "{what}: {} of {requests} requests failed: {:?}",
        failures.len(),
        &failures[..failures.len().min(5)]
    );
    say(&format!(
        "{what}: {requests} requests, none failed, the slowest took {:.0} ms",
        slowest.as_secs_f64() * 1000.0
    ));
}
