//! Permission bits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{NameError, stored_as_text};

/// Permission bits of a file or directory.
///
/// ```
/// use provision::model::Mode;
///
/// let mode: Mode = "640".parse()?;
/// assert_eq!((mode, mode.to_string().as_str()), (Mode::new(0o640), "0640"));
/// assert!("rw-r-----".parse::<Mode>().is_err());
/// # Ok::<(), provision::model::NameError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mode(u32);

stored_as_text!(Mode, NameError);

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
