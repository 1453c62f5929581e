//! What the language accepts, and what it means.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use provision::model::{Bind, Install, Listen, LocalFolder, LogTarget, Notify, RouteTo, Source, StatusRange, Target};
use provision::resolve::Targets;

use super::{load, load_with};

const PRODUCTION: &str = include_str!("../fixtures/inventories/production.yml");

#[track_caller]
fn accept(text: &str) -> Targets {
    load("hosts.yml", text).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

#[track_caller]
fn host<'t>(targets: &'t Targets, name: &str) -> &'t Target {
    targets.all().iter().find(|target| target.host.as_str() == name).expect("the host is there")
}

#[test]
fn the_example_of_the_documentation() {
    let targets = accept(PRODUCTION);
    let target = host(&targets, "web-02");
    assert_eq!(target.connection.address, "203.0.113.11");
    assert_eq!(target.connection.user.as_deref(), Some("ubuntu"));
    assert!(target.connection.escalate);
    assert_eq!(target.groups, ["web"]);
    assert_eq!(target.inventory, "hosts.yml");

    let names: Vec<_> = target.apps.iter().map(|app| app.name.as_str()).collect();
    assert_eq!(names, ["api", "dynamic", "hello", "web"]);
    let web = target.app(&"web".parse().unwrap()).unwrap();
    let folder = LocalFolder {
        path: PathBuf::from("/project/inventories/../AirBnB_clone_v4"),
        include: vec![],
        inventory: PathBuf::from("/project/inventories/hosts.yml"),
    };
    assert_eq!(web.source, Source::Path(folder));
    assert_eq!(web.bind, Bind::Tcp("0.0.0.0:5003".parse().unwrap()));
    assert_eq!((web.workers, web.threads, web.keep_releases), (Some(3), 1, 5));
    assert_eq!(web.user.as_str(), "web");
    assert_eq!(web.python.install, Install::System);
    assert_eq!(web.python.requirements.as_ref().map(|path| path.as_str()), Some("requirements.txt"));
    let secrets: Vec<_> =
        web.env.iter().map(|(name, value)| (name.as_str(), value.value.as_str(), value.secret.is_some())).collect();
    assert_eq!(secrets, [("HBNB_ENV", "production", false), ("HBNB_MYSQL_PWD", "s3cret", true)]);
    assert_eq!(web.log.access, LogTarget::File("/tmp/airbnb-access.log".parse().unwrap()));
    assert_eq!(web.health.status, StatusRange { first: 200, last: 200 });

    let [site] = target.sites.as_slice() else { panic!("one site") };
    assert_eq!(site.headers.values().collect::<Vec<_>>(), ["web-02"]);
    assert_eq!((site.default_server, site.max_body_bytes), (true, 1 << 20));
    assert_eq!(site.listen, [Listen::Port(80)]);
    let routes: Vec<_> = site.routes.iter().map(|route| route.path.as_str()).collect();
    assert_eq!(routes, ["/airbnb-onepage/", "/airbnb-dynamic/", "/api/", "/static/", "/"]);
    assert!(
        matches!(&site.routes[1].to, RouteTo::App { strip: Some(strip), .. } if strip.as_str() == "/airbnb-dynamic")
    );
    assert!(matches!(&site.routes[3].to, RouteTo::Files { folder, .. } if folder.as_str() == "web_dynamic/static"));
}

#[test]
fn secrets_are_not_in_debug_output() {
    assert!(!format!("{:?}", accept(PRODUCTION)).contains("s3cret"));
}

#[test]
fn what_is_left_out_has_defaults() {
    let targets = accept(
        "version: 1\napps:\n  web: { source: { git: \"https://example.com/web.git\" }, wsgi: web:app, bind: 5000 }\n\
         hosts:\n  web-01: { apps: [web] }\n",
    );
    let target = host(&targets, "web-01");
    assert_eq!(target.connection.address, "web-01");
    assert_eq!((target.connection.port, target.connection.escalate), (None, false));
    assert_eq!(target.connection.connect_timeout, Duration::from_secs(10));
    assert_eq!(target.connection.persist, Duration::from_secs(60));
    let [app] = target.apps.as_slice() else { panic!("one app") };
    assert_eq!(app.source, Source::Git { url: "https://example.com/web.git".to_owned(), reference: "HEAD".to_owned() });
    assert_eq!(app.bind, Bind::Tcp("127.0.0.1:5000".parse().unwrap()));
    assert_eq!((app.workers, app.timeout), (None, Duration::from_secs(30)));
    assert_eq!((&app.log.access, &app.log.error), (&LogTarget::Off, &LogTarget::Journal));
    assert_eq!((&app.health.path, app.health.status), (&None, StatusRange { first: 100, last: 499 }));
    assert_eq!(app.python.requirements, None);
}

#[test]
fn a_health_path_alone_accepts_success_and_redirects() {
    let targets = accept(
        "version: 1\napps:\n  \
           web: { source: { path: . }, wsgi: web:app, bind: \"unix:/run/web/web.sock\", health: { path: /up } }\n\
         hosts:\n  web-01: { apps: [web] }\n",
    );
    let health = &host(&targets, "web-01").apps[0].health;
    assert_eq!(health.path.as_ref().map(|path| path.as_str()), Some("/up"));
    assert_eq!(health.status, StatusRange { first: 200, last: 399 });
}

const LEVELS: &str = "
version: 1
vars: { level: top, top: 1 }
ssh: { user: top, port: 22, private_key: ~/.ssh/top }
packages: [git]
files:
  - { template: motd, destination: /etc/motd }
  - { template: issue, destination: /etc/issue, mode: 0600, reload: [nginx, \"unit:ssh\"] }
groups:
  zebra: { hosts: [web-01], vars: { level: zebra, zebra: true }, packages: [curl, git] }
  europe: { children: [paris], vars: { level: europe, near: no } }
  paris: { hosts: [web-01], vars: { level: paris }, ssh: { user: paris, identity: keys/paris },
           files: [{ template: bonjour, destination: /etc/motd }] }
hosts:
  web-01: { vars: { host: [1, \"2\"] }, ssh: { port: 2222 } }
  web-02:
";

#[test]
fn nearer_levels_override_wider_ones() {
    let targets = accept(LEVELS);
    let target = host(&targets, "web-01");
    assert_eq!(target.groups, ["europe", "zebra", "paris"], "children come after parents");
    assert_eq!(
        serde_json::to_value(&target.vars).unwrap(),
        serde_json::json!({ "level": "paris", "top": 1, "zebra": true, "near": "no", "host": [1, "2"] })
    );
    assert_eq!((target.connection.user.as_deref(), target.connection.port), (Some("paris"), Some(2222)));
    assert_eq!(target.connection.identity, Some(PathBuf::from("/project/inventories/keys/paris")));
    assert_eq!(host(&targets, "web-02").connection.identity, Some(PathBuf::from("/home/me/.ssh/top")));
    let packages: Vec<_> = target.packages.iter().map(|package| package.as_str()).collect();
    assert_eq!(packages, ["curl", "git"]);
    let files: Vec<_> = target.files.iter().map(|file| (file.template.as_str(), file.destination.as_str())).collect();
    assert_eq!(files, [("issue", "/etc/issue"), ("bonjour", "/etc/motd")]);
    assert_eq!(target.files[0].mode.bits(), 0o600);
    assert_eq!(target.files[0].notify, [Notify::Nginx, Notify::Unit("ssh".to_owned())]);
    assert_eq!(host(&targets, "web-02").vars["level"], "top");
}

#[test]
fn the_command_line_overrides_every_level() {
    let extra = BTreeMap::from([("level".to_owned(), serde_json::json!("mine"))]);
    let targets = load_with("hosts.yml", LEVELS, extra).unwrap();
    assert!(targets.all().iter().all(|target| target.vars["level"] == "mine"));
}

#[test]
fn expressions_stand_wherever_a_text_does() {
    let targets = accept(
        r#"
version: 1
ssh: { user: "deploy-{{ vars.stage }}", port: "{{ vars.port | default(value=22) }}" }
vars: { stage: live, workers: 3 }
apps:
  web:
    source: { git: "https://example.com/{{ vars.stage }}.git", ref: "{{ vars.stage }}" }
    wsgi: web:app
    bind: "127.0.0.1:{{ 5000 + vars.workers }}"
    workers: "{{ vars.workers * 2 }}"
    env: { HOST: "{{ host.name }} {{ host.address }} {{ host.groups | join(sep='+') }}" }
  unused: { source: { path: . }, wsgi: a:b, bind: "{{ vars.not_defined }}", spare: true }
groups:
  web: { hosts: ["web-[01:02]"], apps: [web], files: [{ template: motd, destination: "/etc/{{ host.name }}" }] }
hosts:
  "web-[01:02]": { address: "{{ host.name }}.example.com" }
"#,
    );
    let target = host(&targets, "web-02");
    assert_eq!(target.connection.address, "web-02.example.com");
    let in_brackets = accept("version: 1\nhosts: { web-01: { address: \"[fd00::1]\", packages: [htop] } }\n");
    assert_eq!(host(&in_brackets, "web-01").connection.address, "fd00::1");
    assert_eq!((target.connection.user.as_deref(), target.connection.port), (Some("deploy-live"), Some(22)));
    let app = &target.apps[0];
    assert_eq!((app.workers, app.bind.to_string().as_str()), (Some(6), "127.0.0.1:5003"));
    assert_eq!(app.env.values().next().map(|value| value.value.as_str()), Some("web-02 web-02.example.com web"));
    assert_eq!(target.files[0].destination.as_str(), "/etc/web-02");
}

#[test]
fn anchors_and_merge_keys_work() {
    let targets = accept(
        "version: 1\napps:\n  one: &app { source: { path: . }, wsgi: web:app, bind: 5001, workers: 4 }\n\
         \x20 two:\n    <<: *app\n    bind: 5002\nhosts:\n  web-01: { apps: [one, two] }\n",
    );
    let apps = &host(&targets, "web-01").apps;
    assert_eq!(
        apps.iter().map(|app| (app.workers, app.bind.to_string())).collect::<Vec<_>>(),
        [(Some(4), "127.0.0.1:5001".to_owned()), (Some(4), "127.0.0.1:5002".to_owned())]
    );
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    accept("\u{feff}version: 1\nhosts: { web-01: { packages: [htop] } }\n");
}

#[test]
fn sites_of_different_names_share_a_listener() {
    accept(
        "version: 1\napps: { web: { source: { path: . }, wsgi: web:app, bind: 5000 } }\nsites:\n\
         \x20 a: { server_names: [a.example.com], routes: { /: { app: web } } }\n\
         \x20 b: { server_names: [b.example.com], routes: { /: { app: web } } }\n\
         \x20 c: { listen: [8080, \"[::1]:80\"], routes: { /: { app: web } } }\n\
         \x20 d: { routes: { /: { app: web } } }\n\
         hosts: { web-01: { sites: [a, b, c, d] } }\n",
    );
}

#[test]
fn hosts_are_selected_in_the_order_of_the_inventory() {
    let targets = accept(PRODUCTION);
    let none = |_: &str| Err("no file".to_owned());
    let select = |pattern: &str| -> Vec<String> {
        let selected = targets.select(&[pattern.to_owned()], None, &none).unwrap();
        selected.iter().map(|target| target.host.to_string()).collect()
    };
    assert_eq!(select("web-02,web-01"), ["web-01", "web-02"]);
    assert_eq!(select("web:!web-01"), ["web-02"]);
}

proptest::proptest! {
    /// Whatever is cut out of an inventory, or put into it, the answer is a message and not a panic.
    #[test]
    fn damaged_inventories_are_refused_in_peace(
        start in 0usize..1800,
        length in 0usize..60,
        inserted in "[\\[\\]{}:,'\"\n\t #&*!|>@%a-z0-9é-]{0,6}",
    ) {
        let is_boundary = |at: &usize| PRODUCTION.is_char_boundary(*at);
        let boundary = |at: usize| (0..=at.min(PRODUCTION.len())).rev().find(is_boundary).unwrap_or(0);
        let text = format!("{}{inserted}{}", &PRODUCTION[..boundary(start)], &PRODUCTION[boundary(start + length)..]);
        if let Err(mistakes) = load("hosts.yml", &text) {
            let shown = mistakes.to_string();
            proptest::prop_assert!(shown.starts_with("error: ") && shown.contains("help: "), "{}", shown);
        }
    }
}

#[test]
fn a_host_of_which_nothing_is_said_is_reached_as_an_ssh_destination_is() {
    let targets = load("inventory.yml", "version: 1\nhosts: { web-01: { spare: true } }\n").expect("a valid inventory");
    assert_eq!(targets.all()[0].connection, provision::model::Connection::to("web-01"));
}

#[test]
fn hashes_and_the_release_commands_time_reach_the_app() {
    let inventory = |keys: &str| {
        format!(
            "version: 1\napps:\n  web:\n    source: {{ path: web }}\n    wsgi: web.app:app\n    bind: \
             5000\n{keys}hosts:\n  web-01: {{ apps: [web] }}\n"
        )
    };
    let app = |keys: &str| host(&accept(&inventory(keys)), "web-01").apps[0].clone();
    let plain = app("");
    assert_eq!((plain.python.require_hashes, plain.release_timeout), (false, Duration::from_secs(600)));
    let told = app("    python: { requirements: requirements.txt, require_hashes: true }\n    release_timeout: 24h\n");
    assert_eq!((told.python.require_hashes, told.release_timeout), (true, Duration::from_secs(86_400)));
}
