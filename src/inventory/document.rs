//! The whole inventory: definitions, levels of values, groups and hosts.
//! What can hold expressions stays a tree, to be decoded for each host that uses it.

use std::time::Duration;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value as Json;

use super::decode::{Decode, Decoder, Fields, Names};
use super::group::{Group, Host, Level};
use super::node::{Name, Node, Value};
use super::scalar::DurationWithin;
use super::{app, connection, file, hierarchy, range, schema, site};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::{GroupName, HostName, ProjectName};

/// How long what brings a removed app back may stay.
type KeepRemoved = DurationWithin<0, { 365 * 24 * 3600 }>;

/// Of a mistake, which is reported.
const NOTHING_KEPT: KeepRemoved = DurationWithin(Duration::ZERO);

/// The whole inventory.
#[derive(Debug)]
pub struct Document {
    /// What hosts call it in their records.
    pub project: ProjectName,
    /// How long what brings a removed app back stays.
    pub keep_removed: Duration,
    /// Apps that hosts may run.
    pub apps: Vec<Definition>,
    /// Sites that hosts may serve.
    pub sites: Vec<Definition>,
    /// Values for all hosts.
    pub defaults: Level,
    /// Groups, in the order of the text; free of cycles.
    pub groups: IndexMap<GroupName, Group>,
    /// Hosts, in the order of the text.
    pub hosts: IndexMap<HostName, Host>,
}

/// A named app or site, not yet decoded.
#[derive(Debug)]
pub struct Definition {
    /// The name.
    pub name: Name,
    /// What it says.
    pub node: Node,
    /// No host needs to have it.
    pub spare: bool,
}

impl Names {
    /// The names that `tree` defines.
    pub fn of(tree: &Node) -> Self {
        let keys = |section: &str| match tree.get(section).map(|node| &node.value) {
            Some(Value::Map(entries)) => entries.iter().map(|entry| entry.key.text.clone()).collect(),
            _ => Vec::new(),
        };
        Self { apps: keys("apps"), sites: keys("sites") }
    }
}

impl Document {
    /// Decodes all that does not depend on a host, and checks what does as far as that goes.
    pub fn decode(tree: &Node, decoder: &Decoder<'_>) -> Option<Self> {
        match tree.value {
            Value::Map(_) => {}
            Value::Null => {
                let mistake = Diagnostic::new("the inventory is empty", Span::default());
                return decoder.report(mistake.hint("begin with `version: 1`, and name your hosts below `hosts:`"));
            }
            _ => {
                let mistake = Diagnostic::new(format!("an inventory is a mapping, not {}", tree.kind()), tree.span);
                return decoder.report(mistake.hint("begin with `version: 1`, and name your hosts below `hosts:`"));
            }
        }
        let fields = decoder.fields(tree, &schema::INVENTORY)?;
        check_version(&fields, decoder);
        let project = fields.or_default("project").unwrap_or_default();
        let DurationWithin(keep_removed) = fields.or_default::<KeepRemoved>("keep_removed").unwrap_or(NOTHING_KEPT);
        let apps = definitions(&fields, "apps", decoder);
        let sites = definitions(&fields, "sites", decoder);
        for definition in &apps {
            app::decode(&definition.name, &definition.node.without_expressions(), decoder);
        }
        for definition in &sites {
            site::decode(&definition.name, &definition.node.without_expressions(), decoder);
        }
        let defaults = shared_level(&fields, decoder);
        let hosts = hosts(&fields, decoder);
        let mut groups = groups(&fields, &hosts, decoder);
        hierarchy::check(&mut groups, &hosts, decoder);
        Some(Self { project, keep_removed, apps, sites, defaults, groups, hosts })
    }
}

fn check_version(fields: &Fields<'_>, decoder: &Decoder<'_>) {
    if let Some(version) = fields.required::<Name>("version")
        && version.text != "1"
    {
        let mistake =
            Diagnostic::new(format!("version `{}` of the inventory language is not known", version.text), version.span);
        decoder.report::<()>(mistake.hint("write `version: 1`, or use a newer `provision`"));
    }
}

fn definitions(fields: &Fields<'_>, key: &str, decoder: &Decoder<'_>) -> Vec<Definition> {
    let entries = fields.get(key).and_then(|node| decoder.entries(node, key)).unwrap_or_default();
    let spare = |node: &Node| node.get("spare").and_then(|spare| bool::decode(spare, decoder)).unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| Definition { name: entry.key.clone(), node: entry.value.clone(), spare: spare(&entry.value) })
        .collect()
}

/// The values that every level can set.
fn shared_level(fields: &Fields<'_>, decoder: &Decoder<'_>) -> Level {
    let ssh = fields.get("ssh");
    if let Some(node) = ssh {
        connection::decode(&node.without_expressions(), String::new(), decoder);
    }
    let files = fields.get("files");
    if let Some(node) = files {
        file::decode_all(&node.without_expressions(), decoder);
    }
    let vars = fields.get("vars").and_then(|node| decoder.entries(node, "variables")).unwrap_or_default();
    Level {
        ssh: ssh.cloned(),
        vars: vars
            .into_iter()
            .filter_map(|entry| Some((entry.key.text.clone(), Json::decode(&entry.value, decoder)?)))
            .collect(),
        packages: fields.or_empty("packages").unwrap_or_default(),
        files: files.cloned(),
        ..Level::default()
    }
}

/// The values that a group or host can set.
fn level(fields: &Fields<'_>, decoder: &Decoder<'_>) -> Level {
    let references = |key: &str, kind: &str, known: &[String]| -> Vec<Name> {
        let mut names: Vec<Name> = fields.or_empty(key).unwrap_or_default();
        names.retain(|name| decoder.known(kind, name, known.iter().map(String::as_str)).is_some());
        names
    };
    Level {
        sites: references("sites", "site", &decoder.names.sites),
        apps: references("apps", "app", &decoder.names.apps),
        ..shared_level(fields, decoder)
    }
}

fn hosts(fields: &Fields<'_>, decoder: &Decoder<'_>) -> IndexMap<HostName, Host> {
    let mut hosts: IndexMap<HostName, Host> = IndexMap::new();
    let Some(node) = fields.get("hosts") else {
        fields.required::<Name>("hosts");
        return hosts;
    };
    for entry in decoder.entries(node, "hosts").unwrap_or_default() {
        let Some(fields) = decoder.fields(&entry.value, &schema::HOST) else { continue };
        let place = entry.key.span;
        let address = fields.get("address");
        if let Some(node) = address {
            super::scalar::Argument::decode(&node.without_expressions(), decoder);
        }
        let spare = fields.or_default("spare").unwrap_or_default();
        let host = Host { place, level: level(&fields, decoder), address: address.cloned(), spare };
        for name in host_names(&entry.key, decoder) {
            match hosts.get(&name) {
                Some(first) => decoder.twice(&format!("host `{name}`"), place, first.place),
                None => {
                    hosts.insert(name, host.clone());
                }
            }
        }
    }
    hosts
}

fn groups(fields: &Fields<'_>, hosts: &IndexMap<HostName, Host>, decoder: &Decoder<'_>) -> IndexMap<GroupName, Group> {
    let entries = fields.get("groups").and_then(|node| decoder.entries(node, "groups")).unwrap_or_default();
    let names: Vec<&str> = entries.iter().map(|entry| entry.key.text.as_str()).collect();
    let mut groups = IndexMap::new();
    for entry in &entries {
        let name = decoder.check(entry.key.text.parse::<GroupName>(), entry.key.span);
        let Some(fields) = decoder.fields(&entry.value, &schema::GROUP) else { continue };
        let mut members = IndexSet::new();
        for member in fields.or_empty::<Vec<Name>>("hosts").unwrap_or_default() {
            for host in host_names(&member, decoder) {
                if hosts.contains_key(&host) {
                    members.insert(host);
                } else {
                    let unknown = Name { text: host.to_string(), span: member.span };
                    decoder.known("host", &unknown, hosts.keys().map(HostName::as_str));
                }
            }
        }
        let children = fields.or_empty::<Vec<Name>>("children").unwrap_or_default();
        let children = children
            .into_iter()
            .filter(|child| decoder.known("group", child, names.iter().copied()).is_some())
            .filter_map(|child| Some((child.text.parse().ok()?, child.span)))
            .collect();
        let group = Group { place: entry.key.span, level: level(&fields, decoder), hosts: members, children };
        if let Some(name) = name {
            groups.insert(name, group);
        }
    }
    groups
}

fn host_names(written: &Name, decoder: &Decoder<'_>) -> Vec<HostName> {
    let names = decoder.check(range::expand(&written.text), written.span).unwrap_or_default();
    // All names of a range are of one form, so the first mistake speaks for all.
    let parsed: Result<Vec<HostName>, _> = names.iter().map(|name| name.parse()).collect();
    decoder.check(parsed, written.span).unwrap_or_default()
}
