//! Names, paths and other short texts that are valid by construction: parse once, never check again.
//! Every type refuses what could not be a file name, a unit name or a word of the configuration it ends up in.

mod mode;
mod network;
mod path;
mod reserved;
mod web;
mod word;

pub use mode::Mode;
pub use network::Network;
pub use path::{RelativePath, RemotePath, UrlPath};
pub use reserved::gain_of_account;
pub use web::{EnvName, HeaderName, ServerName, WsgiTarget};
pub use word::{AppName, GroupName, HostName, PackageName, ProcessName, ProjectName, SiteName, UserName};

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
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
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

        $crate::model::names::stored_as_text!($name, NameError);
    };
}

use name;

/// A value that is stored as its text, and read back by its parser alone.
macro_rules! stored_as_text {
    ($name:ident, $error:ty) => {
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

pub(crate) use stored_as_text;

fn ensure(valid: bool, error: impl FnOnce() -> NameError) -> Result<(), NameError> {
    if valid { Ok(()) } else { Err(error()) }
}
