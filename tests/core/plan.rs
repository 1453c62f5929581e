//! `(desired, facts) → operations`, one case a drift.

use std::collections::BTreeMap;
use std::time::Duration;

use provision::model::{Bind, EnvValue, ExtraFile, Init, Install, Mode, Notify, Target};
use provision::probe::{Facts, Node, NodeKind, Owned, Welcome};

use crate::fixture::{after, app, bare, converged, desired, desired_with, file_node, plan, running, site, target};

/// The operations that bring `facts` to `target`.
fn operations(target: &Target, facts: &Facts) -> Vec<String> {
    let plan = plan(&desired(target), facts).expect("no refusal");
    plan.changes.iter().map(|change| change.operation.to_string()).collect()
}

#[track_caller]
fn check(change_target: impl Fn(&mut Target), change_host: impl Fn(&mut Facts), expected: &[&str]) {
    let mut target = target();
    let mut facts = converged(&target);
    change_target(&mut target);
    change_host(&mut facts);
    assert_eq!(operations(&target, &facts), expected);
}

#[track_caller]
fn check_host(change: impl Fn(&mut Facts), expected: &[&str]) {
    check(|_| {}, change, expected);
}

#[track_caller]
fn check_target(change: impl Fn(&mut Target), expected: &[&str]) {
    check(change, |_| {}, expected);
}

#[track_caller]
fn check_refused(change: impl Fn(&mut Facts), words: &str) {
    let mut facts = converged(&target());
    change(&mut facts);
    let refusal = plan(&desired(&target()), &facts).expect_err("a refusal");
    assert!(refusal.to_string().contains(words), "{refusal}");
}

fn unit<'a>(facts: &'a mut Facts, name: &str) -> &'a mut provision::probe::Unit {
    facts.units.get_mut(name).expect("the unit runs")
}

#[test]
fn a_host_that_matches_has_nothing_to_do() {
    check(|_| {}, |_| {}, &[]);
}

#[test]
fn a_main_file_of_nginx_that_changed_is_read_again() {
    let main = |changed| {
        move |facts: &mut Facts| {
            let node = Node { changed, ..file_node("http { }\n") };
            facts.nodes.insert("/etc/nginx/nginx.conf".to_owned(), node);
        }
    };
    check_host(main(0.0), &[]);
    check_host(main(5000.0), &["reload nginx.service"]);
}

#[test]
fn nginx_that_is_masked_is_refused_whether_it_runs_or_not() {
    for active in [true, false] {
        let mask = |facts: &mut Facts| {
            let nginx = unit(facts, "nginx.service");
            (nginx.masked, nginx.known, nginx.active) = (true, false, active);
        };
        check_refused(mask, "`nginx.service` is masked");
    }
}

#[test]
fn a_bare_host_gets_everything_listeners_before_apps_before_nginx() {
    let all = operations(&target(), &bare());
    for wanted in ["package nginx", "user hello", "release web aaaaaaaaaaaa", "file /etc/systemd/system/web.socket"] {
        assert!(all.iter().any(|operation| operation == wanted), "{wanted} in {all:#?}");
    }
    let starts: Vec<_> = all.iter().filter(|operation| operation.starts_with("start")).collect();
    let wanted = ["hello.socket", "hello.service", "web.socket", "web.service", "nginx.service"];
    assert_eq!(starts, wanted.map(|name| format!("start {name}")).iter().collect::<Vec<_>>());
}

#[test]
fn each_resource_that_drifts_is_put_right_alone() {
    check_host(|facts| _ = facts.users.remove("web"), &["user web"]);
    check_host(|facts| _ = facts.packages.remove("python3-pip"), &["package python3-pip"]);
    check_host(|facts| _ = facts.nodes.remove("/srv/web/releases"), &["directory /srv/web/releases"]);
    check_host(|facts| _ = facts.nodes.remove("/usr/local/bin/reload-web"), &["file /usr/local/bin/reload-web"]);
    let script = "/usr/local/bin/reload-web";
    check_host(
        |facts| facts.nodes.get_mut(script).unwrap().mode = Mode::new(0o777),
        &["file /usr/local/bin/reload-web"],
    );
    check_host(
        |facts| facts.nodes.get_mut(script).unwrap().kind = NodeKind::Link("/bin/true".to_owned()),
        &["file /usr/local/bin/reload-web"],
    );
    check_host(
        |facts| _ = facts.nodes.remove("/etc/nginx/sites-enabled/airbnb"),
        &["link /etc/nginx/sites-enabled/airbnb -> /etc/nginx/sites-available/airbnb", "reload nginx.service"],
    );
}

#[test]
fn a_service_acts_only_when_it_runs_with_something_else() {
    // No note: a run was cut short.
    check_host(|facts| _ = facts.loaded.remove("web.service"), &["restart web.service"]);
    check_host(|facts| _ = facts.loaded.remove("nginx.service"), &["reload nginx.service"]);
    // Somebody restarted it by hand after everything was in place.
    check_host(|facts| *unit(facts, "web.service") = running("web.service", 9999.0), &[]);
    // Another process, older than what is installed.
    check_host(|facts| *unit(facts, "web.service") = running("web.service", 1.0), &["restart web.service"]);
    let newer = |path: &'static str| move |facts: &mut Facts| facts.nodes.get_mut(path).unwrap().changed = 9999.0;
    check_host(newer("/etc/provision/web/env"), &["reload web.service"]);
    check_host(newer("/etc/provision/web/gunicorn.conf.py"), &["reload web.service"]);
    check_host(newer("/srv/web/current"), &["reload web.service"]);
    check_host(
        newer("/etc/systemd/system/web.socket"),
        &["move the listener of web to 127.0.0.1:5001, refusing connections for a moment"],
    );
}

#[test]
fn a_clock_that_was_wrong_makes_nothing_act_for_ever() {
    // Written when the clock was a year ahead: the process that started later seems to be older.
    let ahead = |facts: &mut Facts| {
        facts.now = 50_000.0;
        for path in ["/etc/provision/web/env", "/srv/web/current", "/etc/nginx/sites-available/airbnb"] {
            facts.nodes.get_mut(path).unwrap().changed = facts.now + 31_536_000.0;
        }
        *unit(facts, "web.service") = running("web.service", 40_000.0);
    };
    check_host(ahead, &[]);
}

#[test]
fn a_service_that_does_not_run_is_started() {
    check_host(|facts| unit(facts, "web.service").active = false, &["start web.service"]);
    check_host(|facts| unit(facts, "nginx.service").active = false, &["start nginx.service"]);
}

#[test]
fn what_acts_is_enabled_in_the_same_run() {
    check_host(|facts| unit(facts, "web.service").enabled = false, &["start web.service"]);
    let host = |facts: &mut Facts| {
        unit(facts, "web.service").enabled = false;
        facts.loaded.remove("web.service");
    };
    check_host(host, &["restart web.service", "start web.service"]);
}

#[test]
fn a_listener_whose_address_the_app_holds_is_moved_rather_than_started() {
    check_host(
        |facts| _ = facts.units.remove("web.socket"),
        &["move the listener of web to 127.0.0.1:5001, refusing connections for a moment"],
    );
}

#[test]
fn settings_and_environment_reload_and_what_python_reads_at_its_start_restarts() {
    let settings = ["file /etc/provision/web/gunicorn.conf.py", "file /usr/local/bin/reload-web", "reload web.service"];
    check_target(|target| target.apps[1].workers = Some(4), &settings);
    let value = || EnvValue { value: "x".to_owned(), secret: None };
    let env = |target: &mut Target| _ = target.apps[1].env.insert("MODE".parse().unwrap(), value());
    check_target(env, &["file /etc/provision/web/env", "reload web.service"]);
    let path = |target: &mut Target| _ = target.apps[1].env.insert("PYTHONPATH".parse().unwrap(), value());
    check_target(path, &["file /etc/provision/web/env", "restart web.service"]);
}

#[test]
fn settings_of_a_users_own_need_not_take_up_the_environment() {
    let own = BTreeMap::from([("gunicorn.conf.py.tera".to_owned(), "bind = {{ app.bind | python }}\n".to_owned())]);
    let wanted = |target: &Target| desired_with(&own, target, Init::Systemd);
    let mut target = target();
    let before = wanted(&target);
    let facts = after(&before, &plan(&before, &bare()).expect("no refusal"), &bare());
    target.apps[1].env.insert("MODE".parse().unwrap(), EnvValue { value: "x".to_owned(), secret: None });
    let plan = plan(&wanted(&target), &facts).expect("no refusal");
    let operations: Vec<String> = plan.changes.iter().map(|change| change.operation.to_string()).collect();
    assert_eq!(operations, ["file /etc/provision/web/env", "restart web.service"]);
}

#[test]
fn where_nobody_can_stand_in_a_moved_listener_has_a_gap() {
    let moves = |target: &mut Target| {
        target.apps[1].bind = Bind::Tcp(([127, 0, 0, 1], 6000).into());
        target.apps[1].health.before_switch = false;
    };
    let mut alone = target();
    moves(&mut alone);
    let operations = operations(&alone, &converged(&target()));
    let expected = "move the listener of web to 127.0.0.1:6000, refusing connections for a moment";
    assert!(operations.iter().any(|operation| operation == expected), "{operations:?}");
}

#[test]
fn a_new_address_moves_the_listener_once() {
    let bind = |target: &mut Target| target.apps[1].bind = Bind::Tcp(([127, 0, 0, 1], 6000).into());
    let expected = [
        "file /etc/provision/web/gunicorn.conf.py",
        "file /etc/systemd/system/web.socket",
        "file /etc/nginx/sites-available/airbnb",
        "move the listener of web to 127.0.0.1:6000",
        "reload nginx.service",
    ];
    check_target(bind, &expected);
}

#[test]
fn an_address_that_another_app_has_goes_from_one_to_the_other() {
    let moved = |change: &dyn Fn(&mut Target)| {
        let mut changed = target();
        change(&mut changed);
        let planned = operations(&changed, &converged(&target())).into_iter();
        planned.filter(|line| line.starts_with("move") || line.starts_with("start")).collect::<Vec<_>>()
    };
    let port = |port: u16| Bind::Tcp(([127, 0, 0, 1], port).into());
    let renamed = |target: &mut Target| {
        target.apps[1] = app("shop", 5001);
        target.sites = vec![site(&["hello", "shop"])];
    };
    let gap = "refusing connections for a moment";
    assert_eq!(moved(&renamed), [format!("move the listener on 127.0.0.1:5001 from web to shop, {gap}")]);
    let everywhere = |target: &mut Target| {
        renamed(target);
        target.apps[1].bind = Bind::Tcp(([0, 0, 0, 0], 5001).into());
    };
    assert_eq!(moved(&everywhere), [format!("move the listener on 0.0.0.0:5001 from web to shop, {gap}")]);
    let exchanged = |target: &mut Target| {
        target.apps[0].bind = port(5001);
        target.apps[1].bind = port(5000);
    };
    let both = [
        format!("move the listener on 127.0.0.1:5001 from web to hello, {gap}"),
        format!("move the listener on 127.0.0.1:5000 from hello to web, {gap}"),
    ];
    assert_eq!(moved(&exchanged), both);
    let elsewhere = |target: &mut Target| {
        renamed(target);
        target.apps[1].bind = port(6000);
    };
    assert_eq!(moved(&elsewhere), ["start shop.socket", "start shop.service"]);
}

#[test]
fn new_dependencies_and_a_new_python_restart() {
    check_target(
        |target| target.apps[1].python.packages.push("redis".to_owned()),
        &["python dependencies of web", "restart web.service"],
    );
    let newer = |facts: &mut Facts| _ = facts.packages.insert("python3".to_owned(), "3.13.5-1".to_owned());
    let both =
        ["python dependencies of hello", "python dependencies of web", "restart hello.service", "restart web.service"];
    check_host(newer, &both);
}

#[test]
fn going_back_to_an_older_environment_builds_nothing() {
    let mut older = target();
    older.apps[1].python.install = Install::Venv;
    let mut newer = older.clone();
    newer.apps[1].python.packages.push("redis".to_owned());
    let on_older = converged(&older);
    let desired_newer = desired(&newer);
    let on_newer = crate::fixture::after(&desired_newer, &plan(&desired_newer, &on_older).unwrap(), &on_older);
    let back = operations(&older, &on_newer);
    assert!(
        !back.iter().any(|operation| operation.starts_with("python") || operation.starts_with("release")),
        "{back:?}"
    );
    assert!(back.contains(&"restart web.service".to_owned()), "{back:?}");
    // The newer one failed its checks before it went live: the live one must not be touched.
    let mut failed = on_older;
    failed.releases.get_mut("web").unwrap().extend(on_newer.releases["web"].clone());
    failed.python.extend(on_newer.python);
    assert_eq!(operations(&older, &failed), [] as [&str; 0]);
}

#[test]
fn a_removed_app_goes_with_what_is_its_own() {
    let expected = [
        "file /etc/nginx/sites-available/airbnb",
        "app web",
        "file /etc/provision/web/env",
        "file /etc/provision/web/gunicorn.conf.py",
        "file /etc/systemd/system/web.service",
        "file /etc/systemd/system/web.socket",
        "file /usr/local/bin/reload-web",
        "directory /srv/web/releases, if empty",
        "directory /srv/web, if empty",
        "directory /etc/provision/web, if empty",
        "user web",
        "reload nginx.service",
    ];
    let change = |target: &mut Target| {
        target.keep_removed = Duration::ZERO;
        target.apps.truncate(1);
        target.sites = vec![site(&["hello"])];
    };
    check_target(change, &expected);
    // A user and a folder of the host's own stay.
    let host = |facts: &mut Facts| {
        let folder = Owned::Directory("/srv/web".to_owned());
        facts.owned.retain(|held| !matches!(held.owned, Owned::User(_)) && held.owned != folder);
    };
    let kept: Vec<_> =
        expected.into_iter().filter(|line| !line.starts_with("user") && !line.contains("/srv/web,")).collect();
    check(change, host, &kept);
}

#[test]
fn a_user_that_another_app_has_as_well_stays() {
    let mut shared = target();
    shared.apps[1].user = "hello".parse().unwrap();
    let facts = converged(&shared);
    assert!(!facts.users.contains("web"));
    shared.apps.truncate(1);
    shared.sites = vec![site(&["hello"])];
    assert!(!operations(&shared, &facts).iter().any(|operation| operation.starts_with("user")));
}

#[test]
fn without_sites_nginx_reloads_and_debians_welcome_returns() {
    let expected = [
        "file /etc/nginx/conf.d/provision.conf",
        "file /etc/nginx/sites-available/airbnb",
        "file /etc/nginx/sites-enabled/airbnb",
        "link /etc/nginx/sites-enabled/default (Debian's welcome page, back)",
        "reload nginx.service",
    ];
    check_target(|target| target.sites.clear(), &expected);
}

#[test]
fn unknown_names_are_refused_as_long_as_no_site_is_the_default() {
    let named = |target: &mut Target| {
        target.sites[0].server_names = vec!["www.example.com".parse().unwrap()];
        target.sites[0].default_server = false;
    };
    let refusing = ["available", "enabled"].map(|folder| format!("/etc/nginx/sites-{folder}/provision-default"));
    let mut target = crate::fixture::target();
    let default = converged(&target);
    named(&mut target);
    let planned = operations(&target, &default);
    assert!(refusing.iter().all(|path| planned.iter().any(|line| line.contains(path))), "{planned:?}");
    assert!(desired(&target).replaces_welcome, "Debian's site would be the default, too");

    // The record of what is ours has both taken away again.
    let facts = converged(&target);
    let planned = operations(&crate::fixture::target(), &facts);
    assert!(refusing.iter().all(|path| planned.iter().any(|line| line.contains(path))), "{planned:?}");
    target.sites[0].catch_all = false;
    assert!(!desired(&target).replaces_welcome, "nothing of ours is the default");
}

#[test]
fn debians_welcome_site_gives_way_unless_it_was_edited() {
    let disabled = ["link /etc/nginx/sites-enabled/default (Debian's welcome page)", "reload nginx.service"];
    check_host(|facts| facts.welcome = Welcome::Packaged, &disabled);
    check_refused(|facts| facts.welcome = Welcome::Edited, "was edited on the host");
}

#[test]
fn what_is_the_hosts_own_is_not_taken_over() {
    check_refused(
        |facts| unit(facts, "web.service").definition = "/lib/systemd/system/web.service".to_owned(),
        "has a unit `web.service` of its own",
    );
    let folder =
        |path: &'static str| move |facts: &mut Facts| facts.nodes.get_mut(path).unwrap().kind = NodeKind::Directory;
    check_refused(folder("/etc/provision/web/env"), "/etc/provision/web/env is a directory");
    check_refused(folder("/etc/nginx/sites-enabled/airbnb"), "is a directory");
    // A rename could not replace it, and would fail when other things are live already.
    check_refused(folder("/srv/web/current"), "/srv/web/current is a directory");
}

pub fn motd(notify: Vec<Notify>) -> ExtraFile {
    let root = || "root".parse().unwrap();
    let (template, destination) = ("motd.tera".to_owned(), "/etc/motd".parse().unwrap());
    ExtraFile { template, destination, mode: Mode::new(0o644), owner: root(), group: root(), notify }
}

#[test]
fn a_folder_that_nothing_brings_is_missed_before_anything_changes() {
    let mut with_file = target();
    let mut file = motd(vec![]);
    file.destination = "/etc/no/such/folder/motd".parse().unwrap();
    with_file.files.push(file);
    let refusal = plan(&desired(&with_file), &converged(&target())).unwrap_err();
    assert!(refusal.message.contains("/etc/no/such/folder, which the host does not have"), "{refusal}");
    // A package that is still to be installed may bring it.
    assert!(plan(&desired(&with_file), &bare()).is_ok());
}

#[test]
fn a_file_that_the_host_had_before_is_written_and_never_removed() {
    let mut with_file = target();
    with_file.files.push(motd(vec![]));
    let mut facts = converged(&target());
    facts.nodes.insert("/etc/motd".to_owned(), file_node("the host's own\n"));
    let desired_with = desired(&with_file);
    let facts = crate::fixture::after(&desired_with, &plan(&desired_with, &facts).unwrap(), &facts);
    assert_eq!(operations(&with_file, &facts), [] as [&str; 0]);
    assert_eq!(operations(&target(), &facts), ["ownership record"]);
    // One that was not there before goes again.
    assert_eq!(operations(&target(), &converged(&with_file)), ["file /etc/motd"]);
}

#[test]
fn a_folder_in_the_place_of_a_removed_file_stays() {
    let mut with_file = target();
    with_file.files.push(motd(vec![]));
    let mut facts = converged(&with_file);
    facts.nodes.get_mut("/etc/motd").unwrap().kind = NodeKind::Directory;
    assert_eq!(operations(&target(), &facts), ["ownership record"]);
}

#[test]
fn another_unit_notices_a_file_but_is_never_started() {
    let mut with_file = target();
    with_file.files.push(motd(vec![Notify::Unit("redis".to_owned())]));
    let mut facts = converged(&target());
    assert_eq!(operations(&with_file, &facts), ["file /etc/motd"]);
    facts.units.insert("redis.service".to_owned(), running("redis.service", 1.0));
    assert_eq!(operations(&with_file, &facts), ["file /etc/motd", "reload redis.service"]);
    unit(&mut facts, "redis.service").active = false;
    assert_eq!(operations(&with_file, &facts), ["file /etc/motd"]);
    // Its package comes with this plan, and starts it before the file is there.
    facts.units.remove("redis.service");
    with_file.packages.push("redis-server".parse().unwrap());
    assert_eq!(operations(&with_file, &facts), ["package redis-server", "file /etc/motd", "reload redis.service"]);
}

#[test]
fn a_lost_record_is_written_again_and_nothing_else() {
    check_host(|facts| facts.owned.clear(), &["ownership record"]);
}

#[test]
fn another_app_comes_alone() {
    let mut more = target();
    more.apps.push(app("api", 5002));
    let all = operations(&more, &converged(&target()));
    assert!(all.iter().all(|operation| operation.contains("api")), "{all:?}");
}

#[test]
fn a_variable_that_systemd_229_would_drop_is_refused() {
    let mut target = target();
    let value = |text: &str| EnvValue { value: text.to_owned(), secret: Some("SECRET".parse().unwrap()) };
    target.apps[0].env.insert("ONE".parse().unwrap(), value("a \"b\" \\"));
    let mut xenial = bare();
    xenial.os = provision::platform::Os { id: "ubuntu".to_owned(), version: "16.04".to_owned() };
    assert!(plan(&desired(&target), &xenial).is_ok());
    target.apps[0].env.insert("TWO".parse().unwrap(), value("hunter2\nhunter3"));
    let refusal = plan(&desired(&target), &xenial).expect_err("a refusal").to_string();
    assert!(refusal.contains("`TWO` in /etc/provision/") && !refusal.contains("hunter"), "{refusal}");
    assert!(plan(&desired(&target), &bare()).is_ok(), "newer versions take it");
}

#[test]
fn hashes_that_are_demanded_install_dependencies_again() {
    let mut strict = target();
    strict.apps[0].python.require_hashes = true;
    let mark = |target: &Target| desired(target).apps[0].release.python.clone();
    assert_ne!(mark(&strict), mark(&target()), "what is installed already was not checked");
    let plan = plan(&desired(&strict), &converged(&target())).expect("no refusal");
    let changes: Vec<String> = plan.changes.iter().map(|change| change.operation.to_string()).collect();
    assert!(changes.contains(&"python dependencies of hello".to_owned()), "{changes:?}");
}
