//! Levels of values, and the groups and hosts that set them.

use indexmap::{IndexMap, IndexSet};
use serde_json::Value as Json;

use super::node::{Name, Node};
use crate::diagnostic::Span;
use crate::model::{GroupName, HostName, PackageName};

/// The values that the top, a group or a host sets.
#[derive(Debug, Clone, Default)]
pub struct Level {
    /// `ssh:`.
    pub ssh: Option<Node>,
    /// `vars:`.
    pub vars: IndexMap<String, Json>,
    /// `sites:` of a group or host.
    pub sites: Vec<Name>,
    /// `apps:` of a group or host.
    pub apps: Vec<Name>,
    /// `packages:`.
    pub packages: Vec<PackageName>,
    /// `files:`.
    pub files: Option<Node>,
}

/// A group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Where it is defined.
    pub place: Span,
    /// Its values.
    pub level: Level,
    /// Hosts that it names itself.
    pub hosts: IndexSet<HostName>,
    /// Groups whose hosts are in it too.
    pub children: Vec<(GroupName, Span)>,
}

/// A host.
#[derive(Debug, Clone)]
pub struct Host {
    /// Where it is defined.
    pub place: Span,
    /// Its values.
    pub level: Level,
    /// What ssh connects to.
    pub address: Option<Node>,
    /// It gets nothing, on purpose.
    pub spare: bool,
}
