//! Files that a host has once for all sites or apps, where several projects own them: one project writes what all can
//! do with, and none takes from another what it needs.

use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::fault::Fault;
use crate::lint::servers;
use crate::model::File;
use crate::model::layout::{self, in_nginx, is_shared};
use crate::probe::{Facts, Owned};

/// The same without the server for unknown names, where sites of other projects answer for these wherever it would.
#[must_use]
pub fn without_default_server(desired: &Desired, facts: &Facts) -> Option<Desired> {
    let server = layout::DEFAULT_SERVER.as_str();
    let wants = addresses(&desired.files.iter().find(|file| file.path.as_str() == server)?.content);
    let others = facts.owned_by_others(&desired.project).filter_map(|holding| match &holding.owned {
        Owned::File(path) if path != server && in_nginx(path) => facts.nodes.get(path)?.content.as_ref(),
        _ => None,
    });
    let defaults = others.flat_map(|content| servers(&String::from_utf8_lossy(content)));
    let defaults = defaults.flat_map(|server| server.listeners);
    let has: BTreeSet<String> = defaults.filter(|server| server.is_default).map(|server| server.address).collect();
    wants.is_subset(&has).then(|| {
        let mut desired = desired.clone();
        desired.files.retain(|file| file.path.as_str() != server);
        desired.links.retain(|link| link.path.as_str() != layout::DEFAULT_SERVER_LINK.as_str());
        desired
    })
}

/// Is what `file` says there already, in the words of another project? Comments tell who wrote it, and for which host.
///
/// # Errors
/// When each of the two needs something in it that the other one does not have.
pub fn stands(file: &File, desired: &Desired, facts: &Facts) -> Result<bool, Fault> {
    let path = file.path.as_str();
    if !is_shared(path) {
        return Ok(false);
    }
    let is_theirs = |owned: &Owned| matches!(owned, Owned::File(at) | Owned::Replaced(at) if at == path);
    let theirs = facts.owned_by_others(&desired.project).find(|holding| is_theirs(&holding.owned));
    let content = facts.nodes.get(path).and_then(|node| node.content.as_ref());
    let (Some(theirs), Some(content)) = (theirs, content) else { return Ok(false) };
    let there = String::from_utf8_lossy(content);
    if directives(&there) == directives(&file.content) {
        return Ok(true);
    }
    // It follows from the sites; everything else from the host and the version of provision alone.
    if path != layout::DEFAULT_SERVER.as_str() {
        return Ok(false);
    }
    let (has, wants) = (addresses(&there), addresses(&file.content));
    if wants != has && wants.is_subset(&has) {
        return Ok(true);
    }
    if wants.is_superset(&has) {
        return Ok(false);
    }
    let list = |addresses: &BTreeSet<String>| addresses.iter().cloned().collect::<Vec<_>>().join(", ");
    let (ours, theirs) = (&desired.project, &theirs.project);
    Err(Fault::new(format!(
        "projects `{ours}` and `{theirs}` both claim {path}, which refuses unknown host names: `{ours}` needs it on \
         {}, and `{theirs}` on {}",
        list(&wants),
        list(&has)
    ))
    .hint(format!("write `catch_all: false` into the sites of `{ours}` that listen where no site of `{theirs}` does")))
}

/// What a file says beside its comments.
fn directives(content: &str) -> Vec<&str> {
    content.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// Where its servers listen. On a host anything may stand there: what is no address is none.
fn addresses(content: &str) -> BTreeSet<String> {
    let listeners = servers(content).into_iter().flat_map(|server| server.listeners);
    let addresses = listeners.map(|listener| listener.address);
    addresses.filter(|address| address.bytes().all(|byte| byte.is_ascii_graphic())).collect()
}
