//! Changes of hosts towards what they themselves know: an earlier generation, or less of what they keep.

use std::collections::BTreeMap;

use anyhow::Result;
use provision::model::ProjectName;
use provision::run::{Goal, InventoryText, Origin, Wanted};
use provision::source::Sources;
use provision::template::Engine;

use super::hosts::Given;
use super::places::{Named, Place};
use super::{Exit, hosts};
use crate::cli::OwnArgs;

/// The hosts that were named.
///
/// # Errors
/// When there is no such host.
pub fn places(own: &OwnArgs) -> Result<Vec<Place>> {
    let named = Named { patterns: std::slice::from_ref(&own.host), limit: None, lost: &own.lost };
    super::places::places(&named, &own.inventory, &own.connection)
}

/// Changes them, or shows what would change; `origin` says what is wanted of a project.
pub fn change(own: &OwnArgs, places: Vec<Place>, origin: impl Fn(ProjectName) -> Origin) -> Result<Exit> {
    let wanted = |Place { host, connection, project }| Wanted { host, connection, origin: origin(project) };
    let wanted: Vec<Wanted> = places.into_iter().map(wanted).collect();
    let goal = if own.check { Goal::Check } else { Goal::Up };
    // What is stored was rendered, and its code is on the host.
    let given = Given {
        engine: &Engine::new(&BTreeMap::new())?,
        sources: &Sources::default(),
        inventory: InventoryText::default(),
        change: Some(&own.change),
    };
    Ok(Exit::of(&hosts::run(goal, &wanted, &given, &own.output, &own.connection)?))
}
