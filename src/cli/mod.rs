//! The command line as clap definitions, and nothing else: [`crate::settings`] gives them their meaning.

mod arguments;
mod sandbox;
mod shared;

pub use arguments::{Check, History, Lint, OwnArgs, Purge, Reload, Render, Rollback, Status, Up};
pub use sandbox::{Sandbox, SandboxCommand};
pub use shared::{
    Allow, ChangeArgs, ConnectionArgs, Format, InventoryArgs, LockArgs, LostArgs, OutputArgs, SelectionArgs,
};

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Provision web hosts over SSH: one look, one plan, one transaction.
///
/// Reads a YAML inventory, renders commented Nginx, Gunicorn and systemd or Upstart configuration, and makes hosts
/// match it. A run that finds nothing to do changes nothing.
#[derive(Debug, Parser)]
#[command(name = "provision", version, max_term_width = 100, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or in sync
  1  error
  2  drift (`check`, `up --detailed-exitcode`, or `--check` of a command), or no consent to what would be destroyed
  3  some hosts failed, or have an app that is not well (`status`)
  4  some hosts unreachable
  5  usage or inventory, or a finding of `lint`
  6  locked by another run
  7  some hosts failed after the switch, or were cut, and were rolled back
  130  interrupted";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make hosts match the inventory.
    Up(Up),
    /// Show what `up` would change; exit 0 in sync, 2 drift. Changes nothing on any host.
    Check(Check),
    /// Look for mistakes in what the templates render, by rules.
    ///
    /// Every file of every host is rendered, for the newest release and for Ubuntu 16.04 with systemd and with Upstart,
    /// and read as Nginx, systemd, Upstart, gunicorn, logrotate and shells would read it. It is meant for templates
    /// of your own. Exit 0 if nothing is found, 5 if anything is. A comment `# provision: allow RULE because
    /// REASON` on the line above allows one finding.
    Lint(Lint),
    /// Write every file of every host into a local folder.
    Render(Render),
    /// Reload apps of a host gracefully, without losing a request, and check that it worked.
    Reload(Reload),
    /// List every attempt to change a host, from the host's own records.
    History(History),
    /// Roll a host back to the generation before, or to another one of its history.
    Rollback(Rollback),
    /// Remove for good what a host keeps of removed apps, so that nothing brings them back.
    Purge(Purge),
    /// Show the apps of hosts: what runs, what is installed, and whether it is healthy.
    ///
    /// What is installed comes from the host's own records; the inventory only says how to reach it. Exit 3 if an app
    /// is unhealthy, does not run, or has not loaded what is installed.
    Status(Status),
    /// Throw-away hosts on this machine, with a real init, sshd, apt and nginx.
    Sandbox(Sandbox),
    /// Dial a host for ssh and pass the socket on (ssh runs this, not you).
    #[command(hide = true)]
    SshDial { host: String, port: u16, timeout: u64, log: PathBuf },
    /// Acknowledge early on a socket for a moment (`ssh-dial` runs this, not you).
    #[command(hide = true)]
    SshAcknowledge,
}
