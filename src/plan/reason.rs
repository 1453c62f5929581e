//! Why a change is made, as data: marks, diffs and what services do follow from it, and `report` alone words it.

use crate::model::{Mode, RemotePath, UserName};
use crate::probe::NodeKind;

/// Why a change is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A package, or an app's Python packages, are not there.
    NotInstalled,
    /// The user is not there.
    NoSuchUser,
    /// Nothing is at that path.
    Missing,
    /// Something else than a file is at that path.
    NotAFile(NodeKind),
    /// Something else than a link is at that path.
    NotALink(NodeKind),
    /// The file has another content.
    Content,
    /// The link points at this.
    PointsAt(String),
    /// The permission bits are others.
    Mode {
        /// What they are.
        is: Mode,
        /// What they should be.
        wanted: Mode,
    },
    /// Another user or group owns it.
    Owner {
        /// User and group that own it, as the host names them.
        is: (String, String),
        /// User and group that should.
        wanted: (UserName, UserName),
    },
    /// The release is not on the host yet.
    NewCode {
        /// The app has a command that runs once for each release.
        release_command: bool,
    },
    /// Another release is live.
    OtherIsLive(String),
    /// No release is live.
    NoneIsLive,
    /// The app requires other Python packages than those that were installed.
    Requirements,
    /// Python packages were installed for another Python.
    OtherPython {
        /// The version that they were installed for.
        installed_for: String,
        /// The version that the host has.
        now: String,
    },
    /// A server of the inventory is the default on port 80, as the welcome site is.
    OtherDefault,
    /// The nginx package brings the welcome site along.
    PackageEnables,
    /// The inventory has it no more.
    NoLongerWanted,
    /// Somebody wants it to go for good.
    Purged,
    /// The service has no definition yet.
    NotThereYet,
    /// The service does not run; what the service manager calls its state.
    NotRunning(String),
    /// The service runs, but will not after the next boot.
    NotEnabled,
    /// A package of this plan may bring the service.
    PackageMayBring,
    /// What the app requires is installed anew.
    Dependencies,
    /// Something below Nginx's settings changes.
    Configuration,
    /// This plan changes a path that the service has read.
    Changes(RemotePath),
    /// A path that the service has read was changed since.
    ChangedSince(RemotePath),
    /// Nobody wrote down what the service has read.
    Unknown,
    /// The service has read something else than what is wanted.
    Outdated,
    /// An earlier run was cut before it wrote down that it was done.
    Unrecorded,
}

impl Reason {
    /// The operation fills a place that was empty.
    #[must_use]
    pub fn was_empty(&self) -> bool {
        matches!(self, Self::Missing | Self::NoneIsLive)
    }
}
