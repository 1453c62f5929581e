//! `provision purge`: end what is kept of removed apps.

use std::collections::BTreeMap;

use anyhow::Result;
use provision::fault::Fault;
use provision::run::{Goal, InventoryText, Origin, Wanted};
use provision::source::Sources;
use provision::template::Engine;

use super::hosts::Given;
use super::places::{Named, Place, places};
use super::{Exit, hosts};
use crate::cli::Purge;

/// Removes for good what a host keeps of removed apps.
pub fn purge(arguments: &Purge) -> Result<Exit> {
    let Purge { host, app, check, lost, inventory, output, change, connection } = arguments;
    let app = match app.as_ref().map(|app| app.parse()).transpose() {
        Ok(app) => app,
        Err(error) => return Err(Fault::misuse(format!("{error}")).into()),
    };
    let named = Named { patterns: std::slice::from_ref(host), limit: None, lost };
    let wanted = |Place { host, connection, project }| {
        let origin = Origin::Purge(project, app.clone());
        Wanted { host, connection, origin }
    };
    let wanted: Vec<Wanted> = places(&named, inventory, connection)?.into_iter().map(wanted).collect();
    let goal = if *check { Goal::Check } else { Goal::Up };
    // What is live stays so, as the host has it stored.
    let given = Given {
        engine: &Engine::new(&BTreeMap::new())?,
        sources: &Sources::default(),
        inventory: InventoryText::default(),
        change: Some(change),
    };
    Ok(Exit::of(&hosts::run(goal, &wanted, &given, output, connection)?))
}
