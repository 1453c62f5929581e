//! `provision history`: every attempt to change a host.

use anyhow::Result;
use provision::report::{self, data, data_json};

use super::places::{Named, places};
use super::{Exit, hosts};
use crate::cli::{Format, History};

/// Prints the history of a host.
pub fn history(arguments: &History) -> Result<Exit> {
    let History { host, lost, inventory, connection, format, verbose } = arguments;
    let patterns = std::slice::from_ref(host);
    let named = Named { patterns, limit: None, lost };
    let places = places(&named, inventory, connection)?;
    let several = places.len() > 1;
    hosts::ask_each(
        &places,
        connection,
        async |place, access| provision::run::history(&place.connection, access).await,
        |place, history| {
            let history = match &lost.project {
                Some(project) => history.of(project),
                None => history,
            };
            let text = match format {
                Format::Json => {
                    report::history_json(&place.host, &history).lines().for_each(data_json);
                    return Exit::Done;
                }
                Format::Table if history.generations.is_empty() => {
                    report::talk(&format!("{}: provision has not changed this host yet", place.host));
                    String::new()
                }
                Format::Table => report::history(&history, *verbose),
            };
            if several {
                data(&format!("{}:", place.host));
            }
            if !text.is_empty() {
                data(text.trim_end());
            }
            report::kept(&place.host, &history).lines().for_each(report::talk);
            Exit::Done
        },
    )
}
