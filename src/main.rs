//! Parses the command line, runs it, and turns the outcome into an exit code.

// Programs are started by the library's `process` alone. Tests may.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod cli;
mod commands;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;
use provision::fault;
use provision::report::{self, talk};

use commands::Exit;

fn main() -> ExitCode {
    // What a mistake of ours quotes may be secret as well.
    std::panic::set_hook(Box::new(|panic| talk(&format!("error: this is a mistake in provision: {panic}"))));
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistakes.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print();
            return exit.into();
        }
    };
    match commands::run(cli.command) {
        Ok(exit) => exit.into(),
        Err(error) => {
            talk(&report::error(&error));
            Exit::from(fault::kind(&error)).into()
        }
    }
}
