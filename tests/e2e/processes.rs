//! The processes of nginx and of the apps, and what became of them between two looks.

use std::collections::{BTreeMap, BTreeSet};

use super::host::Host;

/// The processes of one service; each is written with its start time, since ids come around again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    pub master: String,
    pub workers: BTreeSet<String>,
}

/// The processes of all services, by unit without `.service`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Processes(BTreeMap<String, Service>);

/// What a change may do to one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The same master with new workers.
    Reload,
    /// A new master.
    Restart,
}

impl Processes {
    pub fn of(host: &Host) -> Self {
        let mut services: BTreeMap<String, Service> = BTreeMap::new();
        for line in host.bash(include_str!("scripts/processes.sh")).lines() {
            let [service, role, process] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("not a process: {line}")
            };
            let service = services.entry(service.to_owned()).or_default();
            match role {
                "master" => process.clone_into(&mut service.master),
                _ => drop(service.workers.insert(process.to_owned())),
            }
        }
        Self(services)
    }

    /// The processes of one service.
    #[track_caller]
    pub fn service(&self, name: &str) -> &Service {
        self.0.get(name).unwrap_or_else(|| panic!("{name} does not run: {self:?}"))
    }

    /// Whether a service has any process.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// How many processes there are.
    pub fn count(&self) -> usize {
        self.0.values().map(|service| 1 + service.workers.len()).sum()
    }

    /// Since `before`, exactly what `acts` says has happened to the services, and nothing to any other.
    #[track_caller]
    pub fn only(&self, before: &Self, acts: &[(&str, Act)], why: &str) {
        assert_eq!(self.0.keys().collect::<Vec<_>>(), before.0.keys().collect::<Vec<_>>(), "{why}: services");
        for (name, now) in &self.0 {
            let then = before.service(name);
            match acts.iter().find(|(acting, _)| acting == name) {
                None => assert_eq!(now, then, "{why}: {name} has nothing to do with it"),
                Some((_, Act::Restart)) => assert_ne!(now.master, then.master, "{why}: {name} restarts"),
                Some((_, Act::Reload)) => {
                    assert_eq!(now.master, then.master, "{why}: {name} keeps its master");
                    assert!(now.workers.is_disjoint(&then.workers), "{why}: {name} has new workers: {then:?} {now:?}");
                }
            }
        }
    }
}
