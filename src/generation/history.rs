//! What a host answers about its generations → the generations, and to which of them it can go back. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, Result, bail};

use super::record::{Record, Unreadable};
use super::stored;
use crate::model::{ProjectName, Verdict, not_root};
use crate::outside::phrase;

/// Every attempt to change one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The generations that are live: the last one of each project that was committed.
    pub live: BTreeMap<ProjectName, u32>,
    /// The attempts, in the order of their numbers.
    pub generations: Vec<Generation>,
    /// What is kept of removed apps, by project: the app, and until when, in seconds since 1970.
    pub kept: Vec<(ProjectName, String, u64)>,
    /// The complete releases that the host has, as pairs of app and release.
    complete: BTreeSet<(String, String)>,
}

/// One attempt to change a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Its number, from 1.
    pub number: u32,
    /// What the host wrote down about it.
    pub record: Result<Record, Unreadable>,
    /// The host has stored what was wanted.
    pub stored: bool,
    /// The releases that it needs, as pairs of app and release.
    releases: Vec<(String, String)>,
}

impl Generation {
    /// One of which nothing is known yet.
    fn unknown(number: u32) -> Self {
        Self { number, record: Err(Unreadable::Damaged), stored: false, releases: vec![] }
    }

    /// It is, or was, live. Where its record cannot be read, what it wanted says so: only that of a live one is stored.
    #[must_use]
    pub fn committed(&self) -> bool {
        match &self.record {
            Ok(record) => record.verdict == Some(Verdict::Committed),
            Err(_) => self.stored,
        }
    }

    /// Clients decide about it.
    #[must_use]
    pub fn on_probation(&self) -> bool {
        self.record.as_ref().is_ok_and(|record| record.verdict.is_none() && record.probation.is_some())
    }

    /// What it came to, in one word.
    #[must_use]
    pub fn result(&self) -> String {
        match &self.record {
            Ok(Record { verdict: Some(verdict), .. }) => verdict.to_string(),
            Ok(_) if self.on_probation() => "on probation".to_owned(),
            Ok(Record { verdict: None, .. }) => "unfinished".to_owned(),
            Err(_) => "unreadable".to_owned(),
        }
    }
}

/// Whether a host can go back to a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayBack {
    /// It is there.
    Live,
    /// It can.
    Open,
    /// It cannot.
    Closed(Closed),
}

/// Why a host cannot go back to a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// What the host wrote down about it cannot be read.
    Unreadable(Unreadable),
    /// The attempt was not committed.
    NeverLive,
    /// What it wanted is not stored.
    NotStored,
    /// A release that it needs is not on the host any more.
    ReleaseGone {
        /// The app.
        app: String,
        /// Its release.
        release: String,
    },
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => why.fmt(f),
            Self::NeverLive => f.write_str("it was never live"),
            Self::NotStored => f.write_str("its desired state is not stored"),
            Self::ReleaseGone { app, release } => write!(f, "release {release} of {app} is gone"),
        }
    }
}

impl History {
    /// Reads the answer to [`HISTORY`](super::HISTORY). A record that cannot be read hides no other.
    ///
    /// # Errors
    /// When the answer is cut short, or has a line that this version does not know.
    pub fn parse(report: &str) -> Result<Self> {
        let mut history = Self::default();
        let mut records: Vec<Vec<&str>> = vec![];
        // Start-up files of the remote user's shell may print what they like before.
        for line in report.lines().skip_while(|line| *line != "history").skip(1) {
            let (key, value) = line.split_once('\t').unwrap_or((line, ""));
            match key {
                "not-root" => return Err(not_root(&phrase(value)).into()),
                "live" => {
                    let (number, project) = value.split_once('\t').unwrap_or((value, ""));
                    let project = if project.is_empty() { Ok(ProjectName::default()) } else { project.parse() };
                    history.live.extend(project.ok().zip(number.parse().ok()));
                }
                "kept" => {
                    let (what, project) = value.split_once('\t').context("what is kept without a project")?;
                    let kept = what.split_once(" until=").zip(project.parse().ok());
                    history.kept.extend(
                        kept.and_then(|((app, until), project)| Some((project, phrase(app), until.parse().ok()?))),
                    );
                }
                "generation" => {
                    let number = value.parse().with_context(|| format!("`{}` is no generation", phrase(value)))?;
                    history.generations.push(Generation::unknown(number));
                    records.push(vec![]);
                }
                "record" => records.last_mut().context("a record before any generation")?.push(value),
                "stored" => {
                    let generation = history.generations.last_mut().context("a desired state of no generation")?;
                    generation.stored = true;
                    generation.releases = stored::releases(value).unwrap_or_default();
                }
                "complete" => {
                    let (app, release) = value.split_once('\t').context("a release without an app")?;
                    history.complete.insert((app.to_owned(), release.to_owned()));
                }
                "end" => {
                    for (generation, lines) in history.generations.iter_mut().zip(records) {
                        generation.record = Record::read(lines);
                    }
                    // Live ones of which nothing is left.
                    let live: BTreeSet<u32> = history.live.values().copied().collect();
                    let lost = live.into_iter().filter(|live| history.generation(*live).is_none());
                    let lost: Vec<_> = lost.map(Generation::unknown).collect();
                    history.generations.extend(lost);
                    history.generations.sort_by_key(|generation| generation.number);
                    return Ok(history);
                }
                _ => bail!("the host answered a line that is not understood: `{}`", phrase(line)),
            }
        }
        bail!("the host's answer ends early: the connection or the remote shell was cut")
    }

    /// The generation of that number.
    #[must_use]
    pub fn generation(&self, number: u32) -> Option<&Generation> {
        self.generations.iter().find(|generation| generation.number == number)
    }

    /// The project that a generation is of, as far as anything says so.
    #[must_use]
    pub fn project_of<'a>(&'a self, generation: &'a Generation) -> Option<&'a ProjectName> {
        match &generation.record {
            Ok(record) => Some(&record.project),
            Err(_) => self.live.iter().find(|(_, live)| **live == generation.number).map(|(project, _)| project),
        }
    }

    /// Whether a generation is of `project`, or nobody knows whose it is.
    #[must_use]
    pub fn may_be_of(&self, project: &ProjectName, generation: &Generation) -> bool {
        self.project_of(generation).is_none_or(|of| of == project)
    }

    /// The same without what is of other projects.
    #[must_use]
    pub fn of(mut self, project: &ProjectName) -> Self {
        let own = self.generations.iter().filter(|generation| self.may_be_of(project, generation));
        self.generations = own.cloned().collect();
        self.kept.retain(|(of, ..)| of == project);
        self
    }

    /// Other projects than the usual one, or several, have changed the host.
    #[must_use]
    pub fn names_projects(&self) -> bool {
        let mut projects = self.generations.iter().filter_map(|generation| self.project_of(generation));
        projects.any(|project| *project != ProjectName::default())
    }

    /// Whether the host can go back to `generation`.
    #[must_use]
    pub fn way_back(&self, generation: &Generation) -> WayBack {
        if self.live.values().any(|live| *live == generation.number) {
            return WayBack::Live;
        }
        if let Err(why) = &generation.record {
            return WayBack::Closed(Closed::Unreadable(why.clone()));
        }
        if !generation.committed() {
            return WayBack::Closed(Closed::NeverLive);
        }
        if !generation.stored {
            return WayBack::Closed(Closed::NotStored);
        }
        let gone = generation.releases.iter().find(|release| !self.complete.contains(release));
        gone.cloned().map_or(WayBack::Open, |(app, release)| WayBack::Closed(Closed::ReleaseGone { app, release }))
    }
}
