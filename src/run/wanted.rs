//! What one host should become, and how to reach it.

use crate::model::{AppName, Connection, HostName, ProjectName, Target};

/// What one host should become, and how to reach it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The host's name.
    pub host: HostName,
    /// How to reach it.
    pub connection: Connection,
    /// Where it is said what the host should become.
    pub origin: Origin,
}

/// Where it is said what a host should become.
#[derive(Debug, Clone)]
pub enum Origin {
    /// In the inventory.
    Inventory(Box<Target>),
    /// In a generation of a project that the host has stored: that of the number, or the last one that was live before
    /// the live one.
    Generation(ProjectName, Option<u32>),
    /// What is live of a project stays, and nothing that brings back a removed app: the one of that name, or any.
    Purge(ProjectName, Option<AppName>),
}

impl From<Target> for Wanted {
    fn from(target: Target) -> Self {
        let (host, connection) = (target.host.clone(), target.connection.clone());
        Self { host, connection, origin: Origin::Inventory(Box::new(target)) }
    }
}
