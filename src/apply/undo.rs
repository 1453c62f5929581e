//! The way back, step by step: functions of `host/undo.sh` in the one order in which a host returns to what it was.

use crate::encode::shell;

/// One step of the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retreat {
    /// Names it among the points at which a transaction can be cut.
    pub key: &'static str,
    /// What it does, for people.
    pub title: &'static str,
    /// When it is needed.
    pub when: When,
    /// The function of `host/undo.sh`.
    pub function: &'static str,
}

/// When a step of the way back is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Whatever was reached.
    Always,
    /// Once the switch has begun.
    Switched,
    /// Once the switch has begun, while services run. At boot none does yet, and to wait for one would be to wait for
    /// ever.
    Running,
}

impl When {
    /// The word that `host/undo.sh` knows it by.
    fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Switched => "switched",
            Self::Running => "running",
        }
    }
}

const fn retreat(key: &'static str, when: When, title: &'static str, function: &'static str) -> Retreat {
    Retreat { key, title, when, function }
}

/// The way back, in order. As on the way there, Nginx never routes to what does not run: apps that were there come
/// before it, those that were not go after it.
pub const RETREAT: [Retreat; 9] = [
    retreat("files", When::Switched, "bring back what was switched", "restore_files"),
    retreat("manager", When::Switched, "make the service manager read its units again", "reload_manager"),
    retreat("services", When::Switched, "let the services return to what was there", "services_return"),
    retreat("nginx", When::Running, "reload Nginx with what was there", "nginx_returns"),
    retreat("others", When::Running, "stop what was not there", "others_stop"),
    retreat("notes", When::Switched, "remember what they have loaded", "restore_notes"),
    retreat("verify", When::Running, "run the health checks of the former apps", "former_apps_answer"),
    retreat("prepared", When::Always, "remove what was prepared", "drop_prepared"),
    retreat("record", When::Always, "bring back the ownership record", "restore_owned"),
];

/// The function that `host/undo.sh` calls.
pub fn function() -> String {
    let mut text = String::from("undo_steps() {\n");
    for step in RETREAT {
        let (key, title, when, function) = (step.key, shell::quote(step.title), step.when.word(), step.function);
        text.push_str(&format!("    retreat {key} {title} {when} {function}\n"));
    }
    text.push_str("}\n");
    text
}
