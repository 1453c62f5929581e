//! Arguments that several commands have.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use provision::model::ProjectName;

/// Where the inventory is and what overrides it.
#[derive(Debug, Args)]
pub struct InventoryArgs {
    /// Inventory file [default: inventory.yml or inventories/production.yml]
    #[arg(short, long, env = "PROVISION_INVENTORY", value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// Variable that overrides the inventory's: `key=value` or `@file.yml`; may be repeated
    #[arg(short = 'e', long = "extra-vars", value_name = "VARS")]
    pub extra_vars: Vec<String>,
}

/// Which hosts.
#[derive(Debug, Args)]
pub struct SelectionArgs {
    /// Hosts, groups or patterns: `web-*`, `web:&eu`, `web:!web-03`, `web-[01:10]`, `@file`; none means all
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,
    /// Only those of the hosts that this pattern selects
    #[arg(short, long, env = "PROVISION_LIMIT", value_name = "PATTERN")]
    pub limit: Option<String>,
    /// List the selected hosts and stop
    #[arg(long)]
    pub list_hosts: bool,
}

/// How to reach hosts; what is not said here or in the inventory is left to `ssh` and its own configuration.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// Log in as this user
    #[arg(short, long, env = "PROVISION_USER", value_name = "USER")]
    pub user: Option<String>,
    /// Log in with this private key
    #[arg(long, env = "PROVISION_PRIVATE_KEY", value_name = "FILE")]
    pub private_key: Option<PathBuf>,
    /// Become root with sudo
    #[arg(short, long)]
    pub r#become: bool,
    /// Ask for sudo's password; PROVISION_BECOME_PASSWORD is read instead if it is set
    #[arg(short = 'K', long)]
    pub ask_become_pass: bool,
    /// Seconds that connecting may take
    #[arg(short = 'T', long, env = "PROVISION_TIMEOUT", value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// How many hosts to work on at once
    #[arg(short, long, env = "PROVISION_FORKS", default_value_t = 16, value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..))]
    pub forks: u16,
    /// Rehearse on sandbox hosts of the same names, created if need be, instead of the selected hosts
    #[arg(long)]
    pub sandbox: bool,
    /// Release that a new sandbox host runs
    #[arg(long, requires = "sandbox", default_value = "bookworm", value_name = "SUITE")]
    pub suite: String,
}

/// What to show.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Show each file's diff; secrets are masked
    #[arg(short = 'D', long)]
    pub diff: bool,
    /// Show more; twice for timings
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// How hosts are changed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Change")]
pub struct ChangeArgs {
    /// Request every site of the host throughout the run; roll back if one request fails during the switch
    #[arg(long)]
    pub watch: bool,
    /// Do not ask before apps, users or sites are removed, or an app gets another user
    #[arg(long)]
    pub yes: bool,
    /// Do not ask before what is of these kinds: `remove` (apps, users and sites that go) and `user` (apps that get
    /// another user)
    #[arg(long, env = "PROVISION_ALLOW", value_name = "KINDS", value_enum, value_delimiter = ',')]
    pub allow: Vec<Allow>,
    #[command(flatten)]
    pub lock: LockArgs,
    /// Ask new releases for nothing but their health, where the inventory asks for a rehearsal
    #[arg(long)]
    pub no_rehearsal: bool,
    /// Commit a change that is on probation first
    #[arg(long)]
    pub end_probation: bool,
    /// Stand still at this point of each transaction, for tests that cut it there
    #[arg(long, env = "PROVISION_PAUSE", value_name = "POINT", hide = true)]
    pub pause: Option<String>,
}

/// Kinds of what a change can destroy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Allow {
    /// Apps, users and sites that go.
    Remove,
    /// Apps that get another user.
    User,
}

/// What to do about others who are at work on a host.
#[derive(Debug, Args)]
#[command(next_help_heading = "Change")]
pub struct LockArgs {
    /// Wait this long for another run of provision, and for another program that installs packages, such as `60s`
    /// [default: not at all, and 5 minutes]
    #[arg(long, env = "PROVISION_LOCK_WAIT", value_name = "DURATION", value_parser = duration)]
    pub lock_wait: Option<Duration>,
}

fn duration(text: &str) -> Result<Duration, String> {
    provision::inventory::duration(text).map_err(|error| error.to_string())
}

/// What to do when there is no inventory to find the host in.
#[derive(Debug, Args)]
pub struct LostArgs {
    /// Read no inventory: the host is an ssh destination, `HOST` or `USER@HOST`
    #[arg(long)]
    pub no_inventory: bool,
    /// The project that is meant [default: the inventory's, and `default` without one; `history` shows all]
    #[arg(long, value_name = "NAME", value_parser = project)]
    pub project: Option<ProjectName>,
}

fn project(text: &str) -> Result<ProjectName, String> {
    text.parse().map_err(|error: provision::model::NameError| format!("{error}; {}", error.hint))
}

/// How to print data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// One JSON object a line.
    Json,
}
