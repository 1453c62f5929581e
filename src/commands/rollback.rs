//! `provision rollback`: make hosts what they were in an earlier generation.

use std::collections::BTreeMap;

use anyhow::Result;
use provision::fault::Fault;
use provision::run::{Goal, InventoryText, Origin, Wanted};
use provision::source::Sources;
use provision::template::Engine;

use super::hosts::Given;
use super::places::{Named, Place, places};
use super::{Exit, hosts};
use crate::cli::Rollback;

/// Makes a host what it was in an earlier generation.
pub fn rollback(arguments: &Rollback) -> Result<Exit> {
    let Rollback { host, to, check, lost, inventory, output, change, connection } = arguments;
    let named = Named { patterns: std::slice::from_ref(host), limit: None, lost };
    let places = places(&named, inventory, connection)?;
    if to.is_some() && places.len() > 1 {
        let what = format!("`{host}` means {} hosts, and each counts its own generations", places.len());
        return Err(Fault::misuse(what).hint("give `--to` for one host at a time").into());
    }
    let wanted = |Place { host, connection, project }| {
        let origin = Origin::Generation(project, *to);
        Wanted { host, connection, origin }
    };
    let wanted: Vec<Wanted> = places.into_iter().map(wanted).collect();
    let goal = if *check { Goal::Check } else { Goal::Up };
    // What is stored was rendered, and its code is on the host.
    let given = Given {
        engine: &Engine::new(&BTreeMap::new())?,
        sources: &Sources::default(),
        inventory: InventoryText::default(),
        change: Some(change),
    };
    Ok(Exit::of(&hosts::run(goal, &wanted, &given, output, connection)?))
}
