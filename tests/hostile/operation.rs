//! What is done on a host while something hostile lies there.

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A new release.
    Up,
    /// A new environment, so that the app restarts.
    Restart,
    /// A release whose workers end at once: everything goes back.
    Undo,
    /// A new release, cut by a power failure right after the switch has begun: the boot brings everything back.
    Boot,
    /// The object comes in the middle of a change, between the look and the mending of folders.
    Between,
    Check,
    Reload,
    Rollback,
    Status,
    History,
    Logrotate,
}

impl Operation {
    pub const ALL: [Self; 11] = [
        Self::Up,
        Self::Restart,
        Self::Undo,
        Self::Boot,
        Self::Between,
        Self::Check,
        Self::Reload,
        Self::Rollback,
        Self::Status,
        Self::History,
        Self::Logrotate,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Restart => "restart",
            Self::Undo => "undo",
            Self::Boot => "boot",
            Self::Between => "between",
            Self::Check => "check",
            Self::Reload => "reload",
            Self::Rollback => "rollback",
            Self::Status => "status",
            Self::History => "history",
            Self::Logrotate => "logrotate",
        }
    }

    /// Changes the host, or tries to.
    pub fn changes(self) -> bool {
        matches!(self, Self::Up | Self::Restart | Self::Undo | Self::Boot | Self::Between | Self::Rollback)
    }
}
