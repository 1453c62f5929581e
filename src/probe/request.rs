//! What to look at on a host, and the script that does. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::encode::shell;

/// The functions that the script's last lines call.
const LIBRARY: &str = include_str!("probe.sh");

/// What to look at on a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Paths, each with the digests that may be wanted there if it is to be a regular file. There can be several, for
    /// what is wanted depends on the host's init, which the probe has yet to tell.
    pub paths: BTreeMap<String, BTreeSet<Digest>>,
    /// Debian packages.
    pub packages: BTreeSet<String>,
    /// systemd units.
    pub units: BTreeSet<String>,
    /// Upstart jobs.
    pub jobs: BTreeSet<String>,
    /// System users.
    pub users: BTreeSet<String>,
    /// Apps, for their releases.
    pub apps: BTreeSet<String>,
    /// Look at Debian's own welcome site.
    pub welcome: bool,
}

impl Request {
    /// The whole script.
    #[must_use]
    pub fn script(&self) -> String {
        let digests = |wanted: &BTreeSet<Digest>| match wanted.len() {
            0 => "-".to_owned(),
            _ => wanted.iter().map(Digest::as_str).collect::<Vec<_>>().join(","),
        };
        let paths: Vec<String> = self.paths.iter().flat_map(|(path, wanted)| [path.clone(), digests(wanted)]).collect();
        let mut calls = String::new();
        let mut call = |function: &str, words: Vec<&str>| {
            calls.push_str(function);
            for word in words {
                calls.push(' ');
                calls.push_str(&shell::quote(word));
            }
            calls.push('\n');
        };
        call("report_host", vec![]);
        for (function, words) in [
            ("begin report_units", &self.units),
            ("begin report_packages", &self.packages),
            ("begin report_jobs", &self.jobs),
            ("report_users", &self.users),
            ("report_releases", &self.apps),
        ] {
            if !words.is_empty() {
                call(function, words.iter().map(String::as_str).collect());
            }
        }
        call("report_attempts", vec![]);
        call("report_owned", vec![]);
        call("report_loaded", vec![]);
        call("report_paths", paths.iter().map(String::as_str).collect());
        if self.welcome {
            call("report_welcome", vec![]);
        }
        call("collect", vec![]);
        call("report_end", vec![]);
        format!("{LIBRARY}answer=$(\n{calls})\nprintf '%s\\n' \"$answer\"\n")
    }

    /// The units in the order that the report will describe them.
    #[must_use]
    pub fn unit_names(&self) -> Vec<String> {
        self.units.iter().cloned().collect()
    }
}
