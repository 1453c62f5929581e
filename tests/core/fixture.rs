//! Targets built in code, and a host that is simulated: what it is like once a plan was carried out.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::time::Duration;

use indexmap::IndexMap;
use provision::apply::Payload;
use provision::desired::{Desired, ServiceKind};
use provision::digest::Digest;
use provision::fault::Fault;
use provision::model::{
    App, Bind, Connection, Directory, Hardening, Health, Init, Install, Limits, Link, Listen, Log, LogTarget, Mode,
    ProjectName, Python, Route, RouteTo, Site, Source, StatusRange, Target,
};
use provision::plan::{Operation, Plan};
use provision::platform::{Os, Platform};
use provision::probe::{Dependencies, Facts, Holding, Loaded, Node, NodeKind, Owned, Unit, Welcome};
use provision::render::render;
use provision::runtime;
use provision::source::Sources;
use provision::template::Engine;

/// The project of an inventory that names none.
pub fn usual() -> ProjectName {
    ProjectName::default()
}

/// What that project owns.
pub fn held(owned: Owned) -> Holding {
    Holding { project: usual(), owned }
}

pub fn app(name: &str, port: u16) -> App {
    App {
        name: name.parse().unwrap(),
        renamed_from: None,
        // A full commit needs no server to be resolved.
        source: Source::Git { url: "https://example.com/code.git".to_owned(), reference: "a".repeat(40) },
        runtime: runtime::USUAL,
        wsgi: "app:app".parse().unwrap(),
        bind: Bind::Tcp(([127, 0, 0, 1], port).into()),
        bind_allowance: None,
        user: name.parse().unwrap(),
        workers: Some(1),
        threads: 1,
        keepalive: 0,
        max_requests: 0,
        timeout: Duration::from_secs(30),
        graceful_timeout: Duration::from_secs(30),
        python: Python {
            install: Install::System,
            requirements: None,
            packages: vec!["flask".to_owned()],
            require_hashes: false,
        },
        hardening: Hardening::default(),
        limits: Limits::default(),
        env: IndexMap::new(),
        log: Log { access: LogTarget::Journal, error: LogTarget::Journal },
        health: Health {
            path: None,
            status: StatusRange { first: 200, last: 499 },
            timeout: Duration::from_secs(9),
            before_switch: true,
            rehearse: None,
            probation: None,
        },
        release_command: None,
        release_timeout: Duration::from_secs(600),
        keep_releases: 3,
    }
}

pub fn site(apps: &[&str]) -> Site {
    let route = |app: &&str| Route {
        path: format!("/{app}/").parse().unwrap(),
        to: RouteTo::App { app: app.parse().unwrap(), strip: None },
    };
    Site {
        name: "airbnb".parse().unwrap(),
        renamed_from: None,
        listen: vec![Listen::Port(80)],
        tls: None,
        server_names: vec![],
        default_server: true,
        catch_all: true,
        security_headers: true,
        headers: IndexMap::new(),
        max_body_bytes: 1 << 20,
        behind: Vec::new(),
        rate_limit: None,
        maintenance: false,
        routes: apps.iter().map(route).collect(),
    }
}

/// Two apps behind one site.
pub fn target() -> Target {
    Target {
        host: "web-01".parse().unwrap(),
        project: ProjectName::default(),
        keep_removed: Duration::from_secs(30 * 24 * 3600),
        groups: vec!["web".to_owned()],
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
        apps: vec![app("hello", 5000), app("web", 5001)],
        sites: vec![site(&["hello", "web"])],
        files: vec![],
        packages: vec![],
        vars: BTreeMap::new(),
        inventory: "production.yml".to_owned(),
    }
}

pub fn desired_on(target: &Target, init: Init) -> Desired {
    desired_with(&BTreeMap::from([("motd.tera".to_owned(), "hello\n".to_owned())]), target, init)
}

/// With templates of the user's own.
pub fn desired_with(templates: &BTreeMap<String, String>, target: &Target, init: Init) -> Desired {
    let engine = Engine::new(templates).unwrap();
    let platform = Platform::named(if init == Init::Systemd { "debian-12" } else { "ubuntu-16.04-upstart" }).unwrap();
    let rendered = render(target, &platform, &engine).unwrap();
    let sources = Sources::pin(&target.apps).unwrap();
    Desired::compose(target, rendered, &sources, &platform).unwrap()
}

pub fn desired(target: &Target) -> Desired {
    desired_on(target, Init::Systemd)
}

pub fn plan(desired: &Desired, facts: &Facts) -> Result<Plan, Fault> {
    provision::plan::plan(desired, facts)
}

/// A host with nothing but Python on it.
pub fn bare() -> Facts {
    let os = Os { id: "debian".to_owned(), version: "12".to_owned() };
    let mut facts = Facts { os, now: 1e9, ..Facts::default() };
    facts.packages.insert("python3".to_owned(), "3.11.2-1+b1".to_owned());
    facts.nodes.insert("/etc".to_owned(), node(NodeKind::Directory, 0o755, "root", "root", 1000.0, None));
    facts
}

/// The host that `target` describes, by way of its own plan.
pub fn converged(target: &Target) -> Facts {
    let desired = desired(target);
    let facts = bare();
    after(&desired, &plan(&desired, &facts).unwrap(), &facts)
}

pub fn file_node(content: &str) -> Node {
    node(NodeKind::File, 0o644, "root", "root", 1000.0, Some(content))
}

fn node(kind: NodeKind, mode: u32, owner: &str, group: &str, changed: f64, content: Option<&str>) -> Node {
    Node {
        kind,
        mode: Mode::new(mode),
        owner: owner.to_owned(),
        group: group.to_owned(),
        changed,
        digest: content.map(|content| Digest::of(content.as_bytes())),
        content: content.map(|content| content.as_bytes().to_vec()),
    }
}

/// What the host is like once the plan was carried out.
pub fn after(desired: &Desired, plan: &Plan, facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    // Whatever happened to the host before lies behind.
    let latest = facts.nodes.values().map(|node| node.changed).chain(facts.units.values().map(|unit| unit.started));
    let now = latest.chain(facts.loaded.values().map(|loaded| loaded.at)).fold(1000.0, f64::max) + 10.0;
    for change in &plan.changes {
        carry_out(desired, &change.operation, &mut facts, now);
    }
    for name in &plan.confirmed {
        remember(desired, name, &mut facts, now + 5.0);
    }
    facts.owned.clone_from(&plan.owned);
    facts
}

fn carry_out(desired: &Desired, operation: &Operation, facts: &mut Facts, now: f64) {
    match operation {
        Operation::InstallPackage(name) => {
            facts.packages.insert(name.to_string(), "1.0".to_owned());
        }
        Operation::CreateUser(user) => {
            facts.users.insert(user.name.to_string());
        }
        Operation::PutDirectory(Directory { path, mode, owner, group })
        | Operation::MendDirectory(Directory { path, mode, owner, group }) => {
            let node = node(NodeKind::Directory, mode.bits(), owner.as_str(), group.as_str(), now, None);
            facts.nodes.insert(path.to_string(), node);
        }
        Operation::GiveLogs(logs) => {
            facts.logs.extend(logs.paths.iter().map(|path| (path.to_string(), logs.to.to_string())));
        }
        Operation::PutFile(file) => {
            let (owner, group) = (file.owner.as_str(), file.group.as_str());
            let node = node(NodeKind::File, file.mode.bits(), owner, group, now, Some(&file.content));
            facts.nodes.insert(file.path.to_string(), node);
        }
        Operation::PutLink(Link { path, to }) => link(facts, path.as_str(), to.as_str(), now),
        Operation::AddRelease(app, id) => {
            facts.releases.entry(app.to_string()).or_default().insert(id.clone());
            let desired = desired.app(app).unwrap();
            if desired.app.python.install == Install::Venv {
                mark(facts, &format!("{app}@{id}"), desired);
            }
        }
        Operation::InstallPython(app) => {
            let desired = desired.app(app).unwrap();
            let venv = desired.app.python.install == Install::Venv;
            let name = if venv { format!("{app}@{}", desired.release.id) } else { app.to_string() };
            mark(facts, &name, desired);
        }
        Operation::ActivateRelease(app, id) => {
            link(facts, &format!("/srv/{app}/current"), &format!("/srv/{app}/releases/{id}"), now);
        }
        Operation::DisableWelcome => facts.welcome = Welcome::Absent,
        Operation::RestoreWelcome => facts.welcome = Welcome::Packaged,
        Operation::Start(name) | Operation::Restart(name, _) => {
            let unit = facts.units.entry(name.clone()).or_default();
            let runs = unit.active && matches!(operation, Operation::Start(_));
            if !runs {
                *unit = running(name, now + 1.0);
            }
            unit.enabled = true;
            remember(desired, name, facts, now + 2.0);
        }
        Operation::Reload(name) => remember(desired, name, facts, now + 2.0),
        Operation::MoveListener(app, ..) => {
            for name in [format!("{app}.socket"), format!("{app}.service")] {
                facts.units.insert(name.clone(), running(&name, now + 1.0));
                remember(desired, &name, facts, now + 2.0);
            }
        }
        Operation::PurgeApp(app) => drop(facts.releases.remove(app.as_str())),
        Operation::RemoveApp(app, keep) => {
            if !keep.is_zero() {
                facts.nodes.remove(&format!("/srv/{app}/current"));
                for name in [format!("{app}.socket"), format!("{app}.service")] {
                    facts.units.remove(&name);
                    facts.loaded.remove(&name);
                }
                return;
            }
            facts.releases.remove(app.as_str());
            facts.python.retain(|name, _| name != app.as_str() && !name.starts_with(&format!("{app}@")));
            facts.nodes.remove(&format!("/srv/{app}/current"));
            for name in [format!("{app}.socket"), format!("{app}.service")] {
                facts.units.remove(&name);
                facts.loaded.remove(&name);
            }
        }
        Operation::RemoveFile(path) | Operation::RemoveDirectory(path) => {
            facts.nodes.remove(path);
        }
        Operation::RemoveUser(name) => {
            facts.users.remove(name);
        }
        Operation::Record => {}
    }
}

fn link(facts: &mut Facts, path: &str, to: &str, now: f64) {
    facts.nodes.insert(path.to_owned(), node(NodeKind::Link(to.to_owned()), 0o777, "root", "root", now, None));
}

fn mark(facts: &mut Facts, name: &str, desired: &provision::desired::DesiredApp) {
    if let Some(mark) = &desired.release.python {
        let version = facts.packages["python3"].split('.').take(2).collect::<Vec<_>>().join(".");
        facts.python.insert(name.to_owned(), Dependencies { digest: mark.clone(), python: version });
    }
}

pub fn running(name: &str, started: f64) -> Unit {
    Unit {
        known: true,
        masked: false,
        active: true,
        enabled: true,
        state: "active".to_owned(),
        definition: format!("/etc/systemd/system/{name}"),
        needs_daemon_reload: false,
        pid: 7,
        started,
        instance: format!("7/{started}"),
    }
}

fn remember(desired: &Desired, name: &str, facts: &mut Facts, at: f64) {
    let Some(service) = desired.services.iter().find(|service| service.name == name) else { return };
    let instance = facts.units.get(name).map_or_else(|| "0/0".to_owned(), |unit| unit.instance.clone());
    let (restart, reload) = (service.restart.clone(), service.reload.clone());
    assert!(service.kind == ServiceKind::Other || facts.units.contains_key(name), "{name} was never started");
    let note = format!("{name}{}", desired.project.suffix());
    facts.loaded.insert(note, Loaded { instance, at, restart, reload });
}

/// The payload as a host receives it: as many bytes as were announced.
#[track_caller]
pub fn received(payload: &Payload) -> Vec<u8> {
    let mut stream = payload.archive().expect("names that can be archived");
    let mut bytes = vec![];
    stream.bytes.read_to_end(&mut bytes).expect("code that has not changed");
    assert_eq!(bytes.len() as u64, stream.length, "a host waits for what was announced, and for no more");
    bytes
}
