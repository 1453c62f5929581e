//! Which apps give up an address that another one takes. Two cannot listen there at once, so the one has to stop first.

use crate::model::layout;
use crate::model::{AppName, Bind};
use crate::probe::{Facts, Owned};

/// The key of a socket unit that says where it listens, as the template has it.
const KEY: &str = "ListenStream";

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
