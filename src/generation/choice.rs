//! Which generation a rollback goes back to. Pure.

use super::history::{Closed, Generation, History, WayBack};
use super::record::Unreadable;
use crate::fault::Fault;

impl History {
    /// The generation that was asked for, or the last one before the live one that was live, too.
    ///
    /// # Errors
    /// When there is none, or the host cannot go back to it; with what the host has instead.
    pub fn choose(&self, to: Option<u32>) -> Result<&Generation, Fault> {
        let generation = match to {
            Some(number) => {
                self.generation(number).ok_or_else(|| self.refusal(&format!("there is no generation {number}")))?
            }
            None => self.previous()?,
        };
        let number = generation.number;
        match self.way_back(generation) {
            WayBack::Live | WayBack::Open => Ok(generation),
            WayBack::Closed(Closed::NeverLive) => {
                Err(self
                    .refusal(&format!("generation {number} was never live; its result is `{}`", generation.result())))
            }
            WayBack::Closed(Closed::Unreadable(why)) => {
                let mut fault = self.refusal(&format!("generation {number} cannot be read: {why}"));
                if let Unreadable::Format(newer) = why {
                    fault.hints.splice(..0, newer.hints);
                }
                Err(fault)
            }
            WayBack::Closed(why) => {
                let keep = match why {
                    Closed::ReleaseGone { .. } => "; `keep_releases` says how many releases stay",
                    Closed::Unreadable(_) | Closed::NeverLive | Closed::NotStored => "",
                };
                Err(self.refusal(&format!("generation {number} cannot be brought back: {why}{keep}")))
            }
        }
    }

    fn previous(&self) -> Result<&Generation, Fault> {
        let Some(live) = self.live else {
            return Err(self.refusal("no generation is live on this host"));
        };
        let before =
            self.generations.iter().rev().find(|generation| generation.number < live && generation.committed());
        before.ok_or_else(|| self.refusal(&format!("no generation before {live}, the live one, was ever live")))
    }

    fn refusal(&self, message: &str) -> Fault {
        let open = |generation: &&Generation| self.way_back(generation) == WayBack::Open;
        let open: Vec<String> =
            self.generations.iter().filter(open).map(|generation| generation.number.to_string()).collect();
        let help = match (self.generations.is_empty(), &open[..]) {
            (true, _) => "provision has not changed this host yet".to_owned(),
            (false, []) => format!(
                "the host has {}, and can go back to none of them; bring back the code and settings, and run \
                 `provision up`",
                self.all()
            ),
            (false, open) => format!("the host has {}, and can go back to {}", self.all(), open.join(", ")),
        };
        Fault::new(message).hint(help)
    }

    /// The numbers of all generations, such as `generations 3 to 12`.
    fn all(&self) -> String {
        match &self.generations[..] {
            [] => "no generation".to_owned(),
            [one] => format!("generation {}", one.number),
            [first, .., last] => format!("generations {} to {}", first.number, last.number),
        }
    }
}
