//! What provision once put on the host and the inventory no longer wants; nothing else is ever removed.

use std::collections::BTreeSet;

use super::change::{Change, Operation};
use super::kept;
use super::reason::Reason;
use crate::desired::Desired;
use crate::digest::Digest;
use crate::probe::{Facts, Holding, NodeKind, Owned};

/// The removals, and the ownership record when all is done.
pub fn removals(desired: &Desired, facts: &Facts) -> (Vec<Change>, Vec<Holding>) {
    let owned = owned(desired, facts);
    let others: BTreeSet<&Holding> = facts.owned_by_others(&desired.project).collect();
    let in_use: BTreeSet<&Owned> = others.iter().map(|holding| &holding.owned).collect();
    // What another project owns as well is given up and stays.
    let given_up = |old: &&Owned| !owned.contains(*old) && !in_use.contains(*old);
    let stale: Vec<&Owned> = facts.owned_by(&desired.project).filter(given_up).collect();
    let mut changes = vec![];
    let mut add = |operation| changes.push(Change::new(operation, Reason::NoLongerWanted));
    // Something else in its place is not provision's any more.
    let is_folder = |path: &String| facts.nodes.get(path).map(|node| node.kind == NodeKind::Directory);
    // A path may have changed its kind: then it is replaced, not removed.
    let replaced = |path: &String| {
        [Owned::File(path.clone()), Owned::Link(path.clone()), Owned::Directory(path.clone())]
            .iter()
            .any(|o| owned.contains(o))
    };
    // Apps first: their processes stop before their files go. Directories last, deepest first.
    for old in &stale {
        if let Owned::App(name) = old
            && let Ok(app) = name.parse()
        {
            add(Operation::RemoveApp(app, desired.keep_removed));
        }
    }
    for old in &stale {
        match old {
            Owned::File(path) | Owned::Link(path) if is_folder(path) == Some(false) && !replaced(path) => {
                add(Operation::RemoveFile(path.clone()));
            }
            Owned::Welcome => add(Operation::RestoreWelcome),
            _ => {}
        }
    }
    for old in stale.iter().rev() {
        match old {
            Owned::Directory(path) if is_folder(path) == Some(true) && !replaced(path) => {
                add(Operation::RemoveDirectory(path.clone()))
            }
            _ => {}
        }
    }
    for old in &stale {
        if let Owned::User(name) = old {
            add(Operation::RemoveUser(name.clone()));
        }
    }
    let own = owned.into_iter().map(|owned| Holding::of(&desired.project, owned));
    let all: BTreeSet<Holding> = others.into_iter().cloned().chain(own).collect();
    (changes, all.into_iter().collect())
}

/// Users whose numbers are reserved.
pub fn reserved<'a>(owned: impl Iterator<Item = &'a Owned>) -> impl Iterator<Item = &'a String> {
    owned.filter_map(|owned| if let Owned::Reserved(name) = owned { Some(name) } else { None })
}

fn owned(desired: &Desired, facts: &Facts) -> BTreeSet<Owned> {
    // What projects share is of every one that needs it, as the first found it.
    let before: BTreeSet<&Owned> = facts.owned.iter().map(|holding| &holding.owned).collect();
    let mut owned = BTreeSet::new();
    for file in &desired.files {
        let path = file.path.to_string();
        let (written, replaced) = (Owned::File(path.clone()), Owned::Replaced(path.clone()));
        // A package's own file, such as nginx.conf, must still be there when the inventory no longer has it.
        let host_has_its_own = || {
            let node = facts.nodes.get(&path);
            node.is_some_and(|node| node.digest.as_ref() != Some(&Digest::of(file.content.as_bytes())))
        };
        let ours = before.contains(&written) || (!before.contains(&replaced) && !host_has_its_own());
        owned.insert(if ours { written } else { replaced });
    }
    owned.extend(desired.links.iter().map(|link| Owned::Link(link.path.to_string())));
    owned.extend(desired.apps.iter().map(|app| Owned::App(app.app.name.to_string())));
    // What was there before provision came stays the host's: it is used, and never removed.
    let ours = |record: &Owned, was_there: bool| before.contains(record) || !was_there;
    for directory in &desired.directories {
        let record = Owned::Directory(directory.path.to_string());
        if ours(&record, facts.nodes.contains_key(directory.path.as_str())) {
            owned.insert(record);
        }
    }
    for user in &desired.users {
        let record = Owned::User(user.name.to_string());
        let reserved = before.contains(&Owned::Reserved(user.name.to_string()));
        if reserved || ours(&record, facts.users.contains(user.name.as_str())) {
            owned.insert(record);
        }
    }
    owned.extend(kept::recorded(desired, facts));
    // One whose number is reserved is no change: each change of the host looks whether it may go.
    let wanted = |name: &String| desired.users.iter().any(|user| user.name.as_str() == name);
    owned.extend(reserved(facts.owned_by(&desired.project)).filter(|name| !wanted(name)).cloned().map(Owned::Reserved));
    if desired.replaces_welcome && (before.contains(&Owned::Welcome) || welcome_was_there(facts)) {
        owned.insert(Owned::Welcome);
    }
    owned
}

/// Debian's nginx enables its welcome site when it is installed, so a host without nginx will have had it.
fn welcome_was_there(facts: &Facts) -> bool {
    facts.welcome != crate::probe::Welcome::Absent || !facts.packages.contains_key("nginx")
}
