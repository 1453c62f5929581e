//! The command line as clap definitions, and nothing else: [`crate::settings`] gives them their meaning.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use provision::platform::Platform;

/// Provision web hosts over SSH: one look, one plan, one transaction.
///
/// Reads a YAML inventory, renders commented Nginx, Gunicorn and systemd or Upstart configuration, and makes hosts match
/// it. A run that finds nothing to do changes nothing.
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
  2  drift (`check`, `rollback --check`, or `up --detailed-exitcode`)
  3  some hosts failed, or have an app that is not well (`status`)
  4  some hosts unreachable
  5  usage or inventory
  6  locked by another run
  7  some hosts failed after the switch, or were cut, and were rolled back
  130  interrupted";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make hosts match the inventory.
    Up(Up),
    /// Say what `up` would change; exit 0 in sync, 2 drift. Writes nothing, on no host.
    Check(Check),
    /// Write every file of every host into a local folder.
    Render(Render),
    /// Reload apps of a host gracefully, with no request lost, and prove it.
    Reload(Reload),
    /// Tell every attempt to change a host, as the host itself remembers it.
    History(History),
    /// Make a host what it was before, or in another generation of its history.
    Rollback(Rollback),
    /// Tell how the apps of hosts are: what runs, what is installed, and whether it answers.
    ///
    /// What is installed is what the host remembers; the inventory only says how to reach it. Exit 3 if an app is unhealthy,
    /// does not run, or runs with something else than what is installed.
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
    /// Become root by sudo
    #[arg(short, long)]
    pub r#become: bool,
    /// Ask for sudo's password; PROVISION_BECOME_PASSWORD is read instead if it is set
    #[arg(short = 'K', long)]
    pub ask_become_pass: bool,
    /// Seconds that a connection may take to come up
    #[arg(short = 'T', long, env = "PROVISION_TIMEOUT", value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// How many hosts to work on at once
    #[arg(short, long, env = "PROVISION_FORKS", default_value_t = 16, value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..))]
    pub forks: u16,
    /// Rehearse: sandbox hosts of the same names, created if need be, stand in for the selected hosts
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
    /// Say more; twice for timings
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
    #[command(flatten)]
    pub lock: LockArgs,
    /// Stand still at this point of each transaction, for tests that cut it there
    #[arg(long, env = "PROVISION_PAUSE", value_name = "POINT", hide = true)]
    pub pause: Option<String>,
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

#[derive(Debug, Args)]
pub struct Up {
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    /// Exit 2 instead of 0 when something was changed
    #[arg(long)]
    pub detailed_exitcode: bool,
    #[command(flatten)]
    pub change: ChangeArgs,
    /// List the points at which the transaction of the present plan can be cut, and change nothing
    #[arg(long, hide = true)]
    pub list_points: bool,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    /// Check inventory, templates and sources alone; no host is contacted
    #[arg(long, conflicts_with = "sandbox")]
    pub offline: bool,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub struct Render {
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    /// Folder to write into, one folder a host; may exist
    #[arg(short, long, value_name = "DIR")]
    pub out: PathBuf,
    /// What the hosts run, such as `ubuntu-16.04`, `ubuntu-16.04-upstart`, `ubuntu-24.04` or `debian-13`
    #[arg(long = "for", value_name = "RELEASE", default_value = "debian-13", value_parser = platform)]
    pub platform: Platform,
}

fn platform(name: &str) -> Result<Platform, String> {
    Platform::named(name)
}

#[derive(Debug, Args)]
pub struct Reload {
    /// The host, or a pattern
    pub host: String,
    /// The app; all of the host's apps without it
    pub app: Option<String>,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What to do when there is no inventory to find the host in.
#[derive(Debug, Args)]
pub struct LostArgs {
    /// Read no inventory: the host is an ssh destination, `HOST` or `USER@HOST`
    #[arg(long)]
    pub no_inventory: bool,
}

/// How to print data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people.
    Table,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Args)]
pub struct History {
    /// The host; one that no inventory knows is taken as an ssh destination
    pub host: String,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub lost: LostArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Tell every change
    #[arg(short, long)]
    pub verbose: bool,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub struct Rollback {
    /// The host, or a pattern; one that no inventory knows is taken as an ssh destination
    pub host: String,
    /// The generation to go back to, as `provision history` numbers it [default: the last one that was live before]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub to: Option<u32>,
    /// Only say what would change; exit 0 if nothing, 2 if something
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub lost: LostArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub change: ChangeArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub struct Status {
    /// Hosts, groups or patterns; none means all. One host that no inventory knows is taken as an ssh destination
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,
    /// Only those of the hosts that this pattern selects
    #[arg(short, long, env = "PROVISION_LIMIT", value_name = "PATTERN")]
    pub limit: Option<String>,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub lost: LostArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

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
