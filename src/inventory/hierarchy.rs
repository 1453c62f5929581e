//! Which groups a host is in, and whose values override whose.
//!
//! A group overrides the groups that it is a child of. Among groups without such a tie the deeper one overrides,
//! and among equally deep ones the one whose name comes later in the alphabet.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::decode::Decoder;
use super::group::{Group, Host};
use crate::diagnostic::Diagnostic;
use crate::model::{GroupName, HostName};

/// Reports names that are both group and host, and cycles; removes the links that close a cycle.
pub(super) fn check(groups: &mut IndexMap<GroupName, Group>, hosts: &IndexMap<HostName, Host>, decoder: &Decoder<'_>) {
    for (name, group) in groups.iter() {
        if let Some((_, host)) = hosts.iter().find(|(host, _)| host.as_str() == name.as_str()) {
            decoder.report::<()>(
                Diagnostic::new(format!("`{name}` is both a group and a host"), group.place)
                    .related(host.place, "the host")
                    .hint("rename one of them: a pattern on the command line could mean either"),
            );
        }
    }
    let names: Vec<GroupName> = groups.keys().cloned().collect();
    let mut done = BTreeSet::new();
    for name in names {
        break_cycles(&name, &mut Vec::new(), &mut done, groups, decoder);
    }
}

fn break_cycles(
    name: &GroupName,
    path: &mut Vec<GroupName>,
    done: &mut BTreeSet<GroupName>,
    groups: &mut IndexMap<GroupName, Group>,
    decoder: &Decoder<'_>,
) {
    if !done.insert(name.clone()) {
        return;
    }
    path.push(name.clone());
    let children = groups.get(name).map(|group| group.children.clone()).unwrap_or_default();
    let mut kept = Vec::with_capacity(children.len());
    for (child, place) in children {
        if let Some(start) = path.iter().position(|ancestor| *ancestor == child) {
            let cycle: Vec<&str> = path[start..].iter().chain([&child]).map(GroupName::as_str).collect();
            decoder.report::<()>(
                Diagnostic::new(format!("group `{child}` contains itself: {}", cycle.join(" → ")), place)
                    .hint("remove this child, or one of the others on the way"),
            );
            continue;
        }
        break_cycles(&child, path, done, groups, decoder);
        kept.push((child, place));
    }
    path.pop();
    if let Some(group) = groups.get_mut(name) {
        group.children = kept;
    }
}

/// The groups of `host`, those with the last word last.
#[must_use]
pub fn groups_of(host: &HostName, groups: &IndexMap<GroupName, Group>) -> Vec<GroupName> {
    let mut found: BTreeSet<&GroupName> =
        groups.iter().filter(|(_, group)| group.hosts.contains(host)).map(|(name, _)| name).collect();
    loop {
        let parents: Vec<&GroupName> = groups
            .iter()
            .filter(|(name, group)| {
                !found.contains(name) && group.children.iter().any(|(child, _)| found.contains(child))
            })
            .map(|(name, _)| name)
            .collect();
        if parents.is_empty() {
            break;
        }
        found.extend(parents);
    }
    let mut known = BTreeMap::new();
    let mut sorted: Vec<(usize, &GroupName)> =
        found.into_iter().map(|name| (depth(name, groups, &mut known), name)).collect();
    sorted.sort();
    sorted.into_iter().map(|(_, name)| name.clone()).collect()
}

/// How many groups are above this one, on the longest way up. Each is counted once: the ways up can be very many.
fn depth<'g>(
    name: &GroupName,
    groups: &'g IndexMap<GroupName, Group>,
    known: &mut BTreeMap<&'g GroupName, usize>,
) -> usize {
    if let Some(depth) = known.get(name) {
        return *depth;
    }
    let parents = groups.iter().filter(|(_, group)| group.children.iter().any(|(child, _)| child == name));
    let depth = parents.map(|(parent, _)| depth(parent, groups, known) + 1).max().unwrap_or(0);
    if let Some((name, _)) = groups.get_key_value(name) {
        known.insert(name, depth);
    }
    depth
}
