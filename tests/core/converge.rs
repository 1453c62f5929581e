//! The first invariant as a property: whatever a host is like, after one run there is nothing left to do.

use proptest::prelude::*;
use provision::model::{Bind, Install, Target};
use provision::probe::{Facts, Welcome};

use crate::fixture::{after, app, bare, converged, desired, plan, running, site, target};

/// Some target: the bits of `choice` say what is different about it.
pub fn some_target(choice: u8) -> Target {
    let mut target = target();
    let bit = |number: u8| choice & (1 << number) != 0;
    if bit(0) {
        target.apps.truncate(1);
        target.sites = vec![site(&["hello"])];
    }
    if bit(1) {
        target.sites.clear();
    }
    if bit(2) {
        target.apps[0].python.install = Install::Venv;
    }
    if bit(3) {
        target.apps[0].bind = Bind::Unix("/run/hello.sock".parse().unwrap());
    }
    if bit(4) {
        target.apps[0].user = "web".parse().unwrap();
    }
    if bit(5) {
        target.apps.push(app("api", 5002));
    }
    if bit(6) {
        target.apps[0].workers = Some(9);
    }
    if bit(7) {
        for site in &mut target.sites {
            site.default_server = false;
            site.server_names = vec!["www.example.com".parse().unwrap()];
        }
    }
    target
}

/// Something that happens to a host; `which` chooses of what there is.
fn happen(kind: u8, which: usize, facts: &mut Facts) {
    fn nth<V>(map: &std::collections::BTreeMap<String, V>, which: usize) -> Option<String> {
        map.keys().nth(which % map.len().max(1)).cloned()
    }
    match kind {
        0 => _ = nth(&facts.nodes, which).and_then(|path| facts.nodes.remove(&path)),
        1 => {
            if let Some(node) = nth(&facts.nodes, which).and_then(|path| facts.nodes.get_mut(&path)) {
                node.changed = 5000.0;
                node.digest = None;
            }
        }
        2 => _ = nth(&facts.loaded, which).and_then(|name| facts.loaded.remove(&name)),
        3 => _ = nth(&facts.units, which).and_then(|name| facts.units.insert(name.clone(), running(&name, 6000.0))),
        4 => {
            if let Some(unit) = nth(&facts.units, which).and_then(|name| facts.units.get_mut(&name)) {
                unit.active = which.is_multiple_of(2);
                unit.enabled = which.is_multiple_of(3);
            }
        }
        5 => _ = nth(&facts.releases, which).and_then(|app| facts.releases.remove(&app)),
        6 => _ = nth(&facts.python, which).and_then(|app| facts.python.remove(&app)),
        7 => facts.owned.truncate(which % 20),
        8 => facts.welcome = Welcome::Packaged,
        9 => {
            _ = nth(&facts.packages, which)
                .filter(|name| name != "python3")
                .and_then(|name| facts.packages.remove(&name))
        }
        _ => _ = facts.users.pop_first(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn one_run_is_enough(
        start in prop::option::of(any::<u8>()),
        goal in any::<u8>(),
        events in prop::collection::vec((0_u8..11, any::<usize>()), 0..6),
    ) {
        let mut facts = start.map_or_else(bare, |choice| converged(&some_target(choice)));
        for (kind, which) in events {
            happen(kind, which, &mut facts);
        }
        let desired = desired(&some_target(goal));
        let first = plan(&desired, &facts).unwrap();
        let second = plan(&desired, &after(&desired, &first, &facts)).unwrap();
        prop_assert!(second.in_sync(), "after {:#?}\nthere is still {:#?}", first.changes, second.changes);
    }
}
