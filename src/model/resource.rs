//! What should be on a host, in the terms of the host: files, directories, links.

use serde::{Deserialize, Serialize};

use super::names::{Mode, RemotePath, UserName};
use super::secret::Secrecy;

/// What runs as pid 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// systemd.
    #[default]
    Systemd,
    /// Upstart.
    Upstart,
}

/// A regular file.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Where it goes.
    pub path: RemotePath,
    /// Its whole content.
    pub content: String,
    /// Permission bits.
    pub mode: Mode,
    /// Owning user.
    pub owner: UserName,
    /// Owning group.
    pub group: UserName,
    /// The template that it was rendered from.
    pub template: String,
    /// Texts inside the content that must never be shown, wherever else they stand.
    pub secrets: Vec<String>,
    /// What of the content may be shown.
    pub secrecy: Secrecy,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({} {} {}:{})", self.path, self.mode, self.owner, self.group)
    }
}

/// A directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Where it is.
    pub path: RemotePath,
    /// Permission bits.
    pub mode: Mode,
    /// Owning user.
    pub owner: UserName,
    /// Owning group.
    pub group: UserName,
}

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Where it is.
    pub path: RemotePath,
    /// What it points at, as written in the link.
    pub to: RemotePath,
}
