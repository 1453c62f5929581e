//! Which trials are made: all by `make hostile`, and in the normal tests some, others each day.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use super::lab::say;

const DAY: u64 = 24 * 60 * 60;

/// One trial in so many, by its number and its name.
pub struct Rotation {
    turns: usize,
    rotation: usize,
    names: Option<String>,
}

impl Rotation {
    /// All trials with `PROVISION_HOSTILE_ALL=1`, those whose names contain one of `PROVISION_HOSTILE` if that is set
    /// (`link:`, `:boot`), and else one in `turns`.
    pub fn of(what: &str, turns: usize) -> Self {
        let rotation = match env::var("PROVISION_HOSTILE_ROTATION") {
            Ok(text) => text.parse().expect("a number"),
            Err(_) => SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set").as_secs() / DAY,
        };
        let turns = if env::var_os("PROVISION_HOSTILE_ALL").is_some() { 1 } else { turns };
        let names = env::var("PROVISION_HOSTILE").ok();
        if turns > 1 && names.is_none() {
            say(&format!(
                "{what}: one trial in {turns}; PROVISION_HOSTILE_ROTATION={rotation} makes the same choice again"
            ));
        }
        Self { turns, rotation: usize::try_from(rotation).expect("a small number"), names }
    }

    /// Whether it is this one's turn.
    pub fn has(&self, number: usize, name: &str) -> bool {
        match &self.names {
            Some(names) => names.split(',').any(|part| name.contains(part)),
            None => (number + self.rotation).is_multiple_of(self.turns),
        }
    }
}
