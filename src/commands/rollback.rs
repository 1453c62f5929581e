//! `provision rollback`: make hosts what they were in an earlier generation.

use anyhow::Result;
use provision::fault::Fault;
use provision::run::Origin;

use super::{Exit, own};
use crate::cli::Rollback;

/// Makes a host what it was in an earlier generation.
pub fn rollback(arguments: &Rollback) -> Result<Exit> {
    let (host, to) = (&arguments.own.host, arguments.to);
    let places = own::places(&arguments.own)?;
    if to.is_some() && places.len() > 1 {
        let what = format!("`{host}` means {} hosts, and each counts its own generations", places.len());
        return Err(Fault::misuse(what).hint("give `--to` for one host at a time").into());
    }
    own::change(&arguments.own, places, |project| Origin::Generation(project, to))
}
