//! What a host remembers of its changes, the way back to any of them, and how its apps are.

use std::fs;

use serde_json::Value;

use super::connections::cost;
use super::host::Host;
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::processes::{Act, Processes};
use super::project::{Project, fails_behind_nginx, fixture};

/// What tells one generation from the other, beside code: the unit and what only root reads.
const LIVE: &str = "sha256sum /etc/systemd/system/blue.service /etc/provision/blue/* /etc/nginx/sites-available/*";

const SECRET: &str = "Rn4-a-word-of-then-62v";

fn inventory(settings: &str) -> Inventory {
    let health = "health: { path: /, status: 200, timeout: 3s }";
    Inventory::default()
        .app("blue", &format!("{APP}, bind: 0.0.0.0:5001, {health}, {settings}"))
        .site("front", "routes: { /: { app: blue } }")
}

/// The history of the host, oldest generation first.
fn history(project: &Project) -> Vec<Value> {
    let run = project.run(&["history", "history-01", "--format", "json"]).exits(0);
    run.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn live(host: &Host) -> [String; 2] {
    [host.bash(LIVE), host.bash("readlink /srv/blue/current")]
}

#[test]
fn a_host_goes_back_to_any_generation_with_the_inventory_or_without_it() {
    let Some(mut project) = Project::open(&["history-01"]) else { return };
    let env = "env: { GREETING: hello, WORD: { from_env: E2E_SECRET } }";
    // To look back takes no secret of the apps.
    project.inventory(&inventory(env));
    project.run(&["history", "history-01"]).exits(0).shows("provision has not changed this host yet");
    project.run(&["status", "history-01"]).exits(0).shows("no record of an installation");
    project.run(&["rollback", "history-01"]).exits(3).shows("no generation is live on this host");

    project.environment("USER", "alice");
    project.environment("E2E_SECRET", SECRET);
    project.up(&[]).exits(0);
    let first = live(project.host());
    project.run(&["rollback", "history-01"]).exits(3).shows("no generation before 1, the live one, was ever live");

    // A colleague deploys other code, other settings and another unit, and is sorry a moment later.
    project.environment("USER", "bob");
    project.environment("E2E_SECRET", "another-word-of-now");
    project.code("two");
    let second = "graceful_timeout: 20s, env: { GREETING: bonjour, WORD: { from_env: E2E_SECRET } }";
    project.inventory(&inventory(second)).up(&[]).exits(0);
    let regretted = live(project.host());
    project.host().get("/").says("release two").says("greeting: bonjour");
    // What fails after the switch is undone, and remembered as such.
    project.write("code/app.py", &fails_behind_nginx(&fixture("three")));
    project.up(&[]).exits(7).shows("500 Internal Server Error");
    assert_eq!(live(project.host()), regretted);

    let told = project.run(&["history", "history-01"]).exits(0);
    told.shows("alice on ").shows("bob on ").shows("* 2 ").shows("undone");
    let generations = history(&project);
    let of = |key: &str| generations.iter().map(|generation| generation[key].to_string()).collect::<Vec<_>>();
    assert_eq!(of("result"), ["\"committed\"", "\"committed\"", "\"undone\""]);
    assert_eq!((of("live"), of("rollback")), (of_bools([false, true, false]), of_bools([true, false, false])));
    let changes = generations[1]["changes"].as_array().expect("a list");
    assert!(changes.iter().any(|change| change == "file /etc/systemd/system/blue.service"), "{changes:?}");
    project
        .run(&["rollback", "history-01", "--to", "3"])
        .exits(3)
        .shows("its result is `undone`")
        .shows("go back to 1");
    project.run(&["rollback", "history-01", "--to", "9"]).exits(3).shows("there is no generation 9");

    // The host keeps no secret of then any more.
    project.environment("E2E_SECRET", SECRET);
    // The plan tells all, but no secret, and changes nothing.
    let check = project.run(&["rollback", "history-01", "--check", "--diff"]).exits(2);
    check.shows("back to generation 1").shows("GREETING=\"hello\"").hides(SECRET).hides("another-word-of-now");
    assert_eq!(live(project.host()), regretted);
    let before = Processes::of(project.host());
    let rolled = cost(project.host(), || {
        project.run(&["rollback", "history-01"]).exits(0).shows("file /etc/systemd/system/blue.service")
    });
    assert_eq!(rolled, (1, 4), "connections and commands of a rollback");
    assert_eq!(live(project.host()), first);
    Processes::of(project.host()).only(&before, &[("blue", Act::Restart)], "a rollback to another unit");
    project.host().get("/").says("release one").says("greeting: hello");
    let generations = history(&project);
    assert_eq!((&generations[3]["goal"], &generations[3]["live"]), (&"rollback to 1".into(), &true.into()));
    project.run(&["rollback", "history-01", "--to", "1"]).exits(0).shows("changed=0");
    assert_eq!(history(&project).len(), 4, "a rollback that changes nothing is no generation");
    // What is there again is what `up` would put there.
    project.code("one");
    project.inventory(&inventory(env)).check(&[]).exits(0);

    status_tells_what_runs(&project);
    without_an_inventory(&mut project, &regretted);
    say("history: a rollback costs one connection and four commands, and needs no inventory");
}

fn of_bools<const N: usize>(bools: [bool; N]) -> Vec<String> {
    bools.iter().map(ToString::to_string).collect()
}

fn status_tells_what_runs(project: &Project) {
    let host = project.host();
    let told = |code: i32| -> Value {
        let run = project.run(&["status", "--format", "json"]).exits(code);
        serde_json::from_str(run.text.lines().next().expect("a line")).expect("JSON")
    };
    let looked = cost(host, || project.run(&["status"]).exits(0).shows("healthy"));
    assert_eq!(looked, (1, 3), "connections and commands of `status`");
    let well = told(0);
    let release = host.bash("basename $(readlink /srv/blue/current)");
    assert_eq!((&well["running"][0], &well["installed"]), (&release.clone().into(), &release.into()));
    assert_eq!((&well["loaded"], &well["listening"]), (&true.into(), &true.into()));
    let pids = host
        .bash("pid=$(systemctl show --property=MainPID --value blue); echo $pid; cat /proc/$pid/task/$pid/children");
    let mut pids = pids.split_whitespace().map(|pid| pid.parse::<u32>().expect("a pid"));
    assert_eq!(well["master"], Value::from(pids.next().expect("a main process")));
    assert_eq!(well["workers"], Value::from(pids.collect::<Vec<_>>()));

    // As the planner sees it: a file that changed after the process read it.
    host.bash("touch /etc/provision/blue/gunicorn.conf.py");
    let run = project.run(&["status"]).exits(3).shows("gunicorn.conf.py changed after it was loaded");
    assert!(run.text.contains("healthy"), "{}", run.text);
    host.bash("systemctl stop blue.service blue.socket");
    let stopped = told(3);
    assert_eq!((&stopped["health"], &stopped["listening"]), (&"not running".into(), &false.into()));
    project.up(&[]).exits(0);
    project.run(&["status"]).exits(0);
}

/// The inventory is gone, or has mistakes: the host itself remembers.
fn without_an_inventory(project: &mut Project, regretted: &[String; 2]) {
    project.write("inventory.yml", "version: 1\nhots: {}\n");
    project.run(&["rollback", "history-01", "--to", "2"]).exits(5).shows("hots").shows("--no-inventory");
    fs::remove_file(project.path("inventory.yml")).expect("it is there");
    fs::remove_dir_all(project.path("code")).expect("it is there");
    // The sandbox's own keys and known hosts stand for what ~/.ssh/config would say.
    project.use_sandbox();
    project.environment("E2E_SECRET", "another-word-of-now");
    let run = project.run(&["rollback", "history-01", "--to", "2", "--sandbox"]).exits(0);
    run.shows("`history-01` is taken as an ssh destination").shows("back to generation 2");
    assert_eq!(&live(project.host()), regretted);
    project.host().get("/").says("release two").says("greeting: bonjour");
    project.run(&["status", "history-01", "--sandbox", "--no-inventory"]).exits(0).hides("note:").shows("healthy");
    project.run(&["history", "history-01", "--sandbox"]).exits(0).shows("rollback to 2");
    // Code of which no release is left cannot come back.
    project.host().bash("rm -rf $(grep -l '\"one\"' /srv/blue/releases/*/app.py | xargs dirname)");
    let gone = project.run(&["rollback", "history-01", "--to", "1", "--sandbox"]).exits(3);
    gone.shows("generation 1 cannot be brought back").shows("keep_releases");
}
