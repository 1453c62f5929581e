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

/// The findings of several hosts, each told once, in the order in which they came. A host may come several times.
#[must_use]
pub fn gather(found: impl IntoIterator<Item = (HostName, Vec<Finding>)>) -> Vec<Gathered> {
    let mut places = HashMap::new();
    let mut gathered: Vec<Gathered> = vec![];
    for (host, findings) in found {
        for finding in findings {
            let key =
                (finding.path.clone(), finding.line, finding.rule.id, finding.message.clone(), finding.text.clone());
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
