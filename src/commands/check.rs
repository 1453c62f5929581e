//! `provision check`: say what `up` would change.

use anyhow::Result;
use provision::desired::Desired;
use provision::model::Init;
use provision::platform::Platform;
use provision::render::render;
use provision::report::{data, talk};
use provision::run::Goal;
use provision::source::Sources;

use super::{Exit, hosts};
use crate::cli::Check;
use crate::settings::{Loaded, Misuse};

/// Says what `up` would change.
pub fn check(arguments: &Check) -> Result<Exit> {
    if arguments.offline {
        return offline(arguments);
    }
    let Check { selection, inventory, output, connection, .. } = arguments;
    let ended = hosts::work(Goal::Check, selection, inventory, output, connection, None)?;
    Ok(Exit::of(&ended))
}

/// Everything that can be checked with no host and no server: inventory, templates, folders of code.
fn offline(arguments: &Check) -> Result<Exit> {
    let loaded = Loaded::read(&arguments.inventory)?;
    let Some(targets) = hosts::select(&loaded, &arguments.selection, &arguments.connection)? else {
        return Ok(Exit::Done);
    };
    let sources = Sources::pin_offline(targets.iter().flat_map(|target| &target.apps))?;
    let mut not_on_upstart = vec![];
    for target in &targets {
        let newest = Platform::newest(Init::Systemd);
        let rendered = render(target, &newest, &loaded.engine).map_err(|error| Misuse(format!("error: {error}")))?;
        let desired = Desired::compose(target, rendered, &sources, &newest)?;
        let (files, apps, sites) = (desired.files.len(), desired.apps.len(), target.sites.len());
        data(&format!("{}  valid; sites: {sites}, apps: {apps}, files: {files}", target.host));
        // Upstart cannot do all that systemd can; that is a mistake only where it runs.
        if let Err(error) = render(target, &Platform::newest(Init::Upstart), &loaded.engine) {
            not_on_upstart.push((&target.host, error));
        }
    }
    if let Some((host, error)) = not_on_upstart.first() {
        let hosts = not_on_upstart.len();
        talk(&format!("note: hosts that would be refused if they ran Upstart: {hosts}; {host}, for one: {error}"));
    }
    Ok(Exit::Done)
}
