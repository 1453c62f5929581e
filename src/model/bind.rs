//! Where an app listens, and which addresses two apps cannot have at once.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::names::RemotePath;

/// A listening address of an app.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bind {
    /// TCP, such as `127.0.0.1:5000`.
    Tcp(SocketAddr),
    /// A Unix socket, written `unix:/run/app.sock` in the inventory.
    Unix(RemotePath),
}

impl Bind {
    /// The path of its socket, if it is one.
    #[must_use]
    pub fn socket(&self) -> Option<&RemotePath> {
        match self {
            Self::Unix(path) => Some(path),
            Self::Tcp(_) => None,
        }
    }

    /// Can somebody ask it who is not on the host itself?
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Tcp(address) => !address.ip().is_loopback(),
            Self::Unix(_) => false,
        }
    }

    /// Whether two apps cannot listen there at once.
    #[must_use]
    pub fn clashes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tcp(one), Self::Tcp(other)) => {
                sockets(*one).iter().any(|one| sockets(*other).iter().any(|other| overlap(*one, *other)))
            }
            _ => self == other,
        }
    }

    /// Whether a server that asks for IPv6 alone, as Nginx does, cannot listen on `socket` beside it.
    #[must_use]
    pub fn takes(&self, socket: SocketAddr) -> bool {
        matches!(self, Self::Tcp(address) if sockets(*address).iter().any(|bound| overlap(*bound, socket)))
    }
}

/// What apps take: `[::]` is every IPv6 address and, as it does not ask for IPv6 alone, every IPv4 address too.
fn sockets(bind: SocketAddr) -> Vec<SocketAddr> {
    let every_ipv4 = SocketAddr::from(([0, 0, 0, 0], bind.port()));
    if bind.is_ipv6() && bind.ip().is_unspecified() { vec![bind, every_ipv4] } else { vec![bind] }
}

/// Whether the kernel would refuse the second: an unspecified address is every address of its family.
fn overlap(first: SocketAddr, second: SocketAddr) -> bool {
    first.port() == second.port()
        && first.is_ipv4() == second.is_ipv4()
        && (first.ip() == second.ip() || first.ip().is_unspecified() || second.ip().is_unspecified())
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(first: &str, second: &str, expected: bool) {
        let bind = |text: &str| match text.strip_prefix("unix:") {
            Some(path) => Bind::Unix(path.parse().unwrap()),
            None => Bind::Tcp(text.parse().unwrap()),
        };
        assert_eq!(bind(first).clashes(&bind(second)), expected, "{first} and {second}");
        assert_eq!(bind(second).clashes(&bind(first)), expected, "{second} and {first}");
    }

    #[test]
    fn addresses_that_clash() {
        check("127.0.0.1:5000", "127.0.0.1:5000", true);
        check("127.0.0.1:5000", "0.0.0.0:5000", true);
        check("127.0.0.1:5000", "127.0.0.1:5001", false);
        check("127.0.0.1:5000", "127.0.0.2:5000", false);
        check("127.0.0.1:5000", "[::1]:5000", false);
        check("127.0.0.1:5000", "[::]:5000", true);
        check("[::]:5000", "[::1]:5000", true);
        check("unix:/run/a.sock", "unix:/run/a.sock", true);
        check("unix:/run/a.sock", "unix:/run/b.sock", false);
        check("unix:/run/a.sock", "127.0.0.1:5000", false);
    }
}
