//! One host: its levels of values, from the widest to the nearest, merged and decoded.
//!
//! Top level, groups from the outermost inwards, host, command line: the later overrides the earlier. Variables are
//! overridden by name, `ssh` by key and files by destination; sites, apps and packages add up.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::conflict;
use super::findings::Findings;
use crate::diagnostic::Span;
use crate::inventory::app::{self, PlacedApp};
use crate::inventory::decode::{Decode, Decoder};
use crate::inventory::document::{Definition, Document};
use crate::inventory::file::{self, PlacedFile};
use crate::inventory::group::{Host, Level};
use crate::inventory::interpolate::Interpolated;
use crate::inventory::node::Node;
use crate::inventory::scalar::Argument;
use crate::inventory::site::{self, PlacedSite};
use crate::inventory::{connection, hierarchy};
use crate::model::{Connection, GroupName, HostName, PackageName, Target, without_brackets};

/// The target of one host; `None` once its mistakes are in `findings`.
pub(super) fn target(
    inventory: &str,
    document: &Document,
    name: &HostName,
    host: &Host,
    decoder: &Decoder<'_>,
    findings: &mut Findings,
) -> Option<Target> {
    let groups = hierarchy::groups_of(name, &document.groups);
    let levels = levels(document, &groups, host);
    let vars = vars(&levels, decoder);
    let mut resolution = Resolution {
        name,
        decoder,
        findings,
        values: json!({
            "host": { "name": name.as_str(), "groups": groups.iter().map(GroupName::as_str).collect::<Vec<_>>() },
            "vars": vars,
        }),
    };
    let address = resolution.address(host);
    if let Some(address) = &address {
        resolution.values["host"]["address"] = Json::from(address.as_str());
    }
    let connection = address.and_then(|address| resolution.connection(host, &levels, address));
    let sites = resolution.sites(document, &levels);
    let apps = resolution.apps(document, &levels, &sites);
    let files = resolution.files(&levels);
    // One mistake must not hide another: what could be decoded is compared, whatever else could not.
    let conflicts = conflict::all(&present(&sites), &present(&apps), &files, connection.as_ref());
    findings.add_conflicts(name, conflicts);
    let sites: Vec<PlacedSite> = sites.into_iter().collect::<Option<_>>()?;
    let apps: Vec<PlacedApp> = apps.into_iter().collect::<Option<_>>()?;
    let packages: BTreeSet<PackageName> = levels.iter().flat_map(|level| level.packages.iter().cloned()).collect();
    Some(Target {
        host: name.clone(),
        project: document.project.clone(),
        keep_removed: document.keep_removed,
        groups: groups.iter().map(ToString::to_string).collect(),
        connection: connection?,
        apps: apps.into_iter().map(|placed| placed.app).collect(),
        sites: sites.into_iter().map(|placed| placed.site).collect(),
        files: files.into_iter().map(|placed| placed.file).collect(),
        packages: packages.into_iter().collect(),
        vars,
        // The file's name alone: the same inventory can be named by many paths, and they must all render alike.
        inventory: inventory.rsplit('/').next().unwrap_or(inventory).to_owned(),
    })
}

fn levels<'d>(document: &'d Document, groups: &[GroupName], host: &'d Host) -> Vec<&'d Level> {
    let groups = groups.iter().filter_map(|name| document.groups.get(name)).map(|group| &group.level);
    std::iter::once(&document.defaults).chain(groups).chain([&host.level]).collect()
}

fn vars(levels: &[&Level], decoder: &Decoder<'_>) -> BTreeMap<String, Json> {
    let written = levels.iter().flat_map(|level| &level.vars);
    written.chain(&decoder.inputs.extra_vars).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What is needed to decode parts of the inventory for one host.
struct Resolution<'a, 'd> {
    name: &'a HostName,
    decoder: &'a Decoder<'d>,
    findings: &'a mut Findings,
    /// What expressions can speak of.
    values: Json,
}

impl Resolution<'_, '_> {
    /// Decodes `node` with its expressions evaluated; mistakes are noted as those of `part`.
    fn decoded<T>(&mut self, part: Span, node: &Node, decode: impl FnOnce(&Node, &Decoder<'_>) -> T) -> T {
        let Interpolated { node, evaluated, mut mistakes } = node.interpolated(&self.values);
        let value = decode(&node, self.decoder);
        mistakes.extend(self.decoder.take_mistakes().into_iter().map(|mistake| match evaluated.get(&mistake.place) {
            // The source line shows the expression alone.
            Some(text) if mistake.label.is_none() => mistake.label(format!("stands for `{text}`")),
            _ => mistake,
        }));
        self.findings.add(part, self.name, mistakes);
        value
    }

    fn address(&mut self, host: &Host) -> Option<String> {
        match &host.address {
            Some(node) => self.decoded(node.span, node, |node, decoder| {
                Argument::decode(node, decoder).map(|Argument(address)| without_brackets(&address))
            }),
            None => Some(self.name.to_string()),
        }
    }

    fn connection(&mut self, host: &Host, levels: &[&Level], address: String) -> Option<Connection> {
        let merged = connection::merge(levels.iter().filter_map(|level| level.ssh.as_ref()));
        self.decoded(host.place, &merged, |node, decoder| connection::decode(node, address, decoder))
    }

    fn sites(&mut self, document: &Document, levels: &[&Level]) -> Vec<Option<PlacedSite>> {
        let names: BTreeSet<&str> =
            levels.iter().flat_map(|level| &level.sites).map(|name| name.text.as_str()).collect();
        defined(&document.sites, &names)
            .map(|definition| {
                self.decoded(definition.name.span, &definition.node, |node, decoder| {
                    site::decode(&definition.name, node, decoder)
                })
            })
            .collect()
    }

    /// The apps behind the sites' routes, and those that are listed. Which apps a site with a mistake routes to cannot
    /// be known for sure, so then its own words count.
    fn apps(&mut self, document: &Document, levels: &[&Level], sites: &[Option<PlacedSite>]) -> Vec<Option<PlacedApp>> {
        let routes = sites.iter().flatten().flat_map(|placed| &placed.site.routes);
        let routed = routes.map(|route| route.to.app().as_str());
        let listed = levels.iter().flat_map(|level| &level.apps).map(|name| name.text.as_str());
        let mut names: BTreeSet<&str> = routed.chain(listed).collect();
        if sites.iter().any(Option::is_none) {
            let served: BTreeSet<&str> =
                levels.iter().flat_map(|level| &level.sites).map(|name| name.text.as_str()).collect();
            names
                .extend(defined(&document.sites, &served).flat_map(|definition| site::apps_in_words(&definition.node)));
        }
        defined(&document.apps, &names)
            .map(|definition| {
                self.decoded(definition.name.span, &definition.node, |node, decoder| {
                    app::decode(&definition.name, node, decoder)
                })
            })
            .collect()
    }

    fn files(&mut self, levels: &[&Level]) -> Vec<PlacedFile> {
        let mut files: Vec<PlacedFile> = Vec::new();
        for node in levels.iter().filter_map(|level| level.files.as_ref()) {
            let overriding = self.decoded(node.span, node, file::decode_all);
            files.retain(|file| overriding.iter().all(|other| other.file.destination != file.file.destination));
            files.extend(overriding);
        }
        files
    }
}

fn present<T: Clone>(parts: &[Option<T>]) -> Vec<T> {
    parts.iter().flatten().cloned().collect()
}

/// The definitions of those names, by name.
fn defined<'d>(definitions: &'d [Definition], names: &BTreeSet<&'d str>) -> impl Iterator<Item = &'d Definition> {
    names
        .iter()
        .filter_map(|name| definitions.iter().find(|definition| definition.name.text == *name))
        .collect::<Vec<_>>()
        .into_iter()
}
