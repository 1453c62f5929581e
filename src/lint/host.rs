//! What is known of the host that files are for.

use super::rule::Severity;

/// Major, minor and patch number of a program; what it does not have is 0.
pub type Version = (u32, u32, u32);

/// The versions of the programs that read the files. `None` is not known: then the oldest that is supported, Ubuntu 16.04's,
/// is kept in mind, and what it would refuse is a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Host {
    /// Nginx.
    pub nginx: Option<Version>,
    /// systemd.
    pub systemd: Option<Version>,
    /// Upstart.
    pub upstart: Option<Version>,
    /// gunicorn.
    pub gunicorn: Option<Version>,
    /// The Python that runs gunicorn.
    pub python: Option<Version>,
}

impl Host {
    /// Ubuntu 16.04, the oldest that is supported.
    pub const XENIAL: Self = Self {
        nginx: Some((1, 10, 3)),
        systemd: Some((229, 0, 0)),
        upstart: Some((1, 13, 2)),
        gunicorn: Some((19, 4, 5)),
        python: Some((3, 5, 2)),
    };
}

/// How bad it is that a file needs `since` where `version` runs; `None` when that is no mistake.
pub(super) fn too_old(version: Option<Version>, since: Version) -> Option<Severity> {
    match version {
        Some(version) if version >= since => None,
        Some(_) => Some(Severity::Error),
        None => Some(Severity::Warning),
    }
}

/// A version as it is written: `1.10.3`, `20.1`, `240`.
pub(super) fn shown((major, minor, patch): Version) -> String {
    match (minor, patch) {
        (0, 0) => major.to_string(),
        (_, 0) => format!("{major}.{minor}"),
        _ => format!("{major}.{minor}.{patch}"),
    }
}

/// The host's version in words: what runs there, or what the oldest host has.
pub(super) fn running(program: &str, version: Option<Version>, oldest: Option<Version>) -> String {
    match (version, oldest) {
        (Some(version), _) => format!("the host has {program} {}", shown(version)),
        (None, Some(oldest)) => format!("the oldest supported host has {program} {}", shown(oldest)),
        (None, None) => format!("the version of {program} is not known"),
    }
}
