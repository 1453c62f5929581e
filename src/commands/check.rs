//! `provision check`: say what `up` would change.

use std::collections::BTreeMap;

use anyhow::Result;
use provision::desired::Desired;
use provision::diagnostic::Style;
use provision::fault::Fault;
use provision::model::Init;
use provision::platform::Platform;
use provision::render::render;
use provision::report::{self, data, talk};
use provision::run::Goal;
use provision::source::Sources;

use super::lint::{Linted, errors, summary};
use super::{Exit, hosts};
use crate::cli::Check;
use crate::settings::Loaded;

/// Says what `up` would change.
pub fn check(arguments: &Check) -> Result<Exit> {
    if arguments.offline {
        return offline(arguments);
    }
    let Check { selection, inventory, output, connection, .. } = arguments;
    let ended = hosts::work(Goal::Check, selection, inventory, output, connection, None)?;
    Ok(Exit::of(&ended))
}

/// Everything that can be checked with no host and no server: inventory, templates, what they render, folders of code.
fn offline(arguments: &Check) -> Result<Exit> {
    let loaded = Loaded::read(&arguments.inventory)?;
    let Some(targets) = hosts::select(&loaded, &arguments.selection, &arguments.connection)? else {
        return Ok(Exit::Done);
    };
    let sources = Sources::pin_offline(targets.iter().flat_map(|target| &target.apps))?;
    let mut not_on_upstart = vec![];
    let mut linted = Linted::default();
    for target in &targets {
        for platform in Platform::extremes() {
            let rendered = match render(target, &platform, &loaded.engine) {
                Ok(rendered) => rendered,
                // Upstart cannot do all that systemd can; that is a mistake only where it runs.
                Err(error) if platform.init == Init::Upstart => {
                    not_on_upstart.push((&target.host, error));
                    continue;
                }
                Err(error) => return Err(Fault::misuse(error.to_string()).into()),
            };
            linted.add(&target.host, &rendered, &platform);
            if platform == Platform::newest(Init::Systemd) {
                let desired = Desired::compose(target, rendered, &sources, &platform)?;
                let (files, apps, sites) = (desired.files.len(), desired.apps.len(), target.sites.len());
                data(&format!("{}  valid; sites: {sites}, apps: {apps}, files: {files}", target.host));
            }
        }
    }
    let apps: BTreeMap<_, _> = targets.iter().flat_map(|target| &target.apps).map(|app| (&app.name, app)).collect();
    for (name, app) in apps {
        if let Some(note) = report::left_out(name, sources.of(app)?.left_out()) {
            talk(&note);
        }
    }
    if let Some((host, error)) = not_on_upstart.first() {
        let hosts = not_on_upstart.len();
        talk(&format!("note: hosts that would be refused if they ran Upstart: {hosts}; {host}, for one: {error}"));
    }
    // What is only regrettable is counted here, and shown by `lint`.
    let files = linted.files;
    let gathered = linted.gather();
    errors(&gathered).for_each(|one| talk(&format!("{}\n", report::finding(one, Style::Coloured))));
    talk(&summary(&gathered, files));
    Ok(if errors(&gathered).next().is_some() { Exit::Usage } else { Exit::Done })
}
