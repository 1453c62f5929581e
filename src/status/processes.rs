//! What the script answers about processes and health. Pure.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use crate::outside::{self, phrase};

/// What runs on a host, and what its health checks complain of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Processes {
    /// How long the main process of each app is up, in seconds.
    pub uptime: BTreeMap<String, u64>,
    /// Children of the main processes.
    pub workers: Vec<Worker>,
    /// What the health checks say, in order.
    pub complaints: Vec<Complaint>,
}

/// What a health check says of an app that does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The app.
    pub app: String,
    /// What is wrong, for people.
    pub text: String,
}

/// A child of an app's main process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// The app.
    pub app: String,
    /// Its process id.
    pub pid: u32,
    /// The folder that it works in.
    pub folder: String,
}

/// The exit code of `health.py` counts no further.
const COUNTED: usize = 100;

impl Processes {
    /// How many apps do not work.
    fn unwell(&self) -> usize {
        self.complaints.iter().map(|complaint| &complaint.app).collect::<BTreeSet<_>>().len()
    }

    /// Reads the answer to [`script`](super::script).
    ///
    /// # Errors
    /// When the answer is cut short, has a line that this version does not know, or the apps could not be asked.
    pub fn parse(report: &str) -> Result<Self> {
        let mut processes = Self::default();
        let mut said = String::new();
        // Start-up files of the remote user's shell may print what they like before.
        for line in report.lines().skip_while(|line| *line != "processes").skip(1) {
            match line.split('\t').collect::<Vec<_>>()[..] {
                ["master", app, _pid, seconds] => {
                    let seconds = seconds.parse().with_context(|| format!("bad uptime in `{}`", phrase(line)))?;
                    processes.uptime.insert(app.to_owned(), seconds);
                }
                // The app chooses where it works, and what that folder is called.
                ["worker", app, pid, ref folder @ ..] => {
                    let pid = pid.parse().with_context(|| format!("bad pid in `{}`", phrase(line)))?;
                    processes.workers.push(Worker {
                        app: app.to_owned(),
                        pid,
                        folder: outside::path(&folder.join(" ")),
                    });
                }
                ["complaint", app, ref words @ ..] => {
                    let text = phrase(&words.join(" "));
                    processes.complaints.push(Complaint { app: app.to_owned(), text });
                }
                ["said", ref words @ ..] => said = phrase(&words.join(" ")),
                // The program counts the apps that failed, and tells what each failed of.
                ["asked", code] if code.parse() == Ok(processes.unwell().min(COUNTED)) => {}
                ["asked", code] => {
                    let mut lines: Vec<String> = processes.complaints.into_iter().map(|one| one.text).collect();
                    lines.push(said);
                    bail!("the health checks could not run (exit code {}):\n{}", phrase(code), lines.join("\n"))
                }
                ["end"] => return Ok(processes),
                _ => bail!("the host answered a line that is not understood: `{}`", phrase(line)),
            }
        }
        bail!("the host's answer ends early: the connection or the remote shell was cut")
    }
}
