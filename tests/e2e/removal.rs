//! What the inventory no longer names goes, and nothing else.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::host::Host;
use super::http;
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::processes::{Act, Processes};
use super::project::Project;

const STRANGER: &str = "server { listen 8080; server_name stranger.test; return 200 'a stranger'; }";

#[test]
fn what_the_inventory_no_longer_names_goes_and_nothing_else() {
    let Some(project) = Project::open(&["removal-01"]) else { return };
    let logs = "log: { access: /var/log/green/access.log, error: /tmp/green.log }";
    let both = Inventory::default()
        .top("keep_removed: 0")
        .app("blue", &format!("{APP}, bind: 0.0.0.0:5001"))
        .app("green", &format!("{APP}, bind: 0.0.0.0:5002, {logs}"))
        .site("front", "routes: { /: { app: blue }, /green/: { app: green } }");
    project.inventory(&both).up(&[]).exits(0);
    let host = project.host();
    host.get("/green/").says("green runs release one");
    host.put("/etc/nginx/sites-available/stranger", STRANGER);
    host.bash("ln -s ../sites-available/stranger /etc/nginx/sites-enabled/stranger && nginx -s reload && sleep 1");
    host.get_from(8080, "/").says("a stranger");
    project.check(&[]).exits(0);

    let before = Processes::of(host);
    let blue = both.without_app("green").site("front", "routes: { /: { app: blue } }");
    project.inventory(&blue).check(&[]).exits(2).shows("- app green");
    // What an app leaves behind keeps its user, which is another test's business.
    host.bash("rm -r /var/log/green /tmp/green.log*");
    let mut upload = half_an_upload(host, "/green/");
    let mut run = project.start(&["up", "-v", "--yes"]);
    run.until_it_says("stop green");
    thread::sleep(Duration::from_secs(1));
    upload.write_all(b"rest!").expect("the rest of the upload");
    let mut answer = String::new();
    upload.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("green runs release one"), "{answer}");
    run.wait().exits(0).shows("old workers of nginx still finish requests");
    assert_eq!(host.bash("systemctl list-units --all --plain --no-legend 'green.*'"), "", "its units are gone");
    assert_eq!(host.bash(include_str!("scripts/traces.sh")), "", "nothing is left of green");
    host.get("/green/").says("blue runs release one");
    assert!(http::get(host.port(5002), "/").is_err(), "nothing listens on green's port");
    let after = Processes::of(host);
    assert!(!after.has("green"), "{after:?}");
    assert_eq!(after.service("blue"), before.service("blue"), "blue has nothing to do with it");
    assert_eq!(after.service("nginx").master, before.service("nginx").master);
    host.get_from(8080, "/").says("a stranger");
    project.check(&[]).exits(0);

    // A process of the app's user that no unit knows: its user's number may be given to another one, so it ends as
    // well.
    host.bash(
        "systemd-run --quiet --unit=left-behind --uid=blue sleep 1000000
        until pgrep --uid blue sleep; do sleep 0.1; done",
    );
    let strangers = Processes::of(host);
    project.inventory(&Inventory::default().top("keep_removed: 0")).up(&["--yes"]).exits(0);
    host.get("/").says("Welcome to nginx!");
    host.get_from(8080, "/").says("a stranger");
    let after = Processes::of(host);
    assert!(!after.has("blue"), "{after:?}");
    assert_eq!(
        host.bash("getent passwd blue; pgrep --full 'sleep 1000000' || true"),
        "",
        "blue's user and all that it ran"
    );
    assert_eq!(after.service("nginx").master, strangers.service("nginx").master, "{:?}", Act::Reload);
    assert_eq!(host.bash("ls -A /srv /etc/provision 2>/dev/null | grep -E 'blue|green' || true"), "");
    project.check(&[]).exits(0);
    say("removal: an app, then everything; the stranger's site and Debian's welcome page answer");
}

/// A request whose body has not arrived as a whole: Nginx keeps it for itself until then.
fn half_an_upload(host: &Host, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(host.port(80)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    let head = format!("POST {path} HTTP/1.1\r\nHost: any\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf.");
    stream.write_all(head.as_bytes()).expect("half a request");
    thread::sleep(Duration::from_millis(300));
    stream
}

#[test]
fn a_user_that_cannot_go_yet_stays_and_keeps_nothing_from_changing() {
    let Some(project) = Project::open(&["removal-02"]) else { return };
    let both = Inventory::default()
        .top("keep_removed: 0")
        .app("blue", &format!("{APP}, bind: 0.0.0.0:5001"))
        .app("green", &format!("{APP}, bind: 'unix:/run/green.sock'"));
    project.inventory(&both).up(&[]).exits(0);
    let host = project.host();
    // Whatever of it is killed is there again at once.
    host.bash(
        "systemd-run --quiet --unit=stays bash -c 'for one in 1 2 3 4; do
            (while :; do setpriv --reuid=green --regid=green --clear-groups sleep 1000000; done) &
        done; wait'",
    );
    let one = both.without_app("green");
    project.inventory(&one).up(&["--yes"]).exits(0);
    assert_eq!(host.bash("getent passwd green | cut -d : -f 1"), "green", "it could not go");
    host.bash("! test -e /srv/green && ! test -e /run/green.sock && ! systemctl cat green.service 2>/dev/null");
    project.check(&[]).exits(2).shows("user green");
    // Other changes are made.
    let red = |socket: &str| one.clone().app("red", &format!("{APP}, bind: 'unix:{socket}'"));
    project.inventory(&red("/run/red.sock")).up(&["--yes"]).exits(0);
    host.bash("systemctl stop stays.service");
    project.inventory(&red("/run/red/app.sock"));
    project.up(&["--yes"]).exits(0);
    assert_eq!(host.bash("getent passwd green || true"), "", "nothing holds it any more");
    host.bash("test -S /run/red/app.sock && ! test -e /run/red.sock");
    project.check(&[]).exits(0);
    say("removal: a user that runs something stays, and goes with the next change");
}

#[test]
fn a_users_number_is_not_given_away_while_something_has_it() {
    let Some(project) = Project::open(&["removal-03"]) else { return };
    let host = project.host();
    let app = |name: &str, port: u16, more: &str| {
        let text = format!("{APP}, bind: 127.0.0.1:{port}, log: {{ access: /var/log/{name}/access.log }}{more}");
        (name.to_owned(), text)
    };
    let with = |apps: &[(String, String)]| {
        apps.iter().fold(Inventory::default(), |inventory, (name, text)| inventory.app(name, text))
    };
    project.inventory(&with(&[app("blue", 5001, ""), app("green", 5002, "")])).up(&[]).exits(0);
    host.bash("touch /srv/green/private && chown green: /srv/green/private && chmod 600 /srv/green/private");
    let number = host.bash("id -u green");

    project.inventory(&with(&[app("blue", 5001, "")]));
    let gone =
        project.up(&["--yes"]).exits(0).shows("note: the user `green` stays, so that nobody else gets its number");
    gone.shows("green belongs to it");
    assert_eq!(host.bash("id -u green"), number);
    // Nothing is left to do, and a new app gets another number.
    project.check(&[]).exits(0);
    project.inventory(&with(&[app("blue", 5001, ""), app("red", 5002, "")]));
    project.up(&[]).exits(0).hides("green");
    assert_ne!(host.bash("id -u red"), number);

    // An app of that name gets its own back.
    project.inventory(&with(&[app("blue", 5001, ""), app("green", 5003, "")]));
    project.up(&["--yes"]).exits(0).hides("+ user green");
    assert_eq!(host.bash("id -u green"), number);
    project.inventory(&with(&[app("blue", 5001, "")])).up(&["--yes"]).exits(0);

    // Once nothing is its own, the next change lets it go.
    host.bash("rm -r /var/log/green /srv/green /var/log/red");
    project.inventory(&with(&[app("blue", 5001, ", env: { GREETING: hello }")])).up(&[]).exits(0);
    assert_eq!(host.bash("getent passwd green red || true"), "");
    project.check(&[]).exits(0);
    say("removal: a number stays with its user until nothing has it");
}

const SECRET: &str = "Vd8-the-word-of-green-37k";

/// What a host has of the app `green`, as far as others than `provision` read it.
const OF_GREEN: &str = "find /etc /usr/local /var/lib/provision/secrets -name '*green*' 2>/dev/null; \
                        systemctl list-units --all --plain --no-legend 'green.*'";

#[test]
fn a_removal_leads_back_until_its_time_is_up_or_it_is_purged() {
    let Some(mut project) = Project::open(&["removal-04"]) else { return };
    let word = "env: { GREETING: { from_env: E2E_SECRET } }";
    let blue = |top: &str, more: &str| {
        Inventory::default().top(top).app("blue", &format!("{APP}, bind: 127.0.0.1:5001{more}"))
    };
    let both = |top: &str| blue(top, "").app("green", &format!("{APP}, bind: 0.0.0.0:5002, {word}"));
    project.environment("E2E_SECRET", SECRET);
    project.inventory(&both("keep_removed: 30d")).up(&[]).exits(0);
    let host = project.host();
    let release = host.bash("readlink /srv/green/current");

    project.inventory(&blue("keep_removed: 30d", ""));
    let asked = project.up(&[]).exits(2);
    asked.shows("remove the app `green` (`rollback` brings it back for 30 days)");
    project.up(&["--yes"]).exits(0).shows("app green, kept for 30 days");
    assert_eq!(host.bash(OF_GREEN), "", "services read nothing of it");
    assert!(http::get(host.port(5002), "/").is_err(), "nothing listens on green's port");
    host.bash(&format!("test -e {release}/.provision-release && ! test -e /srv/green/current"));
    // It stays so, whatever else changes, and is no drift.
    project.check(&[]).exits(0);
    project.inventory(&blue("keep_removed: 30d", ", workers: 2")).up(&[]).exits(0);
    project.run(&["history", "removal-04"]).exits(0).shows("kept: green until ").shows("provision purge removal-04");

    // Back without anything from here.
    project.forget("E2E_SECRET");
    project.run(&["rollback", "removal-04", "--to", "1"]).exits(0);
    let host = project.host();
    http::get(host.port(5002), "/").expect("green answers").says(&format!("greeting: {SECRET}"));
    assert_eq!(host.bash("readlink /srv/green/current"), release);
    assert_eq!(host.bash("grep -c ^kept /var/lib/provision/owned; ls /var/lib/provision/kept || true"), "0");

    // Gone again, and for good.
    project.inventory(&blue("keep_removed: 30d", "")).up(&["--yes"]).exits(0);
    let purge = |more: &[&str]| project.run(&[&["purge", "removal-04"], more].concat());
    purge(&["red", "--yes"]).exits(3).shows("keeps nothing of an app `red`").shows("it keeps `green`");
    purge(&["--check"]).exits(2).shows("what is kept of app green");
    purge(&["green"]).exits(2).shows("remove the app `green` with its releases");
    purge(&["green", "--allow", "remove"]).exits(0);
    assert_eq!(host.bash(include_str!("scripts/traces.sh")), "", "nothing is left of green");
    assert_eq!(host.bash(&format!("grep -rl {SECRET} /var/lib/provision /etc /srv || true")), "");
    purge(&[]).exits(0);
    project.check(&[]).exits(0);
    project.run(&["rollback", "removal-04", "--to", "1"]).exits(3).shows("of green is gone");

    // What is over its time goes with the next change, and is none by itself.
    project.environment("E2E_SECRET", SECRET);
    project.inventory(&both("keep_removed: 1s")).up(&[]).exits(0);
    project.inventory(&blue("keep_removed: 1s", "")).up(&["--yes"]).exits(0);
    thread::sleep(Duration::from_secs(2));
    project.check(&[]).exits(0);
    project.inventory(&blue("keep_removed: 1s", ", workers: 3")).up(&[]).exits(0);
    assert_eq!(project.host().bash(include_str!("scripts/traces.sh")), "", "its time is up");
    project.check(&[]).exits(0);
    say("removal: back with its secret, purged, and gone when its time is up");
}
