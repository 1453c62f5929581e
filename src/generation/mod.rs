//! Generations: what each attempt to change a host wanted and came to, as the host itself keeps it.

mod stored;

pub use stored::{from_json, to_json};
