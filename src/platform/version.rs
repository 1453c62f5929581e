//! Versions of programs, as far as features depend on them.

use std::fmt;

/// The first three numbers of a version; what is missing is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// A version of three numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// The first version in a text: `229-4ubuntu21.31` as dpkg writes it, with an epoch or without, `nginx/1.22.1`,
    /// `OpenSSL 1.1.1f`. `None` when the text has no number.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        // An epoch is no part of the program's own version.
        let text = match text.split_once(':') {
            Some((epoch, rest)) if !epoch.is_empty() && epoch.bytes().all(|b| b.is_ascii_digit()) => rest,
            _ => text,
        };
        let begin = text.find(|c: char| c.is_ascii_digit())?;
        let end = text[begin..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(text.len(), |at| begin + at);
        let mut numbers = text[begin..end].split('.').map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Some(Self::new(next(), next(), next()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch } = self;
        match (minor, patch) {
            (0, 0) => write!(f, "{major}"),
            (_, 0) => write!(f, "{major}.{minor}"),
            _ => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_as_programs_and_packages_write_them() {
        for (text, expected) in [
            ("229-4ubuntu21.31", "229"),
            ("252.39-1~deb12u1", "252.39"),
            ("nginx version: nginx/1.22.1", "1.22.1"),
            ("1:1.10.3-0ubuntu0.16.04.5", "1.10.3"),
            ("OpenSSL 1.1.1f  31 Mar 2020", "1.1.1"),
            ("1.28.0-1~bookworm", "1.28"),
            ("20.1.0-6+deb12u1", "20.1"),
        ] {
            assert_eq!(Version::find(text).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(Version::find("none"), None);
        assert!(Version::new(1, 10, 3) < Version::new(1, 13, 0));
    }
}
