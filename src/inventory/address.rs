//! Where apps and sites listen: ports, addresses with ports, and Unix sockets.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::decode::FromText;
use crate::model::{Bind, Listen, NameError};

/// Linux keeps the path of a socket in 108 bytes, a final NUL among them.
const LONGEST_SOCKET: usize = 107;

/// A TCP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port(pub u16);

impl FromText for Port {
    const FORM: &'static str = "a port, such as `22`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        port(text).map(Self)
    }
}

impl FromText for Bind {
    const FORM: &'static str = "an address, such as `127.0.0.1:5000`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        if let Some(path) = text.strip_prefix("unix:") {
            if path.len() > LONGEST_SOCKET {
                return Err(NameError::new(
                    format!("`{path}` is longer than the {LONGEST_SOCKET} bytes that the path of a socket can have"),
                    "choose a shorter one, such as `unix:/run/web/web.sock`",
                ));
            }
            return path.parse().map(Self::Unix);
        }
        if is_number(text) {
            return port(text).map(|port| Self::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)));
        }
        socket(text, "127.0.0.1:5000").map(Self::Tcp)
    }
}

impl FromText for Listen {
    const FORM: &'static str = "a port or address, such as `80` or `[::]:80`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        if is_number(text) { port(text).map(Self::Port) } else { socket(text, "[::]:80").map(Self::Address) }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn port(text: &str) -> Result<u16, NameError> {
    text.parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| NameError::new(format!("`{text}` is not a port"), "write a number from 1 to 65535"))
}

fn socket(text: &str, example: &str) -> Result<SocketAddr, NameError> {
    let wrong = |why: &str, hint: String| NameError::new(format!("`{text}` is not an address and port{why}"), hint);
    let Some((host, number)) = text.rsplit_once(':') else {
        return Err(wrong("", format!("write both, such as `{example}`")));
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let address: IpAddr = host.parse().map_err(|_| {
        let hint = if host == "localhost" {
            format!("write `127.0.0.1:{number}`")
        } else {
            format!("write an IP address, such as `{example}`")
        };
        wrong(&format!(": `{host}` is not an IP address"), hint)
    })?;
    if matches!(address, IpAddr::V6(_)) && !text.starts_with('[') {
        return Err(wrong("", format!("put the IPv6 address in brackets and quotes, such as `\"[{host}]:{number}\"`")));
    }
    port(number).map(|port| SocketAddr::new(address, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::decode::check_text as check;

    #[test]
    fn binds() {
        check::<Bind>("5000", Ok("Tcp(127.0.0.1:5000)"));
        check::<Bind>("0.0.0.0:5003", Ok("Tcp(0.0.0.0:5003)"));
        check::<Bind>("[::1]:5003", Ok("Tcp([::1]:5003)"));
        check::<Bind>("unix:/run/a.sock", Ok("Unix(RemotePath(\"/run/a.sock\"))"));
        assert!(Bind::from_text(&format!("unix:/{}", "x".repeat(106))).is_ok());
        assert!(Bind::from_text(&format!("unix:/{}", "x".repeat(107))).is_err());
        check::<Bind>("0", Err("`0` is not a port; write a number from 1 to 65535"));
        check::<Bind>("1.2.3.4:70000", Err("`70000` is not a port; write a number from 1 to 65535"));
        check::<Bind>(
            "localhost:5000",
            Err(
                "`localhost:5000` is not an address and port: `localhost` is not an IP address; write `127.0.0.1:5000`",
            ),
        );
        check::<Bind>(
            "::1:80",
            Err("`::1:80` is not an address and port; put the IPv6 address in brackets and quotes, such as \
                 `\"[::1]:80\"`"),
        );
    }

    #[test]
    fn listeners() {
        check::<Listen>("80", Ok("Port(80)"));
        check::<Listen>("[::]:80", Ok("Address([::]:80)"));
        check::<Listen>("host", Err("`host` is not an address and port; write both, such as `[::]:80`"));
    }
}
