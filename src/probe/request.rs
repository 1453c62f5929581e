//! What to look at on a host, and the script that does. Pure.

use std::collections::BTreeSet;

use crate::encode::shell;

/// Bytes of the largest file whose content is reported, and not its digest alone.
pub const LARGEST: usize = 128 * 1024;

/// The functions that the script's last lines call.
const LIBRARY: &str = include_str!("probe.sh");

/// What to look at on a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Paths. The contents of regular files come along: which is wanted depends on the versions of the host's programs,
    /// which the probe has yet to tell.
    pub paths: BTreeSet<String>,
    /// Log files, of which only the owner is reported.
    pub logs: BTreeSet<String>,
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
        call("begin report_nginx", vec![]);
        for (function, words) in [
            ("begin report_units", &self.units),
            ("begin report_packages", &self.packages),
            ("begin report_jobs", &self.jobs),
            ("report_users", &self.users),
            ("report_logs", &self.logs),
            ("report_releases", &self.apps),
        ] {
            if !words.is_empty() {
                call(function, words.iter().map(String::as_str).collect());
            }
        }
        call("report_attempts", vec![]);
        call("report_owned", vec![]);
        call("report_loaded", vec![]);
        let largest = LARGEST.to_string();
        let paths = self.paths.iter().map(String::as_str);
        call("report_paths", [largest.as_str()].into_iter().chain(paths).collect());
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
