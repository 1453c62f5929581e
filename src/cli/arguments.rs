//! The arguments of each command.

use std::path::PathBuf;

use clap::Args;
use provision::platform::Platform;

use super::shared::{ChangeArgs, ConnectionArgs, Format, InventoryArgs, LockArgs, LostArgs, OutputArgs, SelectionArgs};

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
    /// Check inventory, templates, what they render, and sources alone; no host is contacted
    #[arg(long, conflicts_with = "sandbox")]
    pub offline: bool,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub struct Lint {
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    /// What the hosts run, as for `render`, instead of the newest release and the oldest with systemd and with Upstart
    #[arg(long = "for", value_name = "RELEASE", value_parser = platform)]
    pub platform: Option<Platform>,
    /// List the rules and stop
    #[arg(long)]
    pub rules: bool,
    /// Explain what a rule finds, why, and what to do, and stop
    #[arg(long, value_name = "RULE", conflicts_with = "rules")]
    pub explain: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
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

#[derive(Debug, Args)]
pub struct Reload {
    /// The host, or a pattern
    pub host: String,
    /// The app [default: all apps of the host]
    pub app: Option<String>,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub struct History {
    /// The host; one that is not in the inventory is an ssh destination
    pub host: String,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub lost: LostArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Show every change
    #[arg(short, long)]
    pub verbose: bool,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// A change of a host towards something that the host itself knows.
#[derive(Debug, Args)]
pub struct OwnArgs {
    /// The host, or a pattern; one that is not in the inventory is an ssh destination
    pub host: String,
    /// Only show what would change; exit 0 if nothing, 2 if something
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
pub struct Rollback {
    /// The generation to go back to, as `provision history` numbers it [default: the last one that was live before]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub to: Option<u32>,
    #[command(flatten)]
    pub own: OwnArgs,
}

#[derive(Debug, Args)]
pub struct Purge {
    #[command(flatten)]
    pub own: OwnArgs,
    /// The app; none means every app that the host keeps
    pub app: Option<String>,
}

#[derive(Debug, Args)]
pub struct Status {
    /// Hosts, groups or patterns; none means all. One host that is not in the inventory is an ssh destination
    #[arg(value_name = "PATTERN")]
    pub patterns: Vec<String>,
    /// Only those of the hosts that this pattern selects
    #[arg(short, long, env = "PROVISION_LIMIT", value_name = "PATTERN")]
    pub limit: Option<String>,
    #[command(flatten)]
    pub inventory: InventoryArgs,
    #[command(flatten)]
    pub lost: LostArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

fn platform(name: &str) -> Result<Platform, String> {
    Platform::named(name)
}
