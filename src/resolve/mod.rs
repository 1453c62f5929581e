//! Defaults, groups, host and command line merged: one self-contained [`Target`] for each host.
//! Pure; all hosts are resolved at once, so that every mistake of an inventory appears in one run.

mod address;
mod conflict;
mod findings;
mod merge;
mod site_conflict;
mod taken;
mod unused;

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::inventory::Inputs;
use crate::inventory::decode::{Decoder, Names};
use crate::inventory::document::Document;
use crate::inventory::hierarchy;
use crate::inventory::node::Node;
use crate::inventory::pattern::{PatternError, ReadFile, Roster};
use crate::model::{HostName, Target};
use findings::Findings;

/// Every host of an inventory, ready to be selected from.
///
/// ```
/// use provision::inventory::Inputs;
/// use provision::resolve::Targets;
///
/// let inventory = "version: 1\nhosts:\n  web-[01:03]: { packages: [htop] }\n";
/// let inputs = Inputs { base_dir: "/inventories".as_ref(), environment: &|_| None, extra_vars: Default::default() };
/// let targets = Targets::load("web.yml", inventory, &inputs)?;
/// let selected = targets.select(&["web-*".to_owned(), "!web-02".to_owned()], None, &|_| Err("no file".to_owned()));
/// let hosts: Vec<&str> = selected.unwrap().iter().map(|target| target.host.as_str()).collect();
/// assert_eq!(hosts, ["web-01", "web-03"]);
/// # Ok::<(), provision::diagnostic::Diagnostics>(())
/// ```
#[derive(Debug)]
pub struct Targets {
    all: Vec<Target>,
    roster: Roster,
}

impl Targets {
    /// Reads the inventory `text`, which the user calls `file`.
    ///
    /// # Errors
    /// When the inventory has mistakes: all of them, with their places.
    pub fn load(file: &str, text: &str, inputs: &Inputs<'_>) -> Result<Self, Diagnostics> {
        let wrong = |mistakes: Vec<Diagnostic>| Diagnostics::new(file, text, mistakes);
        let tree = Node::parse(text).map_err(|mistake| wrong(vec![mistake]))?;
        let names = Names::of(&tree);
        let decoder = Decoder::new(inputs, &names).reading(file, text);
        let Some(document) = Document::decode(&tree, &decoder) else { return Err(wrong(decoder.take_mistakes())) };
        let mut mistakes = decoder.take_mistakes();
        let mut findings = Findings::default();
        let all: Vec<Target> = document
            .hosts
            .iter()
            .filter_map(|(name, host)| merge::target(file, &document, name, host, &decoder, &mut findings))
            .collect();
        findings.report(&mut mistakes);
        mistakes.extend(address::shared(&all, &document.hosts));
        if mistakes.is_empty() {
            mistakes.extend(unused::all(&document, &all));
        }
        if mistakes.is_empty() && all.len() == document.hosts.len() {
            return Ok(Self { all, roster: roster(&document) });
        }
        if mistakes.is_empty() {
            // Cannot happen: whatever yields nothing has said why.
            mistakes.push(Diagnostic::new("the inventory could not be resolved", Span::default()));
        }
        Err(wrong(mistakes))
    }

    /// All targets, in the order of the inventory.
    #[must_use]
    pub fn all(&self) -> &[Target] {
        &self.all
    }

    /// The names that patterns can speak of.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The targets that `patterns` mean, of those that `limit` means, in the order of the inventory.
    ///
    /// # Errors
    /// When a name is not known, the file of a pattern cannot be read, or no host is left.
    pub fn select(
        &self,
        patterns: &[String],
        limit: Option<&str>,
        read: ReadFile<'_>,
    ) -> Result<Vec<&Target>, PatternError> {
        let hosts = self.roster.select(patterns, limit, read)?;
        let hosts: BTreeSet<&HostName> = hosts.into_iter().collect();
        Ok(self.all.iter().filter(|target| hosts.contains(&target.host)).collect())
    }
}

fn roster(document: &Document) -> Roster {
    let mut roster = Roster {
        hosts: document.hosts.keys().cloned().collect(),
        groups: document.groups.keys().map(|name| (name.clone(), Vec::new())).collect(),
    };
    for host in document.hosts.keys() {
        for group in hierarchy::groups_of(host, &document.groups) {
            if let Some(members) = roster.groups.get_mut(&group) {
                members.push(host.clone());
            }
        }
    }
    roster
}
