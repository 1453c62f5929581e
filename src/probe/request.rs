//! What to look at on a host, and the script that does. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::encode::shell;

/// The functions that the script's last lines call.
const LIBRARY: &str = include_str!("probe.sh");

/// What to look at on a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Paths, each with the digest wanted there if it is to be a regular file.
    pub paths: BTreeMap<String, Option<Digest>>,
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
        let paths = self.paths.iter().flat_map(|(path, digest)| [path.as_str(), digest.as_ref().map_or("-", Digest::as_str)]);
        let mut script = String::from(LIBRARY);
        let mut call = |function: &str, words: Vec<&str>| {
            script.push_str(function);
            for word in words {
                script.push(' ');
                script.push_str(&shell::quote(word));
            }
            script.push('\n');
        };
        call("report_host", vec![]);
        call("report_owned", vec![]);
        call("report_loaded", vec![]);
        call("report_paths", paths.collect());
        for (function, words) in [
            ("report_packages", &self.packages),
            ("report_users", &self.users),
            ("report_releases", &self.apps),
            ("report_units", &self.units),
            ("report_jobs", &self.jobs),
        ] {
            if !words.is_empty() {
                call(function, words.iter().map(String::as_str).collect());
            }
        }
        if self.welcome {
            call("report_welcome", vec![]);
        }
        call("report_end", vec![]);
        script
    }

    /// The units in the order that the report will describe them.
    #[must_use]
    pub fn unit_names(&self) -> Vec<String> {
        self.units.iter().cloned().collect()
    }
}
