//! `provision reload`: reload apps of one host gracefully.

use anyhow::Result;
use provision::fault::Fault;
use provision::model::AppName;
use provision::report::{self, data};
use provision::run::{Reloaded, Turn};

use super::{Exit, hosts};
use crate::cli::{Reload, SelectionArgs};
use crate::settings::{self, Loaded};

/// Reloads one app of a host, or all.
pub fn reload(arguments: &Reload) -> Result<Exit> {
    let loaded = Loaded::read(&arguments.inventory)?;
    let selection = SelectionArgs { patterns: vec![arguments.host.clone()], limit: None, list_hosts: false };
    let targets = hosts::select(&loaded, &selection, &arguments.connection)?.unwrap_or_default();
    let escalation = settings::escalation(&arguments.connection)?;
    let turn = Turn { who: settings::who(), lock_wait: hosts::lock_wait(&arguments.lock) };
    let mut exit = Exit::Done;
    for target in &targets {
        let names: Vec<AppName> = target.apps.iter().map(|app| app.name.clone()).collect();
        let apps: Vec<AppName> = match &arguments.app {
            None => names,
            Some(wanted) => {
                let known: Vec<String> = names.iter().map(ToString::to_string).collect();
                let app = names.into_iter().find(|name| name.as_str() == wanted).ok_or_else(|| {
                    Fault::misuse(format!("`{}` runs no app `{wanted}`", target.host))
                        .hint(format!("it runs {}", known.join(", ")))
                })?;
                vec![app]
            }
        };
        let done = hosts::runtime()?.block_on(async {
            let access = settings::access(escalation.clone())?;
            let show = |line: &str| data(&format!("{}  {line}", target.host));
            provision::run::reload(target, &apps, &turn, &access, show).await
        });
        match done {
            Ok(Reloaded::Yes) => {}
            Ok(Reloaded::Locked(holder)) => {
                let what = format!("{}: a change is in progress there: {holder}", target.host);
                let fault = Fault::new(what).hint("`--lock-wait 60s` waits for it");
                report::talk(&report::error(&fault.into()));
                exit = Exit::Locked;
            }
            Ok(Reloaded::Interrupted) => {
                report::talk(&format!("interrupted: {} may still be reloading", target.host));
                return Ok(Exit::Interrupted);
            }
            Err(error) => exit = hosts::failed(&target.host, error),
        }
    }
    Ok(exit)
}
