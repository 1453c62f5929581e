//! `provision reload`, and restarts behind a socket: no request is lost.

use super::http::{Load, Tally, get};
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::processes::{Act, Processes};
use super::project::{Project, fixture};

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

    // Through Nginx nobody notices that the app is elsewhere by then.
    let moved = unit.app("blue", &format!("{APP}, bind: 0.0.0.0:5003, graceful_timeout: 20s"));
    let running = Load::start(&[(host.port(80), "/"), (host.port(5002), "/")]);
    project.inventory(&moved).up(&[]).exits(0).shows("move the listener of blue to 0.0.0.0:5003  (/etc");
    none_lost(running.stop(), "a listener that moves");
    assert!(get(host.port(5001), "/").is_err(), "nobody is left at the former address");
    project.check(&[]).exits(0);

    // A process that does not work never takes the place of one that does.
    let before = Processes::of(host);
    let files = host.bash("sha256sum /etc/systemd/system/blue.* /etc/provision/blue/*");
    project.write("code/app.py", &fixture("three").replace("200 OK", "500 Broken"));
    let health = "health: { path: /, status: 200, timeout: 2s }";
    let broken = moved.app("blue", &format!("{APP}, bind: 0.0.0.0:5003, graceful_timeout: 21s, {health}"));
    let running = Load::start(&[(host.port(80), "/"), (host.port(5003), "/")]);
    let run = project.inventory(&broken).up(&[]).exits(3);
    run.shows("a new release is not healthy").shows("answered 500");
    none_lost(running.stop(), "a restart with code that does not work");
    host.get("/").says("release two");
    Processes::of(host).only(&before, &[], "a restart that did not happen");
    assert_eq!(host.bash("sha256sum /etc/systemd/system/blue.* /etc/provision/blue/*"), files);
    host.bash("! compgen -G '/run/systemd/system/provision-stand-in-*'");
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
