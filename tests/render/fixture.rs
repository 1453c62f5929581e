//! A target that uses every branch of every template, built without an inventory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use provision::model::{
    App, Bind, Connection, EnvValue, Health, Init, Install, Listen, Log, LogTarget, Python, Route, RouteTo, Site,
    Source, StatusRange, Target,
};
use provision::render::{Rendered, render};
use provision::template::Engine;

pub const INITS: [Init; 2] = [Init::Systemd, Init::Upstart];

pub fn app(name: &str, wsgi: &str, bind: Bind) -> App {
    App {
        name: name.parse().unwrap(),
        source: Source::Path(PathBuf::from("/code")),
        wsgi: wsgi.parse().unwrap(),
        bind,
        user: name.parse().unwrap(),
        workers: 1,
        threads: 1,
        timeout: Duration::from_secs(30),
        graceful_timeout: Duration::from_secs(30),
        python: Python { install: Install::System, requirements: None, packages: Vec::new() },
        env: IndexMap::new(),
        log: Log { access: LogTarget::Journal, error: LogTarget::Journal },
        health: Health { path: None, status: StatusRange { first: 200, last: 499 }, timeout: Duration::from_secs(30) },
        release_command: None,
        keep_releases: 5,
    }
}

pub fn tcp(address: &str) -> Bind {
    Bind::Tcp(address.parse().unwrap())
}

/// The site and apps of `inventories/airbnb.yml`, and beside them `queue`: a Unix socket, threads and a virtual environment.
pub fn target(init: Init) -> Target {
    let hello = app("hello", "web_flask.0-hello_route:app", tcp("0.0.0.0:5000"));
    let dynamic = app("dynamic", "web_flask.6-number_odd_or_even:app", tcp("0.0.0.0:5001"));
    let mut api = app("api", "api.v1.app:app", tcp("0.0.0.0:5002"));
    api.log = Log { access: LogTarget::Off, error: LogTarget::File("/var/log/api/error.log".parse().unwrap()) };
    let mut web = app("web", "web_dynamic.2-hbnb:app", tcp("0.0.0.0:5003"));
    web.workers = 3;
    web.env.insert("HBNB_ENV".parse().unwrap(), EnvValue { value: "production".to_owned(), secret: false });
    let password = EnvValue { value: "pa$$ \"w\"\nord".to_owned(), secret: true };
    web.env.insert("HBNB_MYSQL_PWD".parse().unwrap(), password);
    web.log = Log {
        access: LogTarget::File("/tmp/airbnb-access.log".parse().unwrap()),
        error: LogTarget::File("/tmp/airbnb-error.log".parse().unwrap()),
    };
    let socket = if init == Init::Systemd { "/run/queue.sock" } else { "/tmp/queue.sock" };
    let mut queue = app("queue", "queue_app:app", Bind::Unix(socket.parse().unwrap()));
    queue.threads = 4;
    queue.python.install = Install::Venv;
    queue.log.access = LogTarget::File("/home/queue/access.log".parse().unwrap());

    let to = |app: &str, strip: Option<&str>| RouteTo::App {
        app: app.parse().unwrap(),
        strip: strip.map(|strip| strip.parse().unwrap()),
    };
    let route = |path: &str, to: RouteTo| Route { path: path.parse().unwrap(), to };
    let files = RouteTo::Files { app: "web".parse().unwrap(), folder: "web_dynamic/static".parse().unwrap() };
    let well_known = RouteTo::Files { app: "web".parse().unwrap(), folder: "well-known".parse().unwrap() };
    let airbnb = Site {
        name: "airbnb".parse().unwrap(),
        listen: vec![Listen::Port(80)],
        server_names: Vec::new(),
        default_server: true,
        headers: IndexMap::from([("X-Served-By".parse().unwrap(), "web-01".to_owned())]),
        max_body_bytes: 1 << 20,
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
        listen: vec![Listen::Address("127.0.0.1:8080".parse().unwrap())],
        server_names: vec!["queue.example.com".parse().unwrap(), "*.queue.example.com".parse().unwrap()],
        default_server: false,
        headers: IndexMap::from([("X-Note".parse().unwrap(), "say \"hi\"; or }".to_owned())]),
        max_body_bytes: 10_000,
        routes: vec![route("/jobs/v1/", to("queue", Some("/jobs"))), route("/.well-known/", well_known)],
    };
    Target {
        host: "web-01".parse().unwrap(),
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

pub fn rendered(init: Init) -> Rendered {
    rendered_with(init, &Engine::new(&BTreeMap::new()).unwrap())
}

/// The same from templates of the test's own.
pub fn rendered_with(init: Init, engine: &Engine) -> Rendered {
    render(&target(init), init, engine).unwrap_or_else(|error| panic!("{error}"))
}
