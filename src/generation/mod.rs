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
use crate::model::ProjectName;

/// Prints what [`History::parse`] reads.
pub const HISTORY: &str = include_str!("history.sh");

/// Which generation of a host is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// That of the number.
    Number(u32),
    /// The live one of the project.
    Live(&'a ProjectName),
}

/// The script that prints what was wanted in one generation; [`parse_stored`] reads its answer.
#[must_use]
pub fn stored_script(which: Which<'_>) -> String {
    let folder = match which {
        Which::Number(number) => format!("generations/{number}"),
        Which::Live(project) => format!("generation{}", project.suffix()),
    };
    format!("wanted={}\n{}", shell::quote(&folder), include_str!("desired.sh"))
}
