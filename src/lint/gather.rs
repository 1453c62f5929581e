//! Findings of many hosts: what several have in common is told once.

use std::collections::HashMap;

use super::found::Finding;
use crate::model::HostName;

/// A finding, and the hosts whose files have it.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// What is wrong, where.
    pub finding: Finding,
    /// The hosts, in the order in which they came.
    pub hosts: Vec<HostName>,
}

/// The findings of several hosts, each told once, in the order in which they came. A host may come several times, as if
/// it were of another release each time. Lines are counted from what is alike: above a finding one host may have a
/// comment that another lacks.
#[must_use]
pub fn gather(found: impl IntoIterator<Item = (HostName, Vec<Finding>)>) -> Vec<Gathered> {
    let mut places = HashMap::new();
    let mut gathered: Vec<Gathered> = vec![];
    for (host, findings) in found {
        let mut alike: HashMap<_, usize> = HashMap::new();
        for finding in findings {
            let kind = (finding.path.clone(), finding.rule.id, finding.message.clone(), finding.text.clone());
            let number = alike.entry(kind.clone()).and_modify(|number| *number += 1).or_default();
            let key = (kind, *number);
            let place = *places.entry(key).or_insert(gathered.len());
            match gathered.get_mut(place) {
                Some(known) if known.hosts.contains(&host) => {}
                Some(known) => known.hosts.push(host.clone()),
                None => gathered.push(Gathered { finding, hosts: vec![host.clone()] }),
            }
        }
    }
    gathered
}
