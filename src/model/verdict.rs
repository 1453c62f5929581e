//! What an attempt to change a host came to, in the words of its record.

use std::fmt;

use crate::outside::phrase;

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is, or was, live.
    Committed,
    /// A check refused it before anything live was touched.
    Refused,
    /// It failed, and what was live before is back.
    Undone,
    /// Somebody stopped it.
    Cancelled,
    /// It failed, and so did the way back.
    Failed,
    /// A word of a later version.
    Other(String),
}

impl Verdict {
    /// From the word of the record.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "committed" => Self::Committed,
            "refused" => Self::Refused,
            "undone" => Self::Undone,
            "cancelled" => Self::Cancelled,
            "failed" => Self::Failed,
            other => Self::Other(phrase(other)),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Committed => "committed",
            Self::Refused => "refused",
            Self::Undone => "undone",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Other(word) => word,
        })
    }
}
