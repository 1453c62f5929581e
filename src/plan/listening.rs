//! How an app gets another listener. Two cannot listen at one address at once: whoever has it stops first, be it
//! another app or the same one. Where nobody needs the former address, somebody answers there until Nginx has turned
//! away.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Handover, Meanwhile, Operation};
use super::sockets;
use crate::desired::{Desired, HostedApp, Service, ServiceKind};
use crate::lint::bound;
use crate::model::layout;
use crate::model::{AppName, Bind, Init};
use crate::probe::{Facts, Node, Owned, Unit};

/// How the listener of `app` moves, once `changes` are made; `None` where nothing is in the way of opening it. `again`
/// says that what it is now has to be closed.
pub fn handover(
    app: &HostedApp,
    again: bool,
    desired: &Desired,
    facts: &Facts,
    changes: &[Change],
) -> Option<Handover> {
    let from = holders(app, desired, facts);
    if !from.is_empty() {
        return Some(Handover::From(from));
    }
    let held = is_held(&app.name, &facts.units);
    if !again && !held {
        return None;
    }
    let unit = layout::SOCKET.of(&(&app.name).into());
    let changes =
        changes.iter().any(|change| matches!(&change.operation, Operation::PutFile(file) if file.path == unit));
    let moves = changes && listener(&app.name, facts).is_some_and(|before| before != app.bind);
    // A path can be opened anew while somebody still answers whoever found the former one.
    let can_overlap = moves || matches!(app.bind, Bind::Unix(_));
    // Who cannot run twice has nobody to stand in for it.
    Some(if can_overlap && !held && app.proof().is_some() { Handover::Seamless } else { Handover::Gap })
}

/// What becomes of requests while `service` restarts.
pub fn meanwhile(service: &Service, desired: &Desired) -> Meanwhile {
    let ServiceKind::Process(app) = &service.kind else { return Meanwhile::Served };
    match desired.app(app).map(|desired| &desired.app) {
        Some(app) if desired.init == Init::Upstart || !app.runtime.inherits_listener => Meanwhile::Refused,
        Some(app) if app.proof().is_none() => Meanwhile::Wait,
        _ => Meanwhile::Served,
    }
}

/// Where another app is to listen nobody may go on answering.
pub fn give_way(acts: &mut [Change]) {
    let mut givers = BTreeSet::new();
    for act in acts.iter() {
        if let Operation::MoveListener(_, _, Handover::From(from)) = &act.operation {
            givers.extend(from.iter().cloned());
        }
    }
    for act in acts {
        if let Operation::MoveListener(app, _, handover @ Handover::Seamless) = &mut act.operation
            && givers.contains(app)
        {
            *handover = Handover::Gap;
        }
    }
}

/// An app that runs without its listener holds the address by itself, and systemd would refuse to start the listener.
fn is_held(app: &AppName, units: &BTreeMap<String, Unit>) -> bool {
    let active = |name: &str| units.get(name).is_some_and(|unit| unit.active);
    !active(&layout::listener(app)) && active(&layout::process(app, Init::Systemd))
}

/// The apps that now listen where `app` is to listen. In the inventory they are elsewhere, or no more.
fn holders(app: &HostedApp, desired: &Desired, facts: &Facts) -> Vec<AppName> {
    let owned = facts.owned_by(&desired.project);
    let apps = owned.filter_map(|owned| if let Owned::App(name) = owned { name.parse().ok() } else { None });
    let holds =
        |other: &AppName| *other != app.name && listener(other, facts).is_some_and(|held| held.clashes(&app.bind));
    apps.filter(holds).collect()
}

/// Where an app listens now, by its socket unit or, where it listens by itself, by its settings.
pub(super) fn listening(app: &AppName, facts: &Facts) -> Option<Bind> {
    let settings = format!("{}/", layout::SETTINGS.of(app));
    let bind = |(_, node): (&String, &Node)| {
        let bind = bound(&String::from_utf8_lossy(node.content.as_ref()?))?;
        match bind.strip_prefix("unix:") {
            Some(path) => path.parse().map(Bind::Unix).ok(),
            None => bind.parse().map(Bind::Tcp).ok(),
        }
    };
    let below = facts.nodes.range(settings.clone()..).take_while(|(path, _)| path.starts_with(&settings));
    listener(app, facts).or_else(|| below.into_iter().find_map(bind))
}

/// Where an app listens now, by its socket unit.
fn listener(app: &AppName, facts: &Facts) -> Option<Bind> {
    let content = facts.nodes.get(layout::SOCKET.of(&app.into()).as_str())?.content.as_ref()?;
    let address = sockets::address(str::from_utf8(content).ok()?)?;
    address.parse().map(Bind::Tcp).or_else(|_| address.parse().map(Bind::Unix)).ok()
}
