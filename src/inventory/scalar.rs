//! What single values may look like: each type that one scalar can hold, read from its text.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::decode::FromText;
use super::units;
use crate::model::{
    AppName, Bind, EnvName, Install, Listen, LogTarget, Mode, NameError, PackageName, RelativePath, RemotePath,
    ServerName, StatusRange, UrlPath, UserName, WsgiTarget,
};

macro_rules! named {
    ($($name:ty: $form:literal),+ $(,)?) => {$(
        impl FromText for $name {
            const FORM: &'static str = $form;

            fn from_text(text: &str) -> Result<Self, NameError> {
                text.parse()
            }
        }
    )+};
}

named! {
    AppName: "the name of an app",
    EnvName: "the name of an environment variable, such as `MYSQL_PWD`",
    Mode: "three or four octal digits, such as `0644`",
    PackageName: "the name of a Debian package",
    RelativePath: "a path inside the app's folder, such as `web/static`",
    RemotePath: "an absolute path on the host, such as `/etc/motd`",
    ServerName: "a host name, such as `www.example.com`",
    UrlPath: "the path of a URL, such as `/status`",
    UserName: "the name of a user of the host",
    WsgiTarget: "`module:callable`, such as `web.app:app`",
}

/// A text of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(pub String);

impl FromText for Line {
    const FORM: &'static str = "one line of text";

    fn from_text(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::new("the text is empty", "write a text, or remove the key"));
        }
        if text.chars().any(char::is_control) {
            return Err(NameError::new(
                "the text has a line break or control character",
                "write it as one line of plain text",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// One line that a program takes as an argument, and so must not take for an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument(pub String);

impl FromText for Argument {
    const FORM: &'static str = "one line of text that does not begin with `-`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let Line(text) = Line::from_text(text)?;
        if text.starts_with('-') {
            let message = format!("`{text}` begins with `-` and would be taken for an option");
            return Err(NameError::new(message, "write it without the leading `-`"));
        }
        Ok(Self(text))
    }
}

/// Any text without NUL bytes, which no environment or file name can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl FromText for Text {
    const FORM: &'static str = "a text";

    fn from_text(text: &str) -> Result<Self, NameError> {
        if text.contains('\0') {
            return Err(NameError::new("the text has a NUL byte", "remove it"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count<const MIN: u16, const MAX: u16>(pub u16);

impl<const MIN: u16, const MAX: u16> FromText for Count<MIN, MAX> {
    const FORM: &'static str = "a whole number";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let number = text.parse::<u64>();
        let in_range = number
            .as_ref()
            .ok()
            .and_then(|number| u16::try_from(*number).ok())
            .filter(|number| (MIN..=MAX).contains(number));
        in_range.map(Self).ok_or_else(|| {
            let what = if number.is_ok() {
                format!("{text} is out of range")
            } else {
                format!("`{text}` is not a whole number")
            };
            NameError::new(what, format!("write a number from {MIN} to {MAX}"))
        })
    }
}

impl FromText for bool {
    const FORM: &'static str = "`true` or `false`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(NameError::new(format!("`{text}` is not a boolean"), "write `true` or `false`")),
        }
    }
}

impl FromText for Duration {
    const FORM: &'static str = "a duration, such as `30s`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        units::duration(text)
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl FromText for Size {
    const FORM: &'static str = "a size, such as `10M`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        units::size(text).map(Self)
    }
}

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

impl FromText for Install {
    const FORM: &'static str = "`system`, `venv` or `apt`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        match text {
            "system" => Ok(Self::System),
            "venv" => Ok(Self::Venv),
            "apt" => Ok(Self::Apt),
            _ => Err(NameError::new(format!("`{text}` is not a way to install"), "write `system`, `venv` or `apt`")),
        }
    }
}

impl FromText for LogTarget {
    const FORM: &'static str = "an absolute path, `journal` or `off`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        match text {
            "journal" => Ok(Self::Journal),
            "off" => Ok(Self::Off),
            path => path.parse().map(Self::File).map_err(|error: NameError| {
                NameError::new(error.message, format!("{}, or write `journal` or `off`", error.hint))
            }),
        }
    }
}

impl FromText for StatusRange {
    const FORM: &'static str = "a status or range, such as `200` or `200-399`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let status = |text: &str| text.parse::<u16>().ok().filter(|status| (100..=599).contains(status));
        match (status(first), status(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(NameError::new(
                format!("`{text}` is not an HTTP status or range"),
                "write numbers from 100 to 599, such as `200` or `200-399`",
            )),
        }
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

    #[track_caller]
    fn check<T: FromText + std::fmt::Debug>(text: &str, expected: Result<&str, &str>) {
        let shown =
            T::from_text(text).map(|value| format!("{value:?}")).map_err(|error| format!("{error}; {}", error.hint));
        assert_eq!(shown.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn binds() {
        check::<Bind>("5000", Ok("Tcp(127.0.0.1:5000)"));
        check::<Bind>("0.0.0.0:5003", Ok("Tcp(0.0.0.0:5003)"));
        check::<Bind>("[::1]:5003", Ok("Tcp([::1]:5003)"));
        check::<Bind>("unix:/run/a.sock", Ok("Unix(RemotePath(\"/run/a.sock\"))"));
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
            Err(
                "`::1:80` is not an address and port; put the IPv6 address in brackets and quotes, such as `\"[::1]:80\"`",
            ),
        );
    }

    #[test]
    fn listeners() {
        check::<Listen>("80", Ok("Port(80)"));
        check::<Listen>("[::]:80", Ok("Address([::]:80)"));
        check::<Listen>("host", Err("`host` is not an address and port; write both, such as `[::]:80`"));
    }

    #[test]
    fn statuses() {
        check::<StatusRange>("200", Ok("StatusRange { first: 200, last: 200 }"));
        check::<StatusRange>("200-399", Ok("StatusRange { first: 200, last: 399 }"));
        for wrong in ["", "99", "600", "399-200", "200-", "2xx", "200,301"] {
            assert!(StatusRange::from_text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn counts() {
        check::<Count<1, 256>>("3", Ok("Count(3)"));
        check::<Count<1, 256>>("0", Err("0 is out of range; write a number from 1 to 256"));
        check::<Count<1, 256>>("99999999", Err("99999999 is out of range; write a number from 1 to 256"));
        check::<Count<1, 256>>("two", Err("`two` is not a whole number; write a number from 1 to 256"));
    }

    #[test]
    fn arguments_are_not_options() {
        check::<Argument>("flask>=2", Ok("Argument(\"flask>=2\")"));
        check::<Argument>(
            "-r x",
            Err("`-r x` begins with `-` and would be taken for an option; write it without the leading `-`"),
        );
        assert!(Argument::from_text("a\nb").is_err());
    }
}
