//! The releases of Debian and Ubuntu a sandbox host can run, and where each comes from.

use std::fmt;
use std::str::FromStr;

const DEBIAN: [&str; 9] =
    ["buster", "bullseye", "bookworm", "trixie", "forky", "sid", "oldstable", "stable", "testing"];
const UBUNTU: [&str; 5] = ["xenial", "bionic", "focal", "jammy", "noble"];

/// A release, by the code name that its mirror has a directory for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Suite(String);

/// Who makes a suite: that decides its mirror, its components and its signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// Debian.
    Debian,
    /// Ubuntu, whose web packages are in `universe`.
    Ubuntu,
}

/// A text that is not the code name of a known suite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a suite of Debian or Ubuntu; known are \
         {known}", known = [DEBIAN.as_slice(), &UBUNTU].concat().join(", "))]
pub struct UnknownSuite(String);

impl Suite {
    /// The code name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Who makes it.
    #[must_use]
    pub fn distribution(&self) -> Distribution {
        if UBUNTU.contains(&self.as_str()) { Distribution::Ubuntu } else { Distribution::Debian }
    }

    /// What its packages come from: Ubuntu fixes a release in a second place, Debian renews the release itself.
    pub(super) fn pockets(&self) -> Vec<String> {
        match self.distribution() {
            Distribution::Debian => vec![self.0.clone()],
            Distribution::Ubuntu => vec![self.0.clone(), format!("{}-updates", self.0)],
        }
    }

    /// What its systemd understands of control groups: those before 2017 know only version 1.
    pub(super) fn control_groups(&self) -> &'static str {
        if self.0 == "xenial" { "legacy" } else { "unified" }
    }
}

impl Distribution {
    pub(super) fn mirror(self) -> &'static str {
        match self {
            Self::Debian => "http://deb.debian.org/debian",
            Self::Ubuntu => "http://archive.ubuntu.com/ubuntu",
        }
    }

    /// As they stand in a line of apt's sources.
    pub(super) fn components(self) -> &'static str {
        match self {
            Self::Debian => "main",
            Self::Ubuntu => "main universe",
        }
    }

    /// The file that its packages are verified with.
    pub(super) fn keyring(self) -> &'static str {
        match self {
            Self::Debian => "/usr/share/keyrings/debian-archive-keyring.gpg",
            Self::Ubuntu => "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
        }
    }
}

impl Default for Suite {
    fn default() -> Self {
        Self("bookworm".to_owned())
    }
}

impl FromStr for Suite {
    type Err = UnknownSuite;

    fn from_str(text: &str) -> Result<Self, UnknownSuite> {
        if DEBIAN.contains(&text) || UBUNTU.contains(&text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(UnknownSuite(text.to_owned()))
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ubuntu_suite_comes_from_ubuntu_with_universe() {
        let suite: Suite = "xenial".parse().unwrap();
        assert_eq!(suite.distribution().mirror(), "http://archive.ubuntu.com/ubuntu");
        assert_eq!(suite.distribution().components(), "main universe");
        assert_eq!(suite.pockets(), ["xenial", "xenial-updates"]);
    }

    #[test]
    fn an_unknown_suite_is_refused_with_the_known_ones() {
        let message = "bookwurm".parse::<Suite>().unwrap_err().to_string();
        assert!(message.starts_with("`bookwurm` is not a suite"), "{message}");
        assert!(message.contains("bookworm") && message.contains("xenial"), "{message}");
    }
}
