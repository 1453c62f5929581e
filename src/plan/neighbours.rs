//! Other projects on the same host: what one of them owns no other touches. Whoever comes second is refused, whatever
//! the two claim: an app, a user, a path, a listener, or the names of a server. What a host has once for all sites or
//! apps belongs to every project that needs it; [`super::common`] says when one may write it.

use std::collections::BTreeMap;

use super::listening::listening;
use crate::desired::{Desired, ServiceKind};
use crate::fault::Fault;
use crate::lint::{Server, servers};
use crate::model::layout::{self, app_around, folders_of, in_nginx, is_shared};
use crate::model::{AppName, Bind, ProjectName, RemotePath};
use crate::probe::{Facts, Holding, Owned};

/// Refuses a plan that claims what another project has.
pub fn refuse_clashes(desired: &Desired, facts: &Facts) -> Result<(), Fault> {
    let others: Vec<&Holding> = facts.owned_by_others(&desired.project).collect();
    if others.is_empty() {
        return Ok(());
    }
    let clash = accounts(desired, &others)
        .or_else(|| units(desired, &others))
        .or_else(|| paths(desired, facts, &others))
        .or_else(|| folders(desired, &others))
        .or_else(|| listeners(desired, facts, &others));
    clash.map_or(Ok(()), |clash| Err(clash.refusal(&desired.project)))
}

/// What two projects claim.
struct Clash<'a> {
    what: String,
    theirs: &'a ProjectName,
    hint: &'static str,
}

const SEPARATE: &str = "give one of the two another name, path, port or `server_names`; if both inventories are one \
                        project, join them into one";

const NO_DEFAULT: &str = "write `catch_all: false` into the sites of this inventory that listen there: the other \
                          project's site answers for unknown names";

impl Clash<'_> {
    fn refusal(&self, ours: &ProjectName) -> Fault {
        let Self { what, theirs, hint } = self;
        Fault::new(format!("project `{ours}` claims {what}, which belongs to project `{theirs}` on this host"))
            .hint(*hint)
    }
}

fn clash<'a>(what: impl Into<String>, theirs: &'a Holding) -> Clash<'a> {
    Clash { what: what.into(), theirs: &theirs.project, hint: SEPARATE }
}

/// Apps and users. The user that builds packages is of every project that has an app.
fn accounts<'a>(desired: &Desired, others: &[&'a Holding]) -> Option<Clash<'a>> {
    others.iter().find_map(|theirs| match &theirs.owned {
        Owned::App(name) | Owned::Kept { app: name, .. } => {
            let same = desired.apps.iter().any(|app| app.app.name.as_str() == name);
            same.then(|| clash(format!("the app `{name}`"), theirs))
        }
        Owned::User(name) | Owned::Reserved(name) if name != layout::BUILDER => {
            let same = desired.users.iter().any(|user| user.name.as_str() == name);
            same.then(|| clash(format!("the user `{name}`"), theirs))
        }
        _ => None,
    })
}

/// Their apps, by name. What a host says of them may be long, and is gone through once.
fn apps<'a>(others: &[&'a Holding]) -> BTreeMap<&'a str, &'a Holding> {
    let app = |theirs: &&'a Holding| match &theirs.owned {
        Owned::App(name) | Owned::Kept { app: name, .. } => Some((name.as_str(), *theirs)),
        _ => None,
    };
    others.iter().filter_map(app).collect()
}

/// A unit of an app that an extra file would reload.
fn units<'a>(desired: &Desired, others: &[&'a Holding]) -> Option<Clash<'a>> {
    let apps = apps(others);
    desired.services.iter().filter(|service| service.kind == ServiceKind::Other).find_map(|service| {
        let app: AppName = service.name.split('.').next()?.parse().ok()?;
        let theirs = apps.get(app.as_str())?;
        let its_own = layout::services_of(&(&app).into(), desired.init).contains(&service.name);
        its_own.then(|| clash(format!("the unit `{}`", service.name), theirs))
    })
}

/// Every path that `desired` writes.
fn written(desired: &Desired) -> impl Iterator<Item = &RemotePath> {
    desired.files.iter().map(|file| &file.path).chain(desired.links.iter().map(|link| &link.path))
}

/// One path, other than those that a host has once. A folder may be of several projects that want it to be the same.
fn paths<'a>(desired: &Desired, facts: &Facts, others: &[&'a Holding]) -> Option<Clash<'a>> {
    let mut taken = BTreeMap::new();
    for theirs in others {
        match &theirs.owned {
            Owned::File(path) | Owned::Replaced(path) | Owned::Link(path) | Owned::Directory(path) => {
                taken.insert(path.as_str(), *theirs);
            }
            Owned::User(_) | Owned::Reserved(_) | Owned::App(_) | Owned::Kept { .. } | Owned::Welcome => {}
        }
    }
    let file = written(desired).find_map(|path| {
        let theirs = taken.get(path.as_str()).filter(|_| !is_shared(path.as_str()))?;
        let site = layout::SITE.name_in(path.as_str()).or_else(|| layout::SITE_LINK.name_in(path.as_str()));
        let what = site.map_or_else(|| format!("the path {path}"), |site| format!("the site `{site}`"));
        Some(clash(what, theirs))
    });
    let folder = || {
        desired.directories.iter().find_map(|directory| {
            let theirs = taken.get(directory.path.as_str())?;
            let node = facts.nodes.get(directory.path.as_str())?;
            let (owner, group) = (directory.owner.as_str(), directory.group.as_str());
            let same = node.mode == directory.mode && node.owner == owner && node.group == group;
            (!same && !is_shared(directory.path.as_str()))
                .then(|| clash(format!("the folder {}", directory.path), theirs))
        })
    };
    file.or_else(folder)
}

/// A path in a folder that is another project's as a whole, or a folder of ours in which another project has a path.
fn folders<'a>(desired: &Desired, others: &[&'a Holding]) -> Option<Clash<'a>> {
    let apps = apps(others);
    let inside = written(desired).find_map(|path| {
        let app = app_around(path)?;
        let theirs = apps.get(app.as_str())?;
        Some(clash(format!("the path {path} in a folder of the app `{app}`"), theirs))
    });
    let ours: Vec<(&AppName, String)> = desired
        .apps
        .iter()
        .flat_map(|app| folders_of(&app.app.name).map(|folder| (&app.app.name, format!("{folder}/"))))
        .collect();
    inside.or_else(|| {
        others.iter().find_map(|theirs| match &theirs.owned {
            Owned::File(path) | Owned::Replaced(path) | Owned::Link(path) => {
                let (app, _) = ours.iter().find(|(_, folder)| path.starts_with(folder))?;
                Some(clash(format!("a folder of the app `{app}` with the path {path}"), theirs))
            }
            _ => None,
        })
    })
}

/// One listener of two apps, of an app and of Nginx, or one name of two servers at one address.
fn listeners<'a>(desired: &Desired, facts: &Facts, others: &[&'a Holding]) -> Option<Clash<'a>> {
    let their_servers: Vec<(&Holding, &str, Server)> = others
        .iter()
        .filter_map(|theirs| match &theirs.owned {
            Owned::File(path) | Owned::Replaced(path) if in_nginx(path) => Some((*theirs, path.as_str())),
            _ => None,
        })
        .flat_map(|(theirs, path)| {
            let content = facts.nodes.get(path).and_then(|node| node.content.as_ref());
            let content = content.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
            servers(&content).into_iter().map(move |server| (theirs, path, server))
        })
        .collect();
    let our_servers: Vec<(&str, Server)> = desired
        .files
        .iter()
        .filter(|file| in_nginx(file.path.as_str()))
        .flat_map(|file| servers(&file.content).into_iter().map(|server| (file.path.as_str(), server)))
        .collect();
    let their_apps: Vec<(&Holding, Bind)> = others
        .iter()
        .filter_map(|theirs| match &theirs.owned {
            Owned::App(name) => Some((*theirs, listening(&name.parse().ok()?, facts)?)),
            _ => None,
        })
        .collect();
    for bind in desired.apps.iter().map(|app| &app.app.bind) {
        if let Some((theirs, _)) = their_apps.iter().find(|(_, other)| other.clashes(bind)) {
            return Some(clash(format!("the listener `{bind}`"), theirs));
        }
        if let Some((theirs, ..)) = their_servers.iter().find(|(_, _, server)| takes(bind, server)) {
            return Some(clash(format!("the listener `{bind}`"), theirs));
        }
    }
    for (path, server) in &our_servers {
        if let Some((theirs, bind)) = their_apps.iter().find(|(_, bind)| takes(bind, server)) {
            return Some(clash(format!("the listener `{bind}`"), theirs));
        }
        let claims = |(theirs, at, other): &(&'a Holding, &str, Server)| {
            between((path, server), (at, other)).map(|what| clash(what, theirs))
        };
        if let Some(found) = their_servers.iter().find_map(claims) {
            let hint = if *path == layout::DEFAULT_SERVER.as_str() { NO_DEFAULT } else { found.hint };
            return Some(Clash { hint, ..found });
        }
    }
    None
}

/// Would an app that listens there keep Nginx from listening for that server, or the reverse?
fn takes(bind: &Bind, server: &Server) -> bool {
    server.listeners.iter().any(|listener| {
        let address = listener.address.replace("*:", "0.0.0.0:");
        match bind {
            Bind::Tcp(_) => address.parse().is_ok_and(|socket| bind.takes(socket)),
            Bind::Unix(path) => address.strip_prefix("unix:") == Some(path.as_str()),
        }
    })
}

/// What two servers in those files cannot both have.
fn between((path, ours): (&str, &Server), (at, theirs): (&str, &Server)) -> Option<String> {
    // One file of both projects.
    if path == at {
        return None;
    }
    // The server for unknown names has none itself.
    let nameless = [path, at].contains(&layout::DEFAULT_SERVER.as_str());
    let no_names = ours.names.is_empty() && theirs.names.is_empty() && !nameless;
    let shared = || ours.names.iter().find(|name| theirs.names.iter().any(|other| other.eq_ignore_ascii_case(name)));
    ours.listeners.iter().find_map(|listener| {
        let other = theirs.listeners.iter().find(|other| other.address == listener.address)?;
        let address = match listener.address.strip_prefix("*:") {
            Some(port) => format!("port {port}"),
            None => format!("`{}`", listener.address),
        };
        if listener.tls != other.tls {
            return Some(format!("{address} for {}", if listener.tls { "HTTPS" } else { "plain HTTP" }));
        }
        if listener.is_default && other.is_default {
            return Some(format!("the requests for unknown names on {address}"));
        }
        if no_names {
            return Some(format!("any host name on {address}"));
        }
        shared().map(|name| format!("`{name}` on {address}"))
    })
}
