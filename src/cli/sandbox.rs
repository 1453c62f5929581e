//! `provision sandbox` and its own commands.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct Sandbox {
    #[command(subcommand)]
    pub command: SandboxCommand,
}

#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Create hosts, or start those that exist
    Up {
        /// Names of the hosts
        #[arg(required = true, value_name = "HOST")]
        hosts: Vec<String>,
        /// Debian or Ubuntu release: bookworm, trixie, bullseye, xenial, …
        #[arg(long, default_value = "bookworm")]
        suite: String,
        /// Mirror to fetch the base's packages from
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
    },
    /// List hosts with their addresses
    List,
    /// Open a shell on a host, or run a command there
    Ssh {
        /// The host
        host: String,
        /// The command
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
        command: Vec<String>,
    },
    /// Cut the power of hosts; their disks stay
    Stop {
        /// Names of the hosts
        #[arg(required = true, value_name = "HOST")]
        hosts: Vec<String>,
    },
    /// Switch stopped hosts on again
    Start {
        /// Names of the hosts
        #[arg(required = true, value_name = "HOST")]
        hosts: Vec<String>,
    },
    /// Remove hosts with their disks
    Down {
        /// Names of the hosts
        #[arg(value_name = "HOST", required_unless_present_any = ["all", "purge"])]
        hosts: Vec<String>,
        /// Remove every host
        #[arg(long)]
        all: bool,
        /// Remove every host, and the cached base images too
        #[arg(long)]
        purge: bool,
    },
}
