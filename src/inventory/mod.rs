//! YAML text as typed words. Every mistake points at file, line and column, and all are found in one pass.
//! Does no I/O: what lies outside the text comes in as [`Inputs`].

pub mod schema;

pub(crate) mod node;
mod raw;
mod syntax;

mod address;
mod comments;
pub(crate) mod decode;
mod free;
pub(crate) mod interpolate;
pub(crate) mod renamed;
mod repository;
pub(crate) mod scalar;
pub(crate) mod units;

pub(crate) mod app;
pub(crate) mod connection;
pub(crate) mod document;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod hierarchy;
pub(crate) mod listen;
mod python;
pub(crate) mod range;
pub(crate) mod runtime;
pub(crate) mod secret;
pub(crate) mod site;
pub(crate) mod tls;

pub mod overrides;
pub mod pattern;

pub use units::duration;

use std::collections::BTreeMap;
use std::path::Path;

/// What an inventory refers to outside itself.
pub struct Inputs<'a> {
    /// The inventory's folder, absolute: its paths are relative to this.
    pub base_dir: &'a Path,
    /// Looks a variable of the controller's environment up, for `from_env`.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Variables of the command line; they override all others.
    pub extra_vars: BTreeMap<String, serde_json::Value>,
}
