//! Where a site listens.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

/// One listening address of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Listen {
    /// A port on every IPv4 address, and on every IPv6 address where the host has IPv6.
    Port(u16),
    /// One address and port; `[::]:80` is IPv6.
    Address(SocketAddr),
}

impl Listen {
    /// The sockets that Nginx opens for it, at most two.
    #[must_use]
    pub fn sockets(self) -> Vec<Socket> {
        match self {
            Self::Port(port) => vec![
                Socket { address: (Ipv4Addr::UNSPECIFIED, port).into(), if_ipv6: false },
                Socket { address: (Ipv6Addr::UNSPECIFIED, port).into(), if_ipv6: true },
            ],
            Self::Address(address) => vec![Socket { address, if_ipv6: false }],
        }
    }

    /// The port.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::Port(port) => port,
            Self::Address(address) => address.port(),
        }
    }
}

/// A socket that Nginx listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Socket {
    /// Its address.
    pub address: SocketAddr,
    /// Nobody wrote it down: it comes with a bare port, where the host has IPv6.
    pub if_ipv6: bool,
}
