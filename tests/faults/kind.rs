//! The kinds of cuts.

/// What is cut while a transaction stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The Bash that is at work dies: that of the transaction, or at the door that of the door.
    Shell,
    /// The next program that the transaction starts dies, or the subshell that would have started it.
    Child,
    /// The process groups of both die.
    Group,
    /// Packets between the controller and the host go nowhere.
    Network,
    /// `provision` dies.
    Controller,
    /// Everything on the host dies, and it boots again.
    Power,
    /// The same, and the disk has lost the journal, or a part of it.
    Disk,
}

impl Kind {
    pub const ALL: [Self; 7] =
        [Self::Shell, Self::Child, Self::Group, Self::Network, Self::Controller, Self::Power, Self::Disk];

    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Child => "child",
            Self::Group => "group",
            Self::Network => "network",
            Self::Controller => "controller",
            Self::Power => "power",
            Self::Disk => "disk",
        }
    }

    /// The host itself is as it was: its transaction goes on.
    pub fn spares_the_host(self) -> bool {
        matches!(self, Self::Network | Self::Controller)
    }
}
