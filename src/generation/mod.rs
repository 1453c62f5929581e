//! Generations: what each attempt to change a host wanted and came to, as the host itself keeps it. Each is a folder
//! below `/var/lib/provision/generations`, numbered from 1; the link `generation` names the one that is live.

mod choice;
mod clock;
mod first_format;
mod history;
mod record;
mod sealed;
mod stored;

pub use clock::utc;
pub use history::{Closed, Generation, History, WayBack};
pub use record::{Record, Unreadable};
pub use stored::{Kept, Stored, parse_stored};

use crate::encode::shell;

/// Prints what [`History::parse`] reads.
pub const HISTORY: &str = include_str!("history.sh");

/// The script that prints what was wanted in one generation, or in the live one; [`parse_stored`] reads its answer.
#[must_use]
pub fn stored_script(number: Option<u32>) -> String {
    let number = number.map_or_else(|| "live".to_owned(), |number| number.to_string());
    format!("number={}\n{}", shell::quote(&number), include_str!("desired.sh"))
}
