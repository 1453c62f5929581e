//! Apps and sites that no host has, and hosts that get nothing: most often a line is missing, and a run would do less
//! than its author thinks, or remove what was there.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::inventory::document::{Definition, Document};
use crate::model::Target;

/// A mistake for each of them that is not marked `spare: true`.
pub(super) fn all(document: &Document, targets: &[Target]) -> Vec<Diagnostic> {
    let apps: BTreeSet<&str> = targets.iter().flat_map(|target| &target.apps).map(|app| app.name.as_str()).collect();
    let sites: BTreeSet<&str> =
        targets.iter().flat_map(|target| &target.sites).map(|site| site.name.as_str()).collect();
    let mut unused = vec![];
    for Definition { name, .. } in missing(&document.apps, &apps) {
        unused.push(
            Diagnostic::new(format!("no host runs the app `{}`", name.text), name.span).hint(
                "route a site of a host to it, list it below `apps:` of a host or group, or mark it `spare: true`",
            ),
        );
    }
    for Definition { name, .. } in missing(&document.sites, &sites) {
        unused.push(
            Diagnostic::new(format!("no host serves the site `{}`", name.text), name.span)
                .hint("list it below `sites:` of a host or group, or mark it `spare: true`"),
        );
    }
    for target in targets.iter().filter(|target| gets_nothing(target)) {
        let Some(host) = document.hosts.get(&target.host).filter(|host| !host.spare) else { continue };
        let mistake = Diagnostic::new(format!("the host `{}` gets nothing", target.host), host.place).hint(
            "list its `sites`, `apps`, `packages` or `files`, below it or a group of it; with `spare: true` it gets \
                 nothing on purpose, and what it had is removed",
        );
        // A range of hosts has one line.
        if unused.iter().all(|known| known.place != mistake.place) {
            unused.push(mistake);
        }
    }
    unused
}

fn missing<'d>(definitions: &'d [Definition], used: &BTreeSet<&str>) -> impl Iterator<Item = &'d Definition> {
    definitions.iter().filter(|definition| !definition.spare && !used.contains(definition.name.text.as_str()))
}

fn gets_nothing(target: &Target) -> bool {
    target.apps.is_empty() && target.sites.is_empty() && target.packages.is_empty() && target.files.is_empty()
}
