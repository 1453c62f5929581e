//! New versions of an app: what goes live, what stays, and what is refused.

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::processes::{Act, Processes};
use super::project::{Project, fixture};

/// Leaves a line for each release that it saw, and refuses one.
const COMMAND: &str = "release_command: 'echo \"$(id -un) $(pwd -P)\" >> /tmp/released; ! grep -q refused app.py'";

#[test]
fn releases_go_live_one_after_the_other_or_not_at_all() {
    let Some(project) = Project::open(&["release-01"]) else { return };
    // The command has the app's own /tmp unless the app writes there as well.
    let app = format!("{APP}, bind: 0.0.0.0:5001, keep_releases: 2, hardening: {{ write: [/tmp] }}, {COMMAND}");
    let inventory = Inventory::default().app("blue", &app).site("front", "routes: { /: { app: blue } }");
    project.inventory(&inventory).up(&[]).exits(0);
    let host = project.host();
    host.get("/").says("blue runs release one");
    let first = host.bash("readlink /srv/blue/current");
    assert_eq!(
        host.bash("cat /tmp/released"),
        format!("blue {first}"),
        "the command ran once, as blue, in the release"
    );

    let before = Processes::of(host);
    project.code("two");
    project.up(&[]).exits(0).shows("new code");
    Processes::of(host).only(&before, &[("blue", Act::Reload)], "a new release");
    host.get("/").says("release two");
    assert_eq!(host.bash("ls -d /srv/blue/releases/*").lines().count(), 2, "the old release stays");
    host.bash(&format!("test -e {first}/app.py"));

    for release in ["three", "four"] {
        project.code(release);
        project.up(&[]).exits(0);
        host.get("/").says(&format!("release {release}"));
    }
    let kept = host.bash("ls -d /srv/blue/releases/*");
    assert_eq!(kept.lines().count(), 2, "keep_releases bounds them:\n{kept}");
    assert!(kept.contains(&host.bash("readlink /srv/blue/current")), "the live one stays:\n{kept}");
    assert_eq!(host.bash("cat /tmp/released").lines().count(), 4, "once for each release");
    project.check(&[]).exits(0);

    let before = Processes::of(host);
    project.write("code/app.py", &format!("{}\nraise RuntimeError(\"no database here\")\n", fixture("five")));
    let refused = project.up(&[]).exits(3).shows("Traceback (most recent call last)").shows("no database here");
    let refused = refused.shows("refused before the switch: live services were not touched");
    host.get("/").says("release four");
    Processes::of(host).only(&before, &[], "a release that cannot be imported");
    let ran = host.bash("cat /tmp/released").lines().count();
    assert_eq!(ran, 4, "no release command runs for a release that cannot be imported");

    project.code("refused");
    project.up(&[]).exits(3).shows("the release command of app `blue` failed").shows("live services were not touched");
    host.get("/").says("release four");
    Processes::of(host).only(&before, &[], "a release whose command fails");
    assert_eq!(host.bash("ls -d /srv/blue/releases/*"), kept, "a refused release takes no older one's place");

    project.code("six");
    project.up(&[]).exits(0);
    host.get("/").says("release six");
    assert_eq!(host.bash("ls -d /srv/blue/releases/*").lines().count(), 2, "refused releases do not pile up");
    project.check(&[]).exits(0);
    say(&format!("releases: 5 went live, 2 were refused, the first in {:.1} s", refused.took.as_secs_f64()));
}

#[test]
fn the_live_release_outlives_whatever_happens_to_its_mark_or_its_folder() {
    let Some(project) = Project::open(&["release-02"]) else { return };
    let app = |env: &str| format!("{APP}, bind: 127.0.0.1:5001, env: {{ GREETING: {env} }}");
    let inventory =
        |env: &str| Inventory::default().app("blue", &app(env)).site("front", "routes: { /: { app: blue } }");
    project.inventory(&inventory("a")).up(&[]).exits(0);
    let host = project.host();
    let live = host.bash("readlink /srv/blue/current");

    // A release without its mark, and a run that is refused for something else.
    host.bash(&format!("rm {live}/.provision-release"));
    let broken = Inventory::default().app("blue", &app("b").replace("app:app", "app:nothing"));
    project.inventory(&broken).up(&["--yes"]).exits(3);
    host.get("/").says("blue runs release one");
    host.bash(&format!("test -e {live}/app.py"));
    project.inventory(&inventory("b")).up(&[]).exits(0);
    host.bash(&format!("test -e {live}/.provision-release"));
    project.check(&[]).exits(0);

    // Somebody has edited it as well: nobody but them can say what is right.
    host.bash(&format!("rm {live}/.provision-release && printf '# edited\n' >>{live}/app.py"));
    project.up(&[]).exits(3).shows("is not what was sent any more").shows("app.py");
    host.bash(&format!("grep -q edited {live}/app.py"));
    host.get("/").says("blue runs release one");

    // Its folder is gone: it is sent again, and nobody goes on in the one that was removed.
    host.bash(&format!("mv {live} /root/kept"));
    project.up(&[]).exits(0).shows("blue.service");
    host.get("/").says("blue runs release one");
    assert_eq!(host.bash("find /proc/[0-9]*/cwd -lname '/root/kept*' 2>/dev/null || true"), "", "all have moved");
    project.check(&[]).exits(0);
    say("releases: the live one outlives a lost mark, an edit and the loss of its folder");
}
