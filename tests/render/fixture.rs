//! A target that uses every branch of every template, built without an inventory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use provision::model::{
    App, Bind, Connection, EnvValue, Guard, Hardening, Health, Init, Install, Limits, Listen, LocalFolder, Log,
    LogTarget, ProjectName, Python, Route, RouteTo, Site, Source, StatusRange, Target,
};
use provision::platform::Platform;
use provision::render::{Rendered, render};
use provision::runtime;
use provision::template::Engine;

pub const INITS: [Init; 2] = [Init::Systemd, Init::Upstart];

pub fn app(name: &str, wsgi: &str, bind: Bind) -> App {
    App {
        name: name.parse().unwrap(),
        renamed_from: None,
        source: Source::Path(LocalFolder {
            path: PathBuf::from("/code"),
            include: Vec::new(),
            inventory: PathBuf::from("/hosts.yml"),
        }),
        runtime: runtime::USUAL,
        wsgi: wsgi.parse().unwrap(),
        bind_allowance: bind
            .is_open()
            .then(|| "allow gunicorn/open-bind because the course asks the apps by their ports".to_owned()),
        bind,
        user: name.parse().unwrap(),
        workers: Some(1),
        threads: 1,
        keepalive: 0,
        max_requests: 0,
        timeout: Duration::from_secs(30),
        graceful_timeout: Duration::from_secs(30),
        python: Python { install: Install::System, requirements: None, packages: Vec::new(), require_hashes: false },
        hardening: Hardening::default(),
        limits: Limits::default(),
        env: IndexMap::new(),
        log: Log { access: LogTarget::Journal, error: LogTarget::Journal },
        health: Health {
            path: None,
            status: StatusRange { first: 200, last: 499 },
            timeout: Duration::from_secs(30),
            before_switch: true,
            rehearse: None,
            probation: None,
        },
        release_command: None,
        release_timeout: Duration::from_secs(600),
        keep_releases: 5,
    }
}

pub fn tcp(address: &str) -> Bind {
    Bind::Tcp(address.parse().unwrap())
}

/// The site and apps of `inventories/airbnb.yml`, and beside them `queue`: a Unix socket, threads and a virtual
/// environment.
pub fn target(init: Init) -> Target {
    let hello = app("hello", "web_flask.0-hello_route:app", tcp("0.0.0.0:5000"));
    let dynamic = app("dynamic", "web_flask.6-number_odd_or_even:app", tcp("0.0.0.0:5001"));
    let mut api = app("api", "api.v1.app:app", tcp("0.0.0.0:5002"));
    api.log = Log { access: LogTarget::Off, error: LogTarget::File("/var/log/api/error.log".parse().unwrap()) };
    let mut web = app("web", "web_dynamic.2-hbnb:app", tcp("0.0.0.0:5003"));
    web.workers = Some(3);
    web.env.insert("HBNB_ENV".parse().unwrap(), EnvValue { value: "production".to_owned(), secret: None });
    let password = EnvValue { value: "pa$$ \"w\"\nord".to_owned(), secret: Some("HBNB_MYSQL_PWD".parse().unwrap()) };
    web.env.insert("HBNB_MYSQL_PWD".parse().unwrap(), password);
    web.log = Log {
        access: LogTarget::File("/tmp/airbnb-access.log".parse().unwrap()),
        error: LogTarget::File("/tmp/airbnb-error.log".parse().unwrap()),
    };
    let socket = if init == Init::Systemd { "/run/queue.sock" } else { "/tmp/queue.sock" };
    let mut queue = app("queue", "queue_app:app", Bind::Unix(socket.parse().unwrap()));
    queue.threads = 4;
    queue.workers = None;
    queue.max_requests = 1000;
    queue.limits.memory = Some(512 << 20);
    queue.hardening.write.push("/var/lib/queue".parse().unwrap());
    queue
        .hardening
        .loosen
        .extend(["MemoryDenyWriteExecute", "PrivateUsers"].map(|name| name.parse::<Guard>().unwrap()));
    queue.python.install = Install::Venv;
    queue.log.access = LogTarget::File("/home/queue/access.log".parse().unwrap());

    let to = |app: &str, strip: Option<&str>| RouteTo::App {
        app: app.parse().unwrap(),
        strip: strip.map(|strip| strip.parse().unwrap()),
    };
    let route = |path: &str, to: RouteTo| Route { path: path.parse().unwrap(), to };
    let files = RouteTo::Files {
        app: "web".parse().unwrap(),
        folder: "web_dynamic/static".parse().unwrap(),
        cache: Duration::from_secs(3600),
    };
    let well_known =
        RouteTo::Files { app: "web".parse().unwrap(), folder: "well-known".parse().unwrap(), cache: Duration::ZERO };
    let airbnb = Site {
        name: "airbnb".parse().unwrap(),
        renamed_from: None,
        listen: vec![Listen::Port(80)],
        tls: None,
        server_names: Vec::new(),
        default_server: true,
        catch_all: true,
        security_headers: true,
        headers: IndexMap::from([("X-Served-By".parse().unwrap(), "web-01".to_owned())]),
        max_body_bytes: 1 << 20,
        behind: Vec::new(),
        rate_limit: None,
        maintenance: false,
        routes: vec![
            route("/airbnb-onepage/", to("hello", None)),
            route("/airbnb-dynamic/", to("dynamic", Some("/airbnb-dynamic"))),
            route("/api/", to("api", None)),
            route("/static/", files),
            route("/", to("web", None)),
        ],
    };
    let queue_site = Site {
        name: "queue".parse().unwrap(),
        renamed_from: None,
        listen: vec![Listen::Address("127.0.0.1:8080".parse().unwrap())],
        tls: None,
        server_names: vec!["queue.example.com".parse().unwrap(), "*.queue.example.com".parse().unwrap()],
        default_server: false,
        catch_all: true,
        security_headers: true,
        headers: IndexMap::from([("X-Note".parse().unwrap(), "say \"hi\"; or }".to_owned())]),
        max_body_bytes: 10_000,
        behind: Vec::new(),
        rate_limit: None,
        maintenance: false,
        routes: vec![route("/jobs/v1/", to("queue", Some("/jobs"))), route("/.well-known/", well_known)],
    };
    Target {
        host: "web-01".parse().unwrap(),
        project: ProjectName::default(),
        keep_removed: Duration::from_secs(30 * 24 * 3600),
        groups: vec!["all".to_owned(), "web".to_owned()],
        connection: Connection {
            address: "203.0.113.10".to_owned(),
            port: None,
            user: None,
            identity: None,
            known_hosts: None,
            escalate: true,
            connect_timeout: Duration::from_secs(10),
            persist: Duration::from_secs(60),
        },
        apps: vec![hello, dynamic, api, web, queue],
        sites: vec![airbnb, queue_site],
        files: Vec::new(),
        packages: Vec::new(),
        vars: BTreeMap::new(),
        inventory: "inventories/airbnb.yml".to_owned(),
    }
}

/// Ubuntu 16.04, where least is known.
pub fn platform(init: Init) -> Platform {
    Platform::named(if init == Init::Systemd { "ubuntu-16.04" } else { "ubuntu-16.04-upstart" }).unwrap()
}

pub fn rendered(init: Init) -> Rendered {
    rendered_on(&target(init), &platform(init))
}

pub fn rendered_on(target: &Target, platform: &Platform) -> Rendered {
    rendered_with(target, platform, &Engine::new(&BTreeMap::new()).unwrap())
}

/// The same from templates of the test's own.
pub fn rendered_with(target: &Target, platform: &Platform, engine: &Engine) -> Rendered {
    render(target, platform, engine).unwrap_or_else(|error| panic!("{error}"))
}
