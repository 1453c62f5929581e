//! `provision sandbox`, and `--sandbox`: throw-away hosts on this machine.

use std::os::unix::process::CommandExt as _;
use std::str::FromStr as _;

use anyhow::{Context, Result};
use provision::fault::Fault;
use provision::model::{Connection, HostName, NameError};
use provision::report::{data, talk};
use provision::sandbox::{Options, Sandbox, SandboxHost, State, Suite};

use super::Exit;
use crate::cli::SandboxCommand;

/// Runs one of the sandbox's own commands.
pub fn sandbox(command: SandboxCommand) -> Result<Exit> {
    let sandbox = Sandbox::open()?;
    match command {
        SandboxCommand::Up { hosts, suite, mirror } => {
            let options = Options { suite: parse_suite(&suite)?, mirror };
            for host in sandbox.up(&names(&hosts)?, &options, &mut talk)? {
                data(&line(&host));
            }
        }
        SandboxCommand::List => {
            for host in sandbox.list()? {
                data(&line(&host));
            }
        }
        SandboxCommand::Ssh { host, command } => {
            let host = find(&sandbox, &host)?;
            // ssh takes over this process, so that it owns the terminal and its exit code is ours.
            let error = host.ssh().args(command).exec();
            return Err(error).context("`ssh` could not be run");
        }
        SandboxCommand::Stop { hosts } => sandbox.stop(&names(&hosts)?, &mut talk)?,
        SandboxCommand::Start { hosts } => {
            for host in sandbox.start(&names(&hosts)?, &mut talk)? {
                data(&line(&host));
            }
        }
        SandboxCommand::Down { hosts, all, purge } => {
            let removed = if purge {
                sandbox.purge(&mut talk)?
            } else if all {
                sandbox.down_all(&mut talk)?
            } else {
                sandbox.down(&names(&hosts)?, &mut talk)?
            };
            for host in removed {
                talk(&format!("{host} is gone"));
            }
        }
    }
    Ok(Exit::Done)
}

/// Lets sandbox hosts of the same names stand in for `places`: everything stays as it was said but the way in.
pub fn stand_in<'a>(places: impl IntoIterator<Item = (&'a HostName, &'a mut Connection)>, suite: &str) -> Result<()> {
    let options = Options { suite: parse_suite(suite)?, mirror: None };
    let (names, connections): (Vec<HostName>, Vec<&mut Connection>) =
        places.into_iter().map(|(host, connection)| (host.clone(), connection)).unzip();
    let hosts = Sandbox::open()?.up(&names, &options, &mut talk)?;
    for (connection, host) in connections.into_iter().zip(hosts) {
        connection.address = host.address.to_string();
        connection.port = Some(22);
        connection.user = Some(host.user);
        connection.identity = Some(host.identity);
        connection.known_hosts = Some(host.known_hosts);
        connection.escalate = true;
    }
    Ok(())
}

fn line(host: &SandboxHost) -> String {
    let state = match host.state {
        State::Running => "running",
        State::Stopped => "stopped",
    };
    format!("{:16} {:16} {:10} {state}", host.name.to_string(), host.address.to_string(), host.suite.to_string())
}

fn find(sandbox: &Sandbox, name: &str) -> Result<SandboxHost> {
    let hosts = sandbox.list()?;
    let known: Vec<String> = hosts.iter().map(|host| host.name.to_string()).collect();
    let help = if known.is_empty() {
        format!("create it by `provision sandbox up {name}`")
    } else {
        format!("there are {}", known.join(", "))
    };
    let missing = || Fault::misuse(format!("there is no sandbox host `{name}`")).hint(help);
    Ok(hosts.into_iter().find(|host| host.name.as_str() == name).ok_or_else(missing)?)
}

fn names(texts: &[String]) -> Result<Vec<HostName>> {
    let parse = |text: &String| text.parse().map_err(|NameError { message, hint }| Fault::misuse(message).hint(hint));
    Ok(texts.iter().map(parse).collect::<Result<_, Fault>>()?)
}

fn parse_suite(text: &str) -> Result<Suite> {
    Ok(Suite::from_str(text).map_err(|error| Fault::misuse(error.to_string()))?)
}
