//! What a host writes down about one attempt to change it: lines of a key, a tabulator and a value. The controller
//! writes how it begins, and the host adds `began`, `probation`, `ended`, `result`, `reason` and `told`.

use std::fmt;

use crate::fault::Fault;
use crate::format::{self, Format};
use crate::model::{ProjectName, Verdict};
use crate::outside::{self, phrase};

/// The first format named no version, the second no project.
const FORMAT: Format = Format::new("the record of an attempt to change this host", 3);

/// What a host writes down about one attempt to change it. A line that is missing is empty here.
///
/// ```
/// use provision::generation::Record;
///
/// let attempt = Record { who: "alice on desk, process 7".to_owned(), goal: "up".to_owned(), ..Record::default() };
/// let read = Record::read(attempt.beginning().lines())?;
/// assert_eq!((read.person(), read.goal.as_str()), ("alice on desk", "up"));
/// # Ok::<(), provision::generation::Unreadable>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// User, machine and process.
    pub who: String,
    /// When it began, in seconds since 1970.
    pub began: Option<u64>,
    /// When it ended, in seconds since 1970; `None` while it is at work, or when it was cut.
    pub ended: Option<u64>,
    /// The project that it was for.
    pub project: ProjectName,
    /// Until when it is on probation, in seconds since 1970; `None` if it never was.
    pub probation: Option<u64>,
    /// The inventory's file name.
    pub inventory: String,
    /// Digest of the inventory's text.
    pub digest: String,
    /// The version of provision.
    pub version: String,
    /// `up`, or `rollback to N`.
    pub goal: String,
    /// What was to change, a line each.
    pub changes: Vec<String>,
    /// What it came to.
    pub verdict: Option<Verdict>,
    /// Why it was not committed; may have several lines.
    pub reason: String,
}

/// Why what a host wrote down about an attempt cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// There is nothing, or nothing that a host writes down.
    Damaged,
    /// It is of a format that is not known.
    Format(Fault),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("its record is missing or damaged"),
            Self::Format(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for Unreadable {}

impl Record {
    /// Reads it. Lines that are not known are passed over.
    ///
    /// # Errors
    /// When no line is known, or it is of a format that is not known.
    pub fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Self, Unreadable> {
        let mut record = Self::default();
        let mut known = false;
        for line in lines {
            known |= record.line(line).map_err(Unreadable::Format)?;
        }
        if known { Ok(record) } else { Err(Unreadable::Damaged) }
    }

    /// How it begins, as the host is given it.
    #[must_use]
    pub fn beginning(&self) -> String {
        let mut text = FORMAT.line() + "\n";
        let mut line = |key: &str, value: &str| {
            let plain: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            text.push_str(&format!("{key}\t{plain}\n"));
        };
        line("who", &self.who);
        line("project", self.project.as_str());
        line("inventory", &self.inventory);
        line("digest", &self.digest);
        line("version", &self.version);
        line("goal", &self.goal);
        for change in &self.changes {
            line("change", change);
        }
        text
    }

    /// Takes in one line, if its key is known. The reason is an app's own words, as far as they are fit to be seen.
    fn line(&mut self, line: &str) -> Result<bool, Fault> {
        let Some((key, value)) = line.split_once('\t') else { return Ok(false) };
        // A fraction of a second is of no interest.
        let seconds = || value.split(['.', ',']).next().and_then(|whole| whole.parse().ok());
        match key {
            format::KEY => drop(FORMAT.read(value)?),
            "who" => self.who = phrase(value),
            "began" => self.began = seconds(),
            "ended" => self.ended = seconds(),
            "project" => {
                self.project =
                    value.parse().map_err(|_| Fault::new("its record names a project that has no valid name"))?
            }
            "probation" => self.probation = seconds(),
            "inventory" => self.inventory = phrase(value),
            "digest" => self.digest = phrase(value),
            "version" => self.version = phrase(value),
            "goal" => self.goal = phrase(value),
            "change" => self.changes.push(phrase(value)),
            "result" => self.verdict = Some(Verdict::parse(value)),
            "reason" => self.reason = outside::text(value.replace("\\n", "\n").as_bytes()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Who, without the process, which says nothing any more.
    #[must_use]
    pub fn person(&self) -> &str {
        self.who.split(", process ").next().unwrap_or_default()
    }
}
