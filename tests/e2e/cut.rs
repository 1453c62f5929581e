//! A run that is cut in the middle, and what the next ones make of it. Every point and kind of cut is the faults
//! suite's work.

use std::time::Duration;

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::processes::{Act, Processes};
use super::project::Project;

/// For a moment after the end of a run its own controller may be hearing of it, so that nobody else is told.
const HEARD: Duration = Duration::from_secs(4);

#[test]
fn what_a_cut_leaves_behind_is_told_and_settled() {
    let Some(project) = Project::open(&["cut-01"]) else { return };
    let host = project.host();
    let inventory = Inventory::default()
        .app("blue", &format!("{APP}, bind: 0.0.0.0:5001"))
        .site("front", "headers: { X-Release: one }, routes: { /: { app: blue } }");
    project.inventory(&inventory).up(&[]).exits(0);

    // Switched, not reloaded, and nobody left who knows of it: the notes on what processes loaded still tell.
    project.edit("X-Release: one", "X-Release: two");
    let point = project.point("reload nginx.service");
    let mut run = project.start(&["up", "-v", "--pause", &point]);
    run.until_it_says("paused at");
    host.bash(
        "systemctl stop --no-block provision-transaction; systemctl kill -s KILL provision-transaction; sleep 0.5",
    );
    host.bash("rm -rf /var/lib/provision/transaction /etc/nginx/sites-available/.front.provision.dpkg-old");
    run.wait();
    host.bash("grep -q two /etc/nginx/sites-available/front");
    assert_eq!(header(&project), "one", "Nginx still runs with what it loaded");
    let before = Processes::of(host);
    let up = project.up(&[]).exits(0).shows("reload nginx.service").hides("file /etc/nginx");
    assert_eq!(up.plan().len(), 1, "no file differs: {:?}", up.plan());
    assert_eq!(header(&project), "two");
    Processes::of(host).only(&before, &[("nginx", Act::Reload)], "a reload that was pending");
    project.check(&[]).exits(0);

    // The controller is killed: the host comes to its end, and the next run tells how.
    project.edit("X-Release: two", "X-Release: three");
    let mut run = project.start(&["up", "-v", "--pause", &point]);
    run.until_it_says("paused at");
    project.check(&[]).exits(2).shows("another run is changing this host");
    run.kill();
    host.bash(": >/var/lib/provision/resume");
    project.up(&["--lock-wait", "60s"]).exits(0).shows("changed=0");
    std::thread::sleep(HEARD);
    project.check(&[]).exits(0).shows("lost its controller and was completed");
    assert_eq!(header(&project), "three");

    // The power is cut: the host is what it was before anything of it serves again.
    project.edit("X-Release: three", "X-Release: four");
    let mut run = project.start(&["up", "-v", "--pause", &point]);
    run.until_it_says("paused at");
    project.switch_off(0);
    project.switch_on(0);
    drop(run);
    assert_eq!(header(&project), "three", "the site serves what it served before");
    host.bash("grep -q three /etc/nginx/sites-available/front && test ! -e /var/lib/provision/transaction");
    std::thread::sleep(HEARD);
    let told = project.check(&[]).exits(2).shows("by a restart of the host").shows("was rolled back");
    project.up(&[]).exits(0);
    assert_eq!(header(&project), "four");
    project.check(&[]).exits(0).hides("note:");
    say(&format!("cuts: settled and told; a check after a power cut in {:.1} s", told.took.as_secs_f64()));
}

fn header(project: &Project) -> String {
    project.host().get("/").header("x-release").expect("the site sends it").to_owned()
}
