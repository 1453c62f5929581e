//! `provision purge`: end what is kept of removed apps.

use anyhow::Result;
use provision::fault::Fault;
use provision::run::Origin;

use super::{Exit, own};
use crate::cli::Purge;

/// Removes for good what a host keeps of removed apps.
pub fn purge(arguments: &Purge) -> Result<Exit> {
    let app = match arguments.app.as_ref().map(|app| app.parse()).transpose() {
        Ok(app) => app,
        Err(error) => return Err(Fault::misuse(format!("{error}")).into()),
    };
    let places = own::places(&arguments.own)?;
    // What is live stays so.
    own::change(&arguments.own, places, |project| Origin::Purge(project, app.clone()))
}
