//! Log files that change hands: those of an app that gets another user, or another name and with it another user.

use std::collections::BTreeMap;

use super::change::{Change, Logs, Operation};
use super::reason::Reason;
use crate::desired::Desired;
use crate::model::{AppName, UserName, layout};
use crate::probe::{Facts, Owned};

/// The log files that an app would find to be another user's, with whom they are given to. Only what belongs to a user
/// that such an app ran as until now is ever given away.
pub fn handed_over(desired: &Desired, facts: &Facts) -> Vec<Change> {
    let owned = facts.owned_by(&desired.project);
    let gone = owned.filter_map(|owned| if let Owned::App(name) = owned { name.parse().ok() } else { None });
    let gone: Vec<AppName> = gone.filter(|name| desired.app(name).is_none()).collect();
    let mut changes = vec![];
    for app in desired.apps.iter().map(|desired| &desired.app) {
        let own = user_of(&app.name, facts).filter(|user| *user != app.user);
        let former: Vec<UserName> =
            own.iter().cloned().chain(gone.iter().filter_map(|app| user_of(app, facts))).collect();
        let user = |owner: &String| former.iter().find(|user| user.as_str() == owner);
        // One that is not there is the new user's once the app has started, and may have to be given back.
        let of_absent = own.as_ref().or_else(|| app.logs.iter().find_map(|path| user(facts.logs.get(path.as_str())?)));
        let mut paths: BTreeMap<UserName, Vec<_>> = BTreeMap::new();
        for path in &app.logs {
            let from = facts.logs.get(path.as_str()).map_or(of_absent, user);
            if let Some(from) = from.filter(|from| **from != app.user) {
                paths.entry(from.clone()).or_default().push(path.clone());
            }
        }
        for (from, paths) in paths {
            let reason = Reason::Owner {
                is: (from.to_string(), from.to_string()),
                wanted: (app.user.clone(), app.user.clone()),
            };
            let logs = Logs { app: app.name.clone(), from, to: app.user.clone(), paths };
            changes.push(Change::new(Operation::GiveLogs(logs), reason));
        }
    }
    changes
}

/// The user that an app runs as until now, by the group of its environment. Root is none.
pub(super) fn user_of(app: &AppName, facts: &Facts) -> Option<UserName> {
    let node = facts.nodes.get(layout::ENVIRONMENT.of(app).as_str())?;
    node.group.parse().ok().filter(|user| *user != layout::root())
}
