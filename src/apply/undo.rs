//! The way back, step by step: functions of `host/undo.sh` in the one order in which a host returns to what it was.

use crate::encode::shell;

/// One step of the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retreat {
    /// Names it among the points at which a transaction can be cut.
    pub key: &'static str,
    /// What it does, for people.
    pub title: &'static str,
    /// Needed only once the switch has begun.
    pub live: bool,
    /// The function of `host/undo.sh`.
    pub function: &'static str,
}

const fn live(key: &'static str, title: &'static str, function: &'static str) -> Retreat {
    Retreat { key, title, live: true, function }
}

const fn always(key: &'static str, title: &'static str, function: &'static str) -> Retreat {
    Retreat { key, title, live: false, function }
}

/// The way back, in order. Nginx turns to what was there before the apps do, as it turned to them last.
pub const RETREAT: [Retreat; 8] = [
    live("files", "bring back what was switched", "restore_files"),
    live("manager", "make the service manager read its units again", "read_units_again"),
    live("nginx", "reload Nginx with what was there", "nginx_returns"),
    live("services", "let the services return to what was there", "services_return"),
    live("notes", "remember what they have loaded", "restore_notes"),
    live("verify", "ask the former apps whether they work", "former_apps_answer"),
    always("prepared", "remove what was prepared", "drop_prepared"),
    always("record", "bring back the ownership record", "restore_owned"),
];

/// The function that `host/undo.sh` calls.
pub fn function() -> String {
    let mut text = String::from("undo_steps() {\n");
    for step in RETREAT {
        let when = if step.live { "live" } else { "always" };
        text.push_str(&format!("    retreat {} {} {when} {}\n", step.key, shell::quote(step.title), step.function));
    }
    text.push_str("}\n");
    text
}
