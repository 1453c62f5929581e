//! How far an app is locked in, and what it may use up.

use std::collections::BTreeSet;

use super::names::{NameError, RemotePath};
use crate::diagnostic::did_you_mean;

/// What an app may do in spite of the protection that systemd gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hardening {
    /// Folders that it may write, beside those of its logs.
    pub write: Vec<RemotePath>,
    /// Protections that are left out.
    pub loosen: BTreeSet<Guard>,
}

/// What an app's processes may use up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Open files and connections of each process.
    pub files: u16,
    /// Memory of all its processes together, in bytes; `None` for as much as there is.
    pub memory: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files: 8192, memory: None }
    }
}

/// A directive of systemd that locks an app in and can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guard(&'static str);

impl Guard {
    /// Every one, in the order of the alphabet.
    pub const ALL: [&'static str; 21] = [
        "CapabilityBoundingSet",
        "KeyringMode",
        "LockPersonality",
        "MemoryDenyWriteExecute",
        "PrivateDevices",
        "PrivateTmp",
        "PrivateUsers",
        "ProcSubset",
        "ProtectClock",
        "ProtectControlGroups",
        "ProtectHome",
        "ProtectHostname",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "ProtectProc",
        "ProtectSystem",
        "RestrictAddressFamilies",
        "RestrictNamespaces",
        "RestrictSUIDSGID",
        "SystemCallFilter",
    ];

    /// The directive's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::str::FromStr for Guard {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::ALL.iter().find(|name| **name == text).map(|name| Self(name)).ok_or_else(|| {
            let hint =
                did_you_mean(text, Self::ALL).unwrap_or_else(|| format!("write one of {}", Self::ALL.join(", ")));
            NameError::new(format!("`{text}` is no protection that can be left out"), hint)
        })
    }
}
