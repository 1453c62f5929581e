//! Names, paths and other short texts that are valid by construction: parse once, never check again.
//! Every type refuses what could not be a file name, a unit name or a word of the configuration it ends up in.

use std::fmt;
use std::str::FromStr;

/// Why a text is not a valid name: what is wrong, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NameError {
    /// What is wrong; lowercase, no final period.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl NameError {
    /// Says what is wrong and what to write instead.
    #[must_use]
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let check: fn(&str) -> Result<(), NameError> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A host's name in the inventory.
    HostName,
    |text| word("host", text, 1..=253, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
);
name!(
    /// A group's name in the inventory.
    GroupName,
    |text| {
        word("group", text, 1..=253, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))?;
        if text == "all" {
            return Err(NameError::new(
                "`all` always means every host",
                "give the group another name; what all hosts share goes to the top level",
            ));
        }
        Ok(())
    }
);
name!(
    /// An app's name: also a system user, a unit and a folder.
    AppName,
    |text| {
        system_word("app", text)?;
        refuse_reserved(text)
    }
);
name!(
    /// A site's name: also a file in `sites-available`.
    SiteName,
    |text| {
        word("site", text, 1..=64, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))?;
        if text == "default" {
            return Err(NameError::new(
                "`default` is the name of Debian's own site",
                "choose another name, and set `default: true` on the site",
            ));
        }
        Ok(())
    }
);
name!(
    /// A user or group of the host.
    UserName,
    |text| system_word("user", text)
);
name!(
    /// A Debian package.
    PackageName,
    |text| {
        let valid = text.len() >= 2
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
        ensure(valid, || {
            NameError::new(
                format!("`{text}` is not a package name"),
                "a Debian package name has lower-case letters, digits and `+-.`, and no version",
            )
        })
    }
);
name!(
    /// The name of an environment variable.
    EnvName,
    |text| {
        let valid = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        ensure(valid, || {
            NameError::new(
                format!("`{text}` is not the name of an environment variable"),
                "use letters, digits and `_`, not beginning with a digit",
            )
        })
    }
);
name!(
    /// The name of an HTTP header.
    HeaderName,
    |text| {
        let valid = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        ensure(valid, || {
            NameError::new(format!("`{text}` is not the name of an HTTP header"), "use letters, digits and `-`, as in `X-Served-By`")
        })
    }
);
name!(
    /// A host name that a site answers to; `*.example.com` and `.example.com` are wildcards.
    ServerName,
    |text| {
        let valid = !text.is_empty()
            && text.len() <= 253
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '*' | '_'))
            && !text.contains("..");
        ensure(valid, || {
            NameError::new(format!("`{text}` is not a server name"), "write a host name, such as `www.example.com` or `*.example.com`")
        })
    }
);
name!(
    /// An absolute path on a host, with no `.`, `..`, blank or control character.
    RemotePath,
    |text| {
        ensure(text.starts_with('/'), || {
            NameError::new(format!("`{text}` is not an absolute path"), "begin the path with `/`")
        })?;
        ensure(text.len() > 1 && !text.ends_with('/') && !text.contains("//"), || {
            NameError::new(format!("`{text}` is not the path of a file or folder"), "write it without empty parts and without a final `/`")
        })?;
        no_dots(text)?;
        plain_path(text)
    }
);
name!(
    /// A path inside a release, relative, with no `.`, `..`, blank or control character.
    RelativePath,
    |text| {
        ensure(!text.is_empty() && !text.starts_with('/'), || {
            NameError::new(format!("`{text}` is not a path inside the app's folder"), "write it relative to the app's folder, such as `web/static`")
        })?;
        ensure(!text.ends_with('/') && !text.contains("//"), || {
            NameError::new(format!("`{text}` has an empty part"), "write it without a final or doubled `/`")
        })?;
        no_dots(text)?;
        plain_path(text)
    }
);
name!(
    /// The path of a URL, beginning with `/`.
    UrlPath,
    |text| {
        ensure(text.starts_with('/'), || {
            NameError::new(format!("`{text}` is not the path of a URL"), "begin it with `/`")
        })?;
        let valid = text.chars().all(|c| {
            c.is_ascii_alphanumeric()
                || matches!(c, '/' | '-' | '_' | '.' | '~' | '!' | '&' | '+' | ',' | '=' | ':' | '@' | '%' | '?' | '*' | '(' | ')')
        });
        ensure(valid, || {
            NameError::new(
                format!("`{text}` has a character that a URL's path cannot hold"),
                "write other characters percent-encoded, such as `%20` for a blank",
            )
        })?;
        no_dots(text)
    }
);
name!(
    /// `module:callable`, as gunicorn takes it.
    WsgiTarget,
    |text| {
        let part = |part: &str, extra: char| {
            !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.' || c == extra)
        };
        // A module may be called `0-hello_route`: gunicorn imports by name, not by statement.
        let valid = text.split_once(':').is_some_and(|(module, callable)| {
            part(module, '-') && part(callable, '_') && !module.split('.').any(str::is_empty) && !module.starts_with('-')
        });
        ensure(valid, || {
            NameError::new(format!("`{text}` does not name a WSGI application"), "write `module:callable`, such as `web_flask.0-hello_route:app`")
        })
    }
);

/// Permission bits of a file or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mode(u32);

impl Mode {
    /// Permission bits that are known to be right; the rest of `bits` is dropped.
    #[must_use]
    pub const fn new(bits: u32) -> Self {
        Self(bits & 0o7777)
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }
}

impl FromStr for Mode {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let valid = matches!(text.len(), 3..=4) && text.chars().all(|c| ('0'..='7').contains(&c));
        let bits = if valid { u32::from_str_radix(text, 8).ok() } else { None };
        bits.map(Self).ok_or_else(|| {
            NameError::new(format!("`{text}` is not a file mode"), "write three or four octal digits, such as `0644`")
        })
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

fn ensure(valid: bool, error: impl FnOnce() -> NameError) -> Result<(), NameError> {
    if valid { Ok(()) } else { Err(error()) }
}

fn word(
    kind: &str,
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    allowed: fn(char) -> bool,
) -> Result<(), NameError> {
    let valid = length.contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(allowed);
    ensure(valid, || {
        NameError::new(
            format!("`{text}` is not a valid {kind} name"),
            format!(
                "use letters, digits, `-`, `_` and `.`, beginning with a letter or digit, at most {} characters",
                length.end()
            ),
        )
    })
}

/// What useradd, systemd and every file system accept alike.
fn system_word(kind: &str, text: &str) -> Result<(), NameError> {
    let valid = matches!(text.len(), 1..=32)
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    ensure(valid, || {
        NameError::new(
            format!("`{text}` is not a valid {kind} name"),
            "use lower-case letters, digits, `-` and `_`, beginning with a letter, at most 32 characters",
        )
    })
}

/// Users and units that a Debian or Ubuntu host has of its own: an app of that name would take them over.
const RESERVED: [&str; 41] = [
    "adm",
    "backup",
    "bin",
    "cron",
    "daemon",
    "dbus",
    "games",
    "getty",
    "gnats",
    "gunicorn",
    "irc",
    "lp",
    "list",
    "mail",
    "man",
    "messagebus",
    "mysql",
    "network",
    "networking",
    "news",
    "nginx",
    "nobody",
    "ntp",
    "postgres",
    "postgresql",
    "proxy",
    "redis",
    "reboot",
    "root",
    "rsyslog",
    "ssh",
    "sshd",
    "sudo",
    "sync",
    "sys",
    "syslog",
    "ubuntu",
    "udev",
    "uucp",
    "users",
    "www-data",
];

fn refuse_reserved(text: &str) -> Result<(), NameError> {
    ensure(!RESERVED.contains(&text) && !text.starts_with("systemd"), || {
        NameError::new(
            format!("an app cannot be called `{text}`: hosts have a user or service of that name"),
            format!("choose another name, such as `{text}-app`"),
        )
    })
}

fn no_dots(text: &str) -> Result<(), NameError> {
    ensure(!text.split('/').any(|part| part == "." || part == ".."), || {
        NameError::new(format!("`{text}` has a `.` or `..` part"), "write the path that it leads to")
    })
}

fn plain_path(text: &str) -> Result<(), NameError> {
    let valid = text.len() <= 1024
        && text.chars().all(|c| {
            c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '+' | '@' | '%' | '=' | ',' | ':' | '~')
        });
    ensure(valid, || {
        NameError::new(
            format!("`{text}` has a character that a path here cannot hold"),
            "use letters, digits and `-_.+@%=,:~`: a blank or quote in a path breaks too many configuration languages",
        )
    })
}
