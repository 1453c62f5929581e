//! How an app gets another listener. Two cannot listen at one address at once: whoever has it stops first, be it
//! another app or the same one. Where nobody needs the former address, somebody answers there until Nginx has turned
//! away.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Handover, Operation};
use crate::model::layout;
use crate::model::{AppName, Bind, Init};
use crate::probe::{Facts, Owned, Unit};

/// The key of a socket unit that says where it listens, as the template has it.
const KEY: &str = "ListenStream";

/// How `app` gets its listener at `bind`, once `changes` are made.
pub fn handover(app: &AppName, bind: &Bind, facts: &Facts, changes: &[Change]) -> Handover {
    let from = holders(app, bind, facts);
    if !from.is_empty() {
        return Handover::From(from);
    }
    let unit = layout::SOCKET.of(&app.into());
    let changes =
        changes.iter().any(|change| matches!(&change.operation, Operation::PutFile(file) if file.path == unit));
    let moves = changes && listener(app, facts).is_some_and(|before| before != *bind);
    // A path can be opened anew while somebody still answers whoever found the former one.
    let is_path = matches!(bind, Bind::Unix(_));
    if (moves || is_path) && !is_held(app, &facts.units) { Handover::Seamless } else { Handover::Gap }
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
pub fn is_held(app: &AppName, units: &BTreeMap<String, Unit>) -> bool {
    let active = |name: &str| units.get(name).is_some_and(|unit| unit.active);
    !active(&layout::listener(app)) && active(&layout::process(app, Init::Systemd))
}

/// The apps that now listen where `app` is to listen on `bind`. In the inventory they are elsewhere, or no more.
pub fn holders(app: &AppName, bind: &Bind, facts: &Facts) -> Vec<AppName> {
    let apps =
        facts.owned.iter().filter_map(|owned| if let Owned::App(name) = owned { name.parse().ok() } else { None });
    let holds = |other: &AppName| other != app && listener(other, facts).is_some_and(|held| held.clashes(bind));
    apps.filter(holds).collect()
}

/// Where an app listens now, by its socket unit.
fn listener(app: &AppName, facts: &Facts) -> Option<Bind> {
    let content = facts.nodes.get(layout::SOCKET.of(&app.into()).as_str())?.content.as_ref()?;
    let text = str::from_utf8(content).ok()?;
    let (_, address) = text.lines().filter_map(|line| line.split_once('=')).find(|(key, _)| *key == KEY)?;
    let address = address.replace("%%", "%");
    address.parse().map(Bind::Tcp).or_else(|_| address.parse().map(Bind::Unix)).ok()
}
