//! The change: one remote script carries out a plan as one transaction, with the payload on its standard input.

mod payload;
mod progress;
mod step;
mod steps;

pub use payload::Payload;
pub use progress::Progress;
pub use step::Step;
pub use steps::steps;

use crate::encode::shell;

/// The functions that the script's last lines call, one file a phase.
pub const LIBRARY: &str = concat!(
    include_str!("host/transaction.sh"),
    include_str!("host/stage.sh"),
    include_str!("host/check.sh"),
    include_str!("host/switch.sh"),
    include_str!("host/act.sh"),
    include_str!("host/verify.sh"),
);

/// The whole script; `who` tells the next run who holds the lock.
#[must_use]
pub fn script(steps: &[Step], who: &str) -> String {
    let mut script = String::from(LIBRARY);
    script.push_str(&format!("open_transaction {}\n", shell::quote(who)));
    for (index, step) in steps.iter().enumerate() {
        script.push_str(&step.line(index + 1));
    }
    script.push_str("finish\n");
    script
}
