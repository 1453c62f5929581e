//! Ctrl-C while a host is being changed.

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::{Project, fixture};

#[test]
fn ctrl_c_ends_cleanly_and_the_next_run_converges() {
    let Some(project) = Project::open(&["interrupt-01"]) else { return };
    let host = project.host();
    let app = format!("{APP}, bind: 0.0.0.0:5001, release_command: \"! test -e /etc/slow || sleep 600\"");
    project.inventory(&Inventory::default().app("blue", &app)).up(&[]).exits(0);

    host.bash("touch /etc/slow");
    project.code("two");
    let mut before = project.start(&["up", "-v"]);
    before.until_it_says("run the release command of blue");
    before.interrupt();
    let before = before.wait().exits(130).shows("stopped before the switch: nothing live was changed");
    assert!(before.took.as_secs() < 30, "{:?}", before.took);
    host.get_from(5001, "/").says("release one");
    assert_eq!(host.bash("ls -d /srv/blue/releases/*").lines().count(), 1, "what was prepared is gone");
    host.bash("test ! -e /var/lib/provision/transaction; rm /etc/slow");

    let mut after = project.start(&["up", "-v"]);
    after.until_it_says("reload blue.service");
    after.interrupt();
    let after = after.wait().exits(130).shows("after it the change is finished").shows("changed=");
    host.get_from(5001, "/").says("release two");
    project.up(&[]).exits(0).shows("changed=0");

    project.code("three");
    let mut twice = project.start(&["up", "-v"]);
    twice.until_it_says("reload blue.service");
    twice.interrupt();
    twice.until_it_says("Ctrl-C again");
    twice.interrupt();
    let twice = twice.wait().exits(130).shows("interrupted").shows("the host continues by itself");
    project.up(&["--lock-wait", "60s"]).exits(0);
    host.get_from(5001, "/").says("release three");
    project.check(&[]).exits(0);
    assert!(project.open_connections().is_empty(), "no connection is left");
    say(&format!(
        "Ctrl-C: {:.1} s until the host has stopped before the switch, {:.1} s until it is done after it, twice: {:.1} \
         s",
        before.took.as_secs_f64(),
        after.took.as_secs_f64(),
        twice.took.as_secs_f64()
    ));
}

#[test]
fn ctrl_c_ends_what_would_wait_for_ever() {
    let Some(project) = Project::open(&["interrupt-02"]) else { return };
    let host = project.host();
    let inventory = |mark: &str| {
        Inventory::default()
            .app("blue", &format!("{APP}, bind: 127.0.0.1:5001"))
            .site("front", &format!("headers: {{ X-Mark: {mark} }}, routes: {{ /: {{ app: blue }} }}"))
    };
    project.inventory(&inventory("old")).up(&[]).exits(0);
    host.bash("mkfifo /etc/nginx/sites-enabled/pipe");
    let mut run = project.inventory(&inventory("new")).start(&["up", "-v"]);
    run.until_it_says("check the whole Nginx configuration");
    run.interrupt();
    let run = run.wait().exits(130).shows("stopped before the switch");
    assert!(run.took.as_secs() < 30, "{:?}", run.took);
    host.get("/").says("blue runs release one");
    host.bash("rm /etc/nginx/sites-enabled/pipe");
    project.up(&[]).exits(0);
    say(&format!("Ctrl-C: a check that waits for a pipe ends {:.1} s after the run began", run.took.as_secs_f64()));

    let ends = |project: &Project, what: &str| {
        let mut run = project.start(&["up", "-v"]);
        run.until_it_says(what);
        run.interrupt();
        let run = run.wait().exits(130).shows("stopped before the switch");
        assert!(run.took.as_secs() < 30, "{what}: {:?}", run.took);
        host.get("/").says("blue runs release one");
    };
    project.write("code/app.py", &format!("import time\ntime.sleep(600)\n{}", fixture("two")));
    ends(&project, "check that blue can be imported");
    project.code("one");
    project.inventory(&inventory("new").top("packages: [git]"));
    host.put("/run/hold.py", include_str!("scripts/hold.py"));
    host.bash("systemd-run --quiet --unit=holder python3 /run/hold.py 600; sleep 0.3");
    ends(&project, "the package manager's lock is held");
    host.bash("systemctl stop holder");
    project.up(&[]).exits(0);
}
