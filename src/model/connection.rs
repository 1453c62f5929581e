//! How to reach a host. Everything unsaid is left to `ssh` and its own configuration.

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
    /// Run as root by `sudo`.
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
            address: address.to_owned(),
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

/// A host was asked as `user`, who is not root.
#[must_use]
pub fn not_root(user: &str) -> Fault {
    Fault::new(format!("the remote user `{user}` is not root, and only root sees all that is to be seen"))
        .hint("set `ssh: { become: true }` in the inventory or give `--become`")
}
