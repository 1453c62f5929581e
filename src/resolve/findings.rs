//! Mistakes that show only host by host, said once each: a mistake that not all hosts share names those that have it.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Span};
use crate::model::HostName;

/// How many hosts a message names before it counts them.
const NAMED: usize = 3;

/// The mistakes of all hosts so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// How many hosts used the part of the inventory that begins at a place.
    uses: BTreeMap<Span, usize>,
    found: Vec<Finding>,
}

#[derive(Debug)]
struct Finding {
    /// The part that was used, or `None` if the hosts are worth naming in any case.
    part: Option<Span>,
    mistake: Diagnostic,
    hosts: Vec<HostName>,
}

impl Findings {
    /// Notes that `host` uses `part`, with these mistakes.
    pub fn add(&mut self, part: Span, host: &HostName, mistakes: Vec<Diagnostic>) {
        *self.uses.entry(part).or_default() += 1;
        self.note(Some(part), host, mistakes);
    }

    /// Notes mistakes that lie in how `host` combines parts.
    pub fn add_conflicts(&mut self, host: &HostName, mistakes: Vec<Diagnostic>) {
        self.note(None, host, mistakes);
    }

    fn note(&mut self, part: Option<Span>, host: &HostName, mistakes: Vec<Diagnostic>) {
        for mistake in mistakes {
            match self.found.iter_mut().find(|finding| finding.part == part && finding.mistake == mistake) {
                Some(finding) if finding.hosts.contains(host) => {}
                Some(finding) => finding.hosts.push(host.clone()),
                None => self.found.push(Finding { part, mistake, hosts: vec![host.clone()] }),
            }
        }
    }

    /// Adds the mistakes to those that were found without looking at hosts.
    pub fn report(self, mistakes: &mut Vec<Diagnostic>) {
        for Finding { part, mut mistake, hosts } in self.found {
            if mistakes.iter().any(|known| known.place == mistake.place && known.message == mistake.message) {
                continue;
            }
            let uses = part.and_then(|part| self.uses.get(&part)).copied();
            if uses != Some(hosts.len()) {
                mistake.message = format!("{} (on {})", mistake.message, names(&hosts));
            }
            mistakes.push(mistake);
        }
    }
}

fn names(hosts: &[HostName]) -> String {
    let named: Vec<String> = hosts.iter().take(NAMED).map(|host| format!("`{host}`")).collect();
    let named = named.join(", ");
    if hosts.len() > NAMED { format!("{named} and {} more", hosts.len() - NAMED) } else { named }
}
