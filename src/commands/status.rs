//! `provision status`: how the apps of hosts are.

use anyhow::Result;
use provision::model::ProjectName;
use provision::report::{self, data, data_json, talk};

use super::places::{Named, places};
use super::{Exit, hosts};
use crate::cli::{Format, Status};

/// Prints how the apps of the selected hosts are.
pub fn status(arguments: &Status) -> Result<Exit> {
    let Status { patterns, limit, lost, inventory, format, connection } = arguments;
    let named = Named { patterns, limit: limit.as_deref(), lost };
    let mut told = vec![];
    let exit = hosts::ask_each(
        &places(&named, inventory, connection)?,
        connection,
        async |place, access| provision::run::status(&place.connection, &place.project, access).await,
        |place, status| {
            let host = &place.host;
            let Some(status) = status else {
                let of = if place.project == ProjectName::default() {
                    String::new()
                } else {
                    format!(" of project `{}`", place.project)
                };
                talk(&format!("note: {host}: provision has no record of an installation{of} on this host"));
                return Exit::Done;
            };
            if let Some(holder) = &status.at_work {
                talk(&format!("note: {host}: a change has not ended: {holder}"));
            }
            for line in status.apps.iter().flat_map(|app| report::troubles(host, app)) {
                talk(&line);
            }
            let well = status.apps.iter().all(|app| app.well());
            told.push((host.clone(), status));
            if well { Exit::Done } else { Exit::Failed }
        },
    )?;
    match format {
        Format::Json => told.iter().for_each(|(host, status)| {
            let lines = report::status_json(host, status);
            lines.lines().for_each(data_json);
        }),
        Format::Table if told.is_empty() => {}
        Format::Table => data(report::status(&told).trim_end()),
    }
    Ok(exit)
}
