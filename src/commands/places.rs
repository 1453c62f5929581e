//! Which hosts a command is for when the inventory may be lost: then one host is taken as an ssh destination.

use anyhow::Result;
use provision::fault::{Fault, Kind};
use provision::model::{Connection, HostName, ProjectName};
use provision::report::talk;

use crate::cli::{ConnectionArgs, InventoryArgs, LostArgs};
use crate::settings::{self, Hint, Loaded, Secrets};

/// A host and how to reach it.
pub struct Place {
    /// Its name in the inventory, or the host of an ssh destination.
    pub host: HostName,
    /// How to reach it.
    pub connection: Connection,
    /// The project whose the question is.
    pub project: ProjectName,
}

/// What the user named.
pub struct Named<'a> {
    /// Hosts or patterns; none means all.
    pub patterns: &'a [String],
    /// Only those that this pattern selects.
    pub limit: Option<&'a str>,
    /// What to do without an inventory.
    pub lost: &'a LostArgs,
}

/// The hosts that were named. What goes back to an earlier state must work without the inventory.
///
/// # Errors
/// Of kind [`Kind::Misuse`] when the inventory has mistakes, or names no such host while several were asked for.
pub fn places(named: &Named<'_>, inventory: &InventoryArgs, connection: &ConnectionArgs) -> Result<Vec<Place>> {
    let mut places = find(named, inventory)?;
    for place in &mut places {
        place.project = named.lost.project.clone().unwrap_or_else(|| place.project.clone());
        settings::connect_as(&mut place.connection, connection);
    }
    if connection.sandbox {
        super::sandbox::stand_in(
            places.iter_mut().map(|place| (&place.host, &mut place.connection)),
            &connection.suite,
        )?;
    }
    Ok(places)
}

fn find(named: &Named<'_>, inventory: &InventoryArgs) -> Result<Vec<Place>> {
    // A limit, or a second pattern, speaks of what an inventory has.
    let single = match named.patterns {
        [one] if named.limit.is_none() => destination(one).map(|place| (one, place)),
        _ => None,
    };
    if named.lost.no_inventory {
        let (_, place) = single.ok_or_else(|| {
            Fault::misuse("without an inventory one host must be named")
                .hint("name it as for `ssh`: `HOST` or `USER@HOST`")
        })?;
        return Ok(vec![place]);
    }
    let loaded = match Loaded::read_if_there(inventory, Secrets::Spared) {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(missing)) => match single {
            Some((name, place)) => return Ok(vec![without_inventory(name, place, &missing.message)]),
            None => return Err(missing.into()),
        },
        Err(error) => {
            let hint = "`--no-inventory` does without it, and takes the host as an ssh destination";
            return Err(match error.downcast::<Fault>() {
                Ok(fault) if single.is_some() && fault.kind == Kind::Misuse => fault.hint(hint).into(),
                Ok(fault) => fault.into(),
                Err(error) => error,
            });
        }
    };
    match loaded.select_from(named.patterns, named.limit) {
        Ok(targets) => Ok(targets
            .into_iter()
            .map(|target| Place { host: target.host, connection: target.connection, project: target.project })
            .collect()),
        Err(error) => match (single, &error.hint) {
            (Some((name, place)), Hint::Misspelt(question)) => {
                Ok(vec![without_inventory(name, place, &format!("{error} ({question})"))])
            }
            (Some((name, place)), Hint::Other(_)) => Ok(vec![without_inventory(name, place, &error.message)]),
            (None, _) => Err(Fault::from(error).into()),
        },
    }
}

fn without_inventory(name: &str, place: Place, why: &str) -> Place {
    talk(&format!("note: {why}; `{name}` is taken as an ssh destination"));
    place
}

/// `HOST` or `USER@HOST`, with ssh's own choice of everything else.
fn destination(text: &str) -> Option<Place> {
    let (user, host) = match text.rsplit_once('@') {
        Some((user, host)) if !user.is_empty() && !user.starts_with('-') => (Some(user.to_owned()), host),
        Some(_) => return None,
        None => (None, text),
    };
    let project = ProjectName::default();
    Some(Place { host: host.parse().ok()?, connection: Connection { user, ..Connection::to(host) }, project })
}
