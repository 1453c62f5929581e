//! Names, paths and other short texts that are valid by construction: parse once, never check again.
//! Every type refuses what could not be a file name, a unit name or a word of the configuration it ends up in.

mod mode;
mod path;
mod web;
mod word;

pub use mode::Mode;
pub use path::{RelativePath, RemotePath, UrlPath};
pub use web::{EnvName, HeaderName, ServerName, WsgiTarget};
pub use word::{AppName, GroupName, HostName, PackageName, SiteName, UserName};

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

        impl std::str::FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let check: fn(&str) -> Result<(), NameError> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

use name;

fn ensure(valid: bool, error: impl FnOnce() -> NameError) -> Result<(), NameError> {
    if valid { Ok(()) } else { Err(error()) }
}
