//! Values that came from the controller's environment, where they stand inside a file.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::names::EnvName;

/// A piece of a file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// What anybody who may read the file's template may read.
    Text(String),
    /// What may not be shown.
    Secret(Secret),
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
