//! How to reach a host. Everything unsaid is left to `ssh` and its own configuration.

use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::time::Duration;

use crate::fault::Fault;

/// How to reach a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// What `ssh` is told to connect to: an address, or a name that `~/.ssh/config` knows.
    pub address: String,
    /// Port, if not ssh's own choice.
    pub port: Option<u16>,
    /// User, if not ssh's own choice.
    pub user: Option<String>,
    /// Private key file, if not ssh's own choice.
    pub identity: Option<PathBuf>,
    /// A known-hosts file that replaces the user's, as sandbox hosts need.
    pub known_hosts: Option<PathBuf>,
    /// Run as root, by `sudo` unless root logs in.
    pub escalate: bool,
    /// How long a connection may take to come up.
    pub connect_timeout: Duration,
    /// How long an idle SSH master stays for the next run; zero ends it with the run.
    pub persist: Duration,
}

impl Connection {
    /// The connection to `address` of which nothing else is said.
    #[must_use]
    pub fn to(address: &str) -> Self {
        Self {
            address: without_brackets(address),
            port: None,
            user: None,
            identity: None,
            known_hosts: None,
            escalate: false,
            connect_timeout: Duration::from_secs(10),
            persist: Duration::from_secs(60),
        }
    }
}

/// An address as ssh takes it: one of IPv6 stands in brackets where a port follows it, and ssh takes it without.
#[must_use]
pub fn without_brackets(address: &str) -> String {
    let (user, host) = address.rsplit_once('@').map_or(("", address), |(user, host)| (user, host));
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    // A zone names an interface of this machine.
    let number = bare.map(|bare| bare.split('%').next().unwrap_or_default());
    match (bare, number.map(str::parse::<Ipv6Addr>)) {
        (Some(bare), Some(Ok(_))) if user.is_empty() => bare.to_owned(),
        (Some(bare), Some(Ok(_))) => format!("{user}@{bare}"),
        _ => address.to_owned(),
    }
}

/// A host was asked as `user`, who is not root.
#[must_use]
pub fn not_root(user: &str) -> Fault {
    Fault::new(format!("the remote user `{user}` is not root, and only root sees all that is to be seen"))
        .hint("set `ssh: { become: true }` in the inventory or give `--become`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssh_gets_an_address_of_ipv6_without_brackets() {
        for (written, meant) in [
            ("[fd00::1]", "fd00::1"),
            ("deploy@[fd00::1]", "deploy@fd00::1"),
            ("[fe80::1%eth0]", "fe80::1%eth0"),
            ("fd00::1", "fd00::1"),
            ("[web]", "[web]"),
            ("deploy@web", "deploy@web"),
        ] {
            assert_eq!(Connection::to(written).address, meant);
        }
    }
}
