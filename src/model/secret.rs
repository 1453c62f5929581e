//! Values that came from the controller's environment, where they stand inside a file.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::names::EnvName;

/// What of a file's content may be shown, whatever its template looks like. Who renders a file knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Secrecy {
    /// All of it, and all that the host has in its place.
    #[default]
    Open,
    /// The texts among its pieces; of what the host has in its place, what stands there too.
    Pieces(Vec<Part>),
    /// Nothing: its template does more with secrets than write them, so nobody can tell where they are.
    Whole,
}

impl Secrecy {
    /// The pieces, where they are known.
    #[must_use]
    pub fn pieces(&self) -> &[Part] {
        match self {
            Self::Pieces(parts) => parts,
            Self::Open | Self::Whole => &[],
        }
    }
}

/// A piece of a file's content.
#[derive(Clone, PartialEq, Eq)]
pub enum Part {
    /// What anybody who may read the file's template may read.
    Text(String),
    /// What may not be shown.
    Secret(Secret),
}

impl Part {
    /// The secret that stands here, if one does.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Secret(secret) => Some(secret),
            Self::Text(_) => None,
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Secret(secret) => secret.fmt(f),
        }
    }
}

/// A value that came from the controller's environment, as it stands in a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The variable that it came from.
    pub variable: EnvName,
    /// What the variable held.
    pub value: String,
    /// How it is written in the file.
    pub form: Form,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.variable)
    }
}

/// How a secret is written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// As the value of an environment file, quotes included.
    EnvFile,
    /// As the blocks of a PEM text.
    Pem,
}
