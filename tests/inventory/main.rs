//! The inventory language: what it accepts, what it refuses, and how it says so.

mod errors;
mod examples;
mod hostile;
mod language;
mod taken;

use std::collections::BTreeMap;
use std::path::Path;

use provision::diagnostic::Diagnostics;
use provision::inventory::Inputs;
use provision::resolve::Targets;

/// Loads an inventory that lies in `/project/inventories`, with one variable in the environment.
fn load(file: &str, text: &str) -> Result<Targets, Diagnostics> {
    load_with(file, text, BTreeMap::new())
}

fn load_with(file: &str, text: &str, extra_vars: BTreeMap<String, serde_json::Value>) -> Result<Targets, Diagnostics> {
    let environment = |name: &str| match name {
        "MYSQL_PWD" => Some("s3cret".to_owned()),
        "HOME" => Some("/home/me".to_owned()),
        _ => None,
    };
    let inputs = Inputs { base_dir: Path::new("/project/inventories"), environment: &environment, extra_vars };
    Targets::load(file, text, &inputs)
}
