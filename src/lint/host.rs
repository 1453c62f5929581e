//! What is known of the host that files are for.

use super::rule::Severity;
use crate::platform::{Platform, Version};

/// The versions of the programs that read the files. `None` is not known: then the oldest that is supported, Ubuntu
/// 16.04's, is kept in mind, and what it would refuse is a warning.
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
        nginx: Some(Version::new(1, 10, 3)),
        systemd: Some(Version::new(229, 0, 0)),
        upstart: Some(Version::new(1, 13, 2)),
        gunicorn: Some(Version::new(19, 4, 5)),
        python: Some(Version::new(3, 5, 2)),
    };
}

impl From<&Platform> for Host {
    fn from(platform: &Platform) -> Self {
        let versions = &platform.versions;
        Self {
            nginx: versions.nginx,
            systemd: versions.systemd,
            upstart: versions.upstart,
            gunicorn: versions.gunicorn,
            python: versions.python,
        }
    }
}

/// How bad it is that a file needs `since` where `version` runs; `None` when that is no mistake.
pub(super) fn too_old(version: Option<Version>, since: Version) -> Option<Severity> {
    match version {
        Some(version) if version >= since => None,
        Some(_) => Some(Severity::Error),
        None => Some(Severity::Warning),
    }
}

/// The host's version in words: what runs there, or what the oldest host has.
pub(super) fn running(program: &str, version: Option<Version>, oldest: Option<Version>) -> String {
    match (version, oldest) {
        (Some(version), _) => format!("the host has {program} {version}"),
        (None, Some(oldest)) => format!("the oldest supported host has {program} {oldest}"),
        (None, None) => format!("the version of {program} is not known"),
    }
}
