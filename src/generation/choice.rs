//! Which generation a rollback goes back to. Pure.

use super::history::{Closed, Generation, History, WayBack};
use super::record::Unreadable;
use crate::fault::Fault;
use crate::model::ProjectName;

impl History {
    /// The generation of `project` that was asked for, or the last one before its live one that was live, too.
    ///
    /// # Errors
    /// When there is none, it is another project's, or the host cannot go back to it; with what the host has instead.
    pub fn choose<'a>(&'a self, project: &'a ProjectName, to: Option<u32>) -> Result<&'a Generation, Fault> {
        let whose = Whose { history: self, project };
        let generation = match to {
            Some(number) => {
                self.generation(number).ok_or_else(|| whose.refusal(&format!("there is no generation {number}")))?
            }
            None => whose.previous()?,
        };
        let number = generation.number;
        if let Some(other) = self.project_of(generation).filter(|other| *other != project) {
            return Err(whose.refusal(&format!("generation {number} is of project `{other}`, and this is `{project}`")));
        }
        match self.way_back(generation) {
            WayBack::Live | WayBack::Open => Ok(generation),
            WayBack::Closed(Closed::NeverLive) => {
                Err(whose
                    .refusal(&format!("generation {number} was never live; its result is `{}`", generation.result())))
            }
            WayBack::Closed(Closed::Unreadable(why)) => {
                let mut fault = whose.refusal(&format!("generation {number} cannot be read: {why}"));
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
                Err(whose.refusal(&format!("generation {number} cannot be brought back: {why}{keep}")))
            }
        }
    }
}

/// A history, as far as it is one project's.
struct Whose<'a> {
    history: &'a History,
    project: &'a ProjectName,
}

impl<'a> Whose<'a> {
    fn previous(&self) -> Result<&'a Generation, Fault> {
        let Some(live) = self.history.live.get(self.project).copied() else {
            return Err(self.refusal("no generation is live on this host"));
        };
        // What is on probation is not live yet, and goes back to what is.
        if let Some(live) = self.own().find(|generation| generation.number == live)
            && self.own().any(|generation| generation.number > live.number && generation.on_probation())
        {
            return Ok(live);
        }
        let before = self.own().rev().find(|generation| generation.number < live && generation.committed());
        before.ok_or_else(|| self.refusal(&format!("no generation before {live}, the live one, was ever live")))
    }

    /// What may be its own: of some attempts nobody knows whose they are.
    fn own(&self) -> impl DoubleEndedIterator<Item = &'a Generation> {
        let (history, project) = (self.history, self.project);
        history.generations.iter().filter(move |generation| history.may_be_of(project, generation))
    }

    fn refusal(&self, message: &str) -> Fault {
        let open = self.own().filter(|generation| self.history.way_back(generation) == WayBack::Open);
        let open: Vec<String> = open.map(|generation| generation.number.to_string()).collect();
        let others: Vec<String> =
            self.history.live.keys().filter(|other| *other != self.project).map(|other| format!("`{other}`")).collect();
        let help = match (self.own().next().is_none(), &open[..]) {
            (true, _) if !others.is_empty() => format!(
                "project `{}` has not changed this host yet; {} has: `--project` names one",
                self.project,
                others.join(", ")
            ),
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
        match &self.own().collect::<Vec<_>>()[..] {
            [] => "no generation".to_owned(),
            [one] => format!("generation {}", one.number),
            [first, .., last] => format!("generations {} to {}", first.number, last.number),
        }
    }
}
