//! What single values may look like: each type that one scalar can hold, read from its text.

use std::time::Duration;

use super::decode::FromText;
use super::units;
use crate::model::{
    AppName, EnvName, Guard, Install, LogTarget, Mode, NameError, Network, PackageName, Rate, RelativePath, RemotePath,
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
    Guard: "the name of a protection, such as `PrivateUsers`",
    Mode: "three or four octal digits, such as `0644`",
    Network: "a network, such as `10.0.0.0/8`",
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
    const FORM: &'static str = "a whole number, such as `2`";

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

/// A number of workers; `None` for as many as fit the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers(pub Option<u16>);

impl FromText for Workers {
    const FORM: &'static str = "a whole number, such as `2`, or `auto`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        match text {
            "auto" => Ok(Self(None)),
            number => Count::<1, 256>::from_text(number)
                .map(|Count(number)| Self(Some(number)))
                .map_err(|error| NameError::new(error.message, format!("{}, or `auto`", error.hint))),
        }
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

/// A duration from `MIN` to `MAX` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurationWithin<const MIN: u64, const MAX: u64>(pub Duration);

impl<const MIN: u64, const MAX: u64> FromText for DurationWithin<MIN, MAX> {
    const FORM: &'static str = Duration::FORM;

    fn from_text(text: &str) -> Result<Self, NameError> {
        let duration = units::duration(text)?;
        if (Duration::from_secs(MIN)..=Duration::from_secs(MAX)).contains(&duration) {
            return Ok(Self(duration));
        }
        let hint = format!("write a duration from {} to {}", units::shown(MIN), units::shown(MAX));
        Err(NameError::new(format!("{text} is out of range"), hint))
    }
}

/// A duration, or nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffOrDuration(pub Option<Duration>);

impl FromText for OffOrDuration {
    const FORM: &'static str = "a duration or `off`, such as `180d`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        if text == "off" {
            return Ok(Self(None));
        }
        let duration = units::duration(text).map_err(|error| NameError {
            hint: "write a number and `s`, `m`, `h` or `d`, such as `180d`, or `off`".to_owned(),
            ..error
        })?;
        Ok(Self(Some(duration)))
    }
}

impl FromText for Rate {
    const FORM: &'static str = "a rate, such as `10r/s`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let count = |digits: &str| digits.parse().ok().filter(|count| *count > 0 && !digits.starts_with('+'));
        let per_second = text.strip_suffix("r/s").and_then(count).map(Self::PerSecond);
        per_second.or_else(|| text.strip_suffix("r/m").and_then(count).map(Self::PerMinute)).ok_or_else(|| {
            NameError::new(
                format!("`{text}` is not a rate"),
                "write requests per second or minute, such as `10r/s` or `30r/m`",
            )
        })
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
            path => {
                let file = path.parse().map(Self::File).map_err(|error: NameError| {
                    NameError::new(error.message, format!("{}, or write `journal` or `off`", error.hint))
                })?;
                let folder =
                    path.strip_prefix("/var/log/").and_then(|rest| rest.split_once('/')).map(|(folder, _)| folder);
                match folder.filter(|folder| LOG_FOLDERS.contains(folder)) {
                    Some(folder) => Err(NameError::new(
                        format!("`/var/log/{folder}` belongs to the host, and a log in it would make it the app's"),
                        "log in a folder of the app's own, such as `/var/log/web/error.log`",
                    )),
                    None => Ok(file),
                }
            }
        }
    }
}

/// Folders of `/var/log` that Debian's and Ubuntu's packages make. An app that logs in a folder there becomes its owner, and
/// Nginx, for one, opens files in its own as root.
const LOG_FOLDERS: [&str; 24] = [
    "apache2",
    "apt",
    "audit",
    "chrony",
    "cups",
    "dbconfig-common",
    "dist-upgrade",
    "exim4",
    "fsck",
    "installer",
    "journal",
    "landscape",
    "lxd",
    "mysql",
    "nginx",
    "ntpstats",
    "postgresql",
    "private",
    "rabbitmq",
    "redis",
    "samba",
    "sysstat",
    "unattended-upgrades",
    "upstart",
];

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

    #[test]
    fn folders_of_the_host_are_not_for_logs() {
        assert!(LogTarget::from_text("/var/log/nginx/web.log").is_err());
        assert!(LogTarget::from_text("/var/log/nginx-web/web.log").is_ok());
    }
}
