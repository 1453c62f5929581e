//! `provision reload`: reload apps of one host gracefully.

use anyhow::Result;
use provision::apply::Options;
use provision::event::Event;
use provision::model::AppName;
use provision::report::data;
use provision::run::{Interrupt, Reloaded, Shared};
use provision::source::Sources;

use super::{Exit, hosts};
use crate::cli::{Reload, SelectionArgs};
use crate::settings::{self, Loaded, Misuse};

/// Reloads one app of a host, or all.
pub fn reload(arguments: &Reload) -> Result<Exit> {
    let loaded = Loaded::read(&arguments.inventory)?;
    let selection = SelectionArgs { patterns: vec![arguments.host.clone()], limit: None, list_hosts: false };
    let targets = hosts::select(&loaded, &selection, &arguments.connection)?.unwrap_or_default();
    let escalation = settings::escalation(&arguments.connection)?;
    let sources = Sources::default();
    let mut exit = Exit::Done;
    for target in &targets {
        let names: Vec<AppName> = target.apps.iter().map(|app| app.name.clone()).collect();
        let apps: Vec<AppName> = match &arguments.app {
            None => names,
            Some(wanted) => {
                let known: Vec<String> = names.iter().map(ToString::to_string).collect();
                let app = names.into_iter().find(|name| name.as_str() == wanted).ok_or_else(|| {
                    Misuse(format!(
                        "error: `{}` runs no app `{wanted}`\n  = help: it runs {}",
                        target.host,
                        known.join(", ")
                    ))
                })?;
                vec![app]
            }
        };
        let emit = |_: Event| {};
        let done = hosts::runtime()?.block_on(async {
            let shared = Shared {
                engine: &loaded.engine,
                sources: &sources,
                escalation: escalation.clone(),
                sockets: settings::sockets(),
                who: settings::who(),
                inventory: loaded.inventory.clone(),
                options: Options::default(),
                lock_wait: hosts::lock_wait(&arguments.lock),
                pause: None,
                interrupt: Interrupt::listen()?,
                emit: &emit,
            };
            provision::run::reload(target, &apps, &shared, |line| data(&format!("{}  {line}", target.host))).await
        });
        match done {
            Ok(Reloaded::Yes) => {}
            Ok(Reloaded::Locked(holder)) => {
                provision::report::talk(&format!(
                    "error: {}: another run is at work there: {holder}
  = help: `--lock-wait 60s` waits for it",
                    target.host
                ));
                exit = Exit::Locked;
            }
            Ok(Reloaded::Interrupted) => {
                provision::report::talk(&format!("interrupted: {} may still be reloading", target.host));
                return Ok(Exit::Interrupted);
            }
            Err(error) => exit = hosts::failed(&target.host, error),
        }
    }
    Ok(exit)
}
