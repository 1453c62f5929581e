//! An app gets another name, another user, or the address of another app, each in one run: its listener and its log
//! files go with it. Where it does not work there, everything is as it was.

use std::thread;

use super::host::Host;
use super::http::{self, Load};
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::{Project, fails_behind_nginx, fixture};

/// How many ask for what moves, one request after the other.
const CLIENTS: usize = 4;

/// Two apps of one user; the first one has the name, and each has a port.
fn apps(name: &str, ports: [u16; 2], user_of_till: &str) -> Inventory {
    let app = |port: u16, rest: &str| {
        format!("{APP}, bind: 127.0.0.1:{port}, workers: 2, health: {{ path: /, timeout: 2s }}, {rest}")
    };
    let logs = "log: { access: /tmp/shop.log, error: /var/log/shop/error.log }";
    let till = format!("user: {user_of_till}, log: {{ access: /tmp/till.log, error: /var/log/till/error.log }}");
    let inventory = Inventory::default().app(name, &app(ports[0], logs)).app("till", &app(ports[1], &till));
    inventory.site("front", &format!("routes: {{ /: {{ app: {name} }}, /till/: {{ app: till }} }}"))
}

/// Users of logs and of their folders, with the permission bits.
fn logs(host: &Host) -> String {
    host.bash("cd / && stat --format='%n %U:%G %a' /tmp/{shop,till}.log* /var/log/{shop,till}{,/*}")
}

#[test]
fn an_app_gets_another_name_user_and_address_with_its_logs() {
    let Some(mut project) = Project::open(&["names-01"]) else { return };
    project.agree();
    let host = project.host();
    let before = apps("shop", [5001, 5002], "shop");
    project.write("code/app.py", &slow());
    project.inventory(&before).up(&[]).exits(0);
    host.get("/").says("shop runs");
    host.get("/till/").says("shop runs");
    host.bash("setpriv --reuid=shop --regid=adm --clear-groups bash -c 'umask 037; echo old >/tmp/shop.log.1'");
    let units = "systemctl list-units --plain --no-legend 'shop*' 'market*' 'till*' |
        while read -r unit load active _; do echo $unit $load $active; done";
    let (owned, running) = (logs(host), host.bash(units));

    // Under its new name and user it does not work.
    let after = apps("market", [5001, 5002], "till");
    let moves = "move the listener on 127.0.0.1:5001 from shop to market, refusing connections for a moment";
    project.write("code/app.py", &fails_behind_nginx(&slow()));
    project.inventory(&after).up(&[]).exits(7).shows(moves).shows("rolled back");
    host.get("/").says("shop runs");
    host.get("/till/").says("shop runs");
    assert_eq!(host.bash(units), running, "the former apps run");
    assert_eq!(logs(host), owned, "their logs are their user's again");
    assert_eq!(host.bash("getent passwd market till || true"), "", "nobody else was there before");
    project.write("code/app.py", &slow());
    project.inventory(&before).check(&[]).exits(0);

    // What lies where a log should be is never given away.
    host.bash("mv /tmp/till.log /tmp/aside && ln -s /etc/shadow /tmp/till.log && chown -h shop: /tmp/till.log");
    project.inventory(&after).up(&[]).exits(3).shows("/tmp/till.log is no file");
    host.bash("mv --force /tmp/aside /tmp/till.log");

    moves_under_load(&project, &after, moves);
    let given = owned.replace("shop:shop", "NAME:NAME").replace("shop:adm", "NAME:adm");
    let given = given.lines().map(|line| line.replace("NAME", if line.contains("till") { "till" } else { "market" }));
    assert_eq!(logs(host).lines().collect::<Vec<_>>(), given.collect::<Vec<_>>());
    assert_eq!(host.bash("cat /tmp/shop.log.1; getent passwd shop || true"), "old", "only its name has gone");
    assert_eq!(host.bash("systemctl list-units --all --plain --no-legend 'shop*'"), "", "its units are gone");
    host.bash(
        "logrotate --force /etc/logrotate.d/market 2>&1 && test -s /tmp/shop.log.1 && test -s /tmp/shop.log.2.gz",
    );
    project.check(&[]).exits(0);

    let exchanged = apps("market", [5002, 5001], "till");
    project.inventory(&exchanged).up(&[]).exits(0).shows("127.0.0.1:5002 from till to market");
    host.get("/").says("market runs");
    host.get("/till/").says("till runs");
    project.check(&[]).exits(0);
}

#[test]
fn an_app_and_its_site_are_renamed_in_one_run_without_consent_and_back() {
    let Some(mut project) = Project::open(&["names-02"]) else { return };
    let inventory = |app: &str, site: &str, renamed: [&str; 2]| {
        let settings = "bind: 127.0.0.1:5001, env: { GREETING: { from_env: E2E_SECRET } }, workers: 2, \
                        hardening: { write: [/srv/uploads] }, log: { access: /var/log/shop/access.log }";
        Inventory::default()
            .app(app, &format!("{APP}, {settings}{}", renamed[0]))
            .site(site, &format!("routes: {{ /: {{ app: {app} }} }}{}", renamed[1]))
    };
    project.environment("E2E_SECRET", "a-word");
    project.host().bash("mkdir /srv/uploads");
    project.inventory(&inventory("shop", "front", ["", ""])).up(&[]).exits(0);
    let host = project.host();
    host.bash("chown shop: /srv/uploads");
    host.bash("setpriv --reuid=shop --regid=shop --clear-groups bash -c 'echo kept >/srv/uploads/one'");
    let of_user = "id -u shop; stat --format='%n %U %a' /srv/uploads{,/one} /var/log/shop{,/access.log}";
    let before = host.bash(of_user);

    project.inventory(&inventory("market", "fair", ["", ""])).check(&[]).exits(2).shows("consent is needed");
    let renamed = [", renamed_from: shop", ", renamed_from: front"];
    project.inventory(&inventory("market", "fair", renamed)).check(&[]).exits(2).hides("consent is needed");
    let load = Load::start(&[(host.port(80), "/"); CLIENTS]);
    project.up(&[]).exits(0).shows("from shop to market, refusing connections for a moment");
    let load = load.stop();
    // The fixture says who it runs as.
    host.get("/").says("shop runs").says("greeting: a-word");
    host.bash("systemctl is-active market.service market.socket && ! systemctl cat shop.service 2>/dev/null");
    let (lost, all) = (load.failures.len(), load.requests);
    assert!(lost <= 5 * CLIENTS, "{:?}", load.failures);
    assert_eq!(host.bash(of_user), before, "what was its own stays its own");
    assert_eq!(host.bash("ls /etc/nginx/sites-enabled"), "fair");
    project.check(&[]).exits(0);
    // Where it is said who it runs as, nobody needs to know what it was called.
    let done = [", user: shop", ""];
    project.inventory(&inventory("market", "fair", done)).check(&[]).exits(0);

    project.forget("E2E_SECRET");
    project.run(&["rollback", "names-02", "--yes"]).exits(0);
    let host = project.host();
    host.get("/").says("shop runs").says("greeting: a-word");
    host.bash("systemctl is-active shop.service shop.socket && ! systemctl cat market.service 2>/dev/null");
    assert_eq!(host.bash("ls /etc/nginx/sites-enabled"), "front");
    assert_eq!(host.bash(of_user), before);
    say(&format!("a new name for an app and its site, without consent: {lost} of {all} requests lost; and back"));
}

/// A request that is under way is answered. Requests to a new name are lost for a moment at most, those to an app that
/// keeps its own are not, and each is in its log.
fn moves_under_load(project: &Project, after: &Inventory, moves: &str) {
    let host = project.host();
    let address = host.port(80);
    let (named, kept) = (Load::start(&[(address, "/"); CLIENTS]), Load::start(&[(address, "/till/load")]));
    project.inventory(after).check(&[]).exits(2).shows(moves).shows("owner shop:shop instead of market:market");
    let mut run = project.start(&["up", "-v"]);
    run.until_it_says("begin the switch");
    let waiting = thread::spawn(move || http::get(address, "/slow"));
    let run = run.wait().exits(0).shows(moves).shows("user shop");
    let (named, kept) = (named.stop(), kept.stop());
    waiting.join().expect("a client").expect("an answer").says("shop runs");
    host.get("/").says("market runs");
    host.get("/till/").says("till runs");
    assert_eq!(kept.failures, [] as [&str; 0], "an app that keeps its name and address");
    assert_eq!(host.bash("grep --count load /tmp/till.log"), kept.requests.to_string(), "each request is in the log");
    let (lost, all) = (named.failures.len(), named.requests);
    say(&format!(
        "a new name in {:.1} s, beside a request of 2 s: {lost} of {all} requests lost, the slowest took {:.2} s",
        run.took.as_secs_f64(),
        named.slowest.as_secs_f64()
    ));
    // Each client may find nobody there, and may have waited in the queue of who has gone.
    assert!(lost <= 5 * CLIENTS, "{:?}", named.failures);
}

/// The fixture's code, which takes two seconds for one path.
fn slow() -> String {
    let wait = "    if environ[\"PATH_INFO\"] == \"/slow\":\n        import time\n        time.sleep(2)\n    \
                start_response(\"200 OK\"";
    fixture("one").replace("    start_response(\"200 OK\"", wait)
}
