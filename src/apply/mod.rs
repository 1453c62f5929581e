//! The change: one transaction on the host carries out a plan. What is sent is a small door, which takes the lock and
//! the payload and lets pid 1 run the rest.

mod argument;
mod call;
mod gunicorn;
mod payload;
mod point;
mod progress;
mod step;
mod steps;
mod touches;
mod undo;

pub use argument::{Act, Argument, Hashes, Method, NginxChange};
pub use call::{Call, Signature};
pub use gunicorn::PINS as GUNICORN_PINS;
pub use payload::Payload;
pub use point::{DOOR, END, Point, points};
pub use progress::{Progress, Result as EndResult};
pub use step::Step;
pub use steps::{Options, Transaction, transaction};
pub use undo::{RETREAT, Retreat, When};

use std::time::Duration;

use crate::encode::shell;
use crate::model::AppName;

/// The functions that a transaction's last lines call, one file a phase.
pub const LIBRARY: &str = concat!(
    include_str!("host/transaction.sh"),
    include_str!("host/undo.sh"),
    include_str!("host/stage.sh"),
    include_str!("host/check.sh"),
    include_str!("host/switch.sh"),
    include_str!("host/act.sh"),
    include_str!("host/verify.sh"),
    include_str!("host/clear.sh"),
);

/// What takes the lock and the payload.
pub const DOOR_SCRIPT: &str = include_str!("host/door.sh");

/// What the units and jobs are called that run a transaction, beside their contents.
pub const UNITS: [(&str, &str); 5] = [
    ("build.service", include_str!("host/units/build.service")),
    ("provision-transaction.service", include_str!("host/units/provision-transaction.service")),
    ("provision-recovery.service", include_str!("host/units/provision-recovery.service")),
    ("provision-transaction.conf", include_str!("host/units/provision-transaction.conf")),
    ("provision-recovery.conf", include_str!("host/units/provision-recovery.conf")),
];

/// The script that pid 1 runs. It stands still at `pause`, once, if there is such a point.
#[must_use]
pub fn script(steps: &[Step], pause: Option<&str>) -> String {
    let mut script = String::from(LIBRARY);
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

/// The script that hands a payload of `bytes` over; `who` tells the next run who holds the lock, which is waited for as
/// long as `wait`. The plan was made when the host had seen `attempts`.
#[must_use]
pub fn hand_over(who: &str, wait: Duration, bytes: usize, attempts: u32, pause: Option<&str>) -> String {
    let (pause, who, wait) = (pause_line(pause), shell::quote(who), wait.as_secs());
    format!("{DOOR_SCRIPT}{pause}hand_over {who} {wait} {bytes} {attempts}\n")
}

/// The script that lets the host undo or finish a transaction that was cut.
#[must_use]
pub fn take_up(who: &str, wait: Duration) -> String {
    format!("{DOOR_SCRIPT}take_up {} {}\n", shell::quote(who), wait.as_secs())
}

/// The script that reloads `apps` gracefully, one after the other, under the lock.
#[must_use]
pub fn reload(who: &str, wait: Duration, apps: &[AppName]) -> String {
    let apps: Vec<String> = apps.iter().map(|app| shell::quote(app.as_str())).collect();
    format!("{DOOR_SCRIPT}reload_apps {} {} {}\n", shell::quote(who), wait.as_secs(), apps.join(" "))
}

fn pause_line(point: Option<&str>) -> String {
    point.map_or_else(String::new, |point| format!("pause_at={}\n", shell::quote(point)))
}
