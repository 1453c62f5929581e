//! The scripts that run on a host, put together from `host/*.sh`: shared parts, and the one for its init. Pure.

use std::time::Duration;

use super::step::Step;
use super::undo;
use crate::encode::shell;
use crate::model::{AppName, Init, ProjectName};

/// What a transaction does on every host: first what several parts need, then one file a phase.
const TRANSACTION: &str = concat!(
    include_str!("host/lib.sh"),
    include_str!("host/journal.sh"),
    include_str!("host/evidence.sh"),
    include_str!("host/transaction.sh"),
    include_str!("host/note.sh"),
    include_str!("host/undo.sh"),
    include_str!("host/return.sh"),
    include_str!("host/stage.sh"),
    include_str!("host/check.sh"),
    include_str!("host/switch.sh"),
    include_str!("host/act.sh"),
    include_str!("host/listeners.sh"),
    include_str!("host/logs.sh"),
    include_str!("host/verify.sh"),
    include_str!("host/probation.sh"),
    include_str!("host/clear.sh"),
    include_str!("host/kept.sh"),
    include_str!("host/users.sh"),
);

/// What takes the lock and the payload on every host.
const DOOR: &str = concat!(
    include_str!("host/door/lib.sh"),
    include_str!("host/door/payload.sh"),
    include_str!("host/door/follow.sh"),
    include_str!("host/door/door.sh"),
);

/// What the units and jobs are called that run a transaction, beside their contents.
pub const UNITS: [(&str, &str); 5] = [
    ("build.service", include_str!("host/units/build.service")),
    ("provision-transaction.service", include_str!("host/units/provision-transaction.service")),
    ("provision-recovery.service", include_str!("host/units/provision-recovery.service")),
    ("provision-transaction.conf", include_str!("host/units/provision-transaction.conf")),
    ("provision-recovery.conf", include_str!("host/units/provision-recovery.conf")),
];

/// The functions that a transaction's last lines call, for a host with that init. A boot runs the same script.
#[must_use]
pub fn library(init: Init) -> String {
    let services = match init {
        Init::Systemd => concat!(
            include_str!("host/init/systemd.sh"),
            include_str!("host/init/stand_in.sh"),
            include_str!("host/init/drop_systemd.sh")
        ),
        Init::Upstart => concat!(include_str!("host/init/upstart.sh"), include_str!("host/init/drop_upstart.sh")),
    };
    format!("{TRANSACTION}{services}")
}

fn door(init: Init) -> String {
    let pid_1 = match init {
        Init::Systemd => concat!(include_str!("host/door/systemd.sh"), include_str!("host/init/drop_systemd.sh")),
        Init::Upstart => concat!(include_str!("host/door/upstart.sh"), include_str!("host/init/drop_upstart.sh")),
    };
    format!("{DOOR}{pid_1}")
}

/// The script that pid 1 runs for `project`. It stands still at `pause`, once, if there is such a point.
#[must_use]
pub fn script(init: Init, project: &ProjectName, steps: &[Step], pause: Option<&str>) -> String {
    let mut script = library(init);
    let (name, suffix) = (shell::quote(project.as_str()), shell::quote(&project.suffix()));
    script.push_str(&format!("project={name} own={suffix}\n"));
    script.push_str(&undo::function());
    script.push_str(&pause_line(pause));
    let commit = steps.iter().position(Step::is_commit).map_or(steps.len(), |index| index + 1);
    script.push_str(&format!("begin {} {commit} \"$@\"\n", steps.len()));
    for (index, step) in steps.iter().enumerate() {
        script.push_str(&step.line(index + 1));
    }
    script.push_str("finish\n");
    script
}

/// What a user decides about a change that is on probation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is committed.
    Commit,
    /// The host goes back to what it was.
    GoBack,
}

impl Decision {
    /// The word that the door knows it by.
    fn word(self) -> &'static str {
        match self {
            Self::Commit => "accept",
            Self::GoBack => "reject",
        }
    }
}

/// One controller at the door of a host.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    /// What runs as pid 1 there.
    pub init: Init,
    /// Tells the next run who holds the lock.
    pub who: &'a str,
    /// How long the lock is waited for.
    pub wait: Duration,
    /// What becomes of a change that is on probation; `None` leaves it to clients.
    pub end_probation: Option<Decision>,
}

impl Visitor<'_> {
    /// The script that hands a payload of `bytes` over. The plan was made when the host had seen `attempts`.
    #[must_use]
    pub fn hand_over(&self, bytes: u64, attempts: u32, pause: Option<&str>) -> String {
        self.asks("hand_over", &format!(" {bytes} {attempts}"), pause)
    }

    /// The script that lets the host undo or finish a transaction that was cut.
    #[must_use]
    pub fn take_up(&self) -> String {
        self.asks("take_up", "", None)
    }

    fn asks(&self, function: &str, more: &str, pause: Option<&str>) -> String {
        let end =
            self.end_probation.map_or_else(String::new, |decision| format!("end_probation={}\n", decision.word()));
        let (door, pause, who) = (door(self.init), pause_line(pause), shell::quote(self.who));
        format!("{door}{pause}{end}{function} {who} {}{more}\n", self.wait.as_secs())
    }
}

/// The script that reloads `apps` gracefully, one after the other, under the lock. `who` tells the next run who holds
/// it, which is waited for as long as `wait`.
#[must_use]
pub fn reload(who: &str, wait: Duration, apps: &[AppName]) -> String {
    let apps: Vec<String> = apps.iter().map(|app| shell::quote(app.as_str())).collect();
    format!("{DOOR}reload_apps {} {} {}\n", shell::quote(who), wait.as_secs(), apps.join(" "))
}

fn pause_line(point: Option<&str>) -> String {
    point.map_or_else(String::new, |point| format!("pause_at={}\n", shell::quote(point)))
}
