//! The changes that are made under load.

use super::project::Project;
use super::setup::Setup;

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Release,
    Settings,
    Workers,
    Unit,
    Environment,
    Site,
    Reload,
    Rollback,
}

impl Change {
    /// All that can be made.
    pub const ALL: [Self; 8] = [
        Self::Release,
        Self::Settings,
        Self::Workers,
        Self::Unit,
        Self::Environment,
        Self::Site,
        Self::Reload,
        Self::Rollback,
    ];

    /// What it is, in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Release => "new release",
            Self::Settings => "settings",
            Self::Workers => "worker count",
            Self::Unit => "unit",
            Self::Environment => "environment",
            Self::Site => "nginx site",
            Self::Reload => "provision reload",
            Self::Rollback => "provision rollback",
        }
    }

    /// Whether it ends where it began.
    pub fn goes_back(self) -> bool {
        self == Self::Rollback
    }

    /// What it makes of the host.
    pub fn next(self, now: &Setup) -> Setup {
        let mut next = now.clone();
        match self {
            Self::Release | Self::Rollback => next.release += 1,
            Self::Settings => {
                next.timeout = 61 - now.timeout;
                next.threads = 3 - now.threads;
            }
            Self::Workers => next.workers = 5 - now.workers,
            Self::Unit => next.graceful_timeout = 41 - now.graceful_timeout,
            Self::Environment => next.greeting += 1,
            Self::Site => next.mark += 1,
            Self::Reload => {}
        }
        next
    }

    /// Makes `next` of the host, and believes it only when the run names what had to act.
    #[track_caller]
    pub fn make(self, project: &Project, next: &Setup) {
        next.write(project);
        match self {
            Self::Release | Self::Settings | Self::Workers | Self::Environment => {
                project.up(&[]).exits(0).shows("reload blue.service").shows("reload green.service");
            }
            Self::Unit => {
                project.up(&[]).exits(0).shows("restart blue.service").shows("restart green.service");
            }
            Self::Site => drop(project.up(&[]).exits(0).shows("reload nginx.service").hides("blue.service")),
            Self::Reload => {
                let host = project.host().name.to_string();
                project.run(&["reload", &host]).exits(0).shows("blue: reloaded").shows("green: reloaded");
            }
            Self::Rollback => {
                let host = project.host().name.to_string();
                project.up(&[]).exits(0).shows("reload blue.service").shows("reload green.service");
                drop(project.run(&["rollback", &host]).exits(0));
            }
        }
    }
}
