//! One file per command: what it does, in the words of the library.

mod check;
mod consent;
mod exit;
mod folder;
mod history;
mod hosts;
mod lint;
mod own;
mod places;
mod purge;
mod reload;
mod render;
mod rollback;
mod sandbox;
mod status;
mod up;

pub use exit::Exit;

use std::time::Duration;

use anyhow::Result;

use crate::cli::Command;

/// Runs a command.
pub fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Up(arguments) => up::up(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Lint(arguments) => lint::lint(&arguments),
        Command::Render(arguments) => render::render(&arguments),
        Command::Reload(arguments) => reload::reload(&arguments),
        Command::History(arguments) => history::history(&arguments),
        Command::Purge(arguments) => purge::purge(&arguments),
        Command::Rollback(arguments) => rollback::rollback(&arguments),
        Command::Status(arguments) => status::status(&arguments),
        Command::Sandbox(arguments) => sandbox::sandbox(arguments.command),
        Command::SshDial { host, port, timeout, log } => {
            provision::ssh::dial(&host, port, Duration::from_secs(timeout), &log)?;
            Ok(Exit::Done)
        }
        Command::SshAcknowledge => {
            provision::ssh::keep_acknowledging();
            Ok(Exit::Done)
        }
    }
}
