//! How the apps of hosts are: a table for people, JSON lines for programs.

use serde_json::json;

use super::reason::reason;
use super::table::table;
use crate::model::HostName;
use crate::status::{AppStatus, Health, Status};

/// A table of all apps of several hosts.
#[must_use]
pub fn status(hosts: &[(HostName, Status)]) -> String {
    let mut rows = vec![];
    for (host, status) in hosts {
        for app in &status.apps {
            rows.push([
                host.to_string(),
                app.app.to_string(),
                word(app.health()).to_owned(),
                or_dash(app.running.join(", ")),
                or_dash(app.installed.clone().unwrap_or_default()),
                if app.master.is_none() {
                    "-"
                } else if app.stale.is_some() {
                    "no"
                } else {
                    "yes"
                }
                .to_owned(),
                workers(app),
                or_dash(app.uptime.map(span).unwrap_or_default()),
                if app.listening { app.listener.to_string() } else { format!("{} (closed)", app.listener) },
            ]);
        }
    }
    table(["HOST", "APP", "HEALTH", "RUNS", "INSTALLED", "LOADED", "WORKERS", "UP", "LISTENER"], &rows)
}

/// What is wrong with an app, a line each, behind what it is the matter of.
#[must_use]
pub fn troubles(host: &HostName, app: &AppStatus) -> Vec<String> {
    let mut lines: Vec<String> = app.complaints.iter().map(|complaint| format!("{host}: {complaint}")).collect();
    if let Some(stale) = &app.stale {
        lines.push(format!("{host}: {}: {}", app.app, reason(stale)));
    }
    lines
}

/// One JSON object a line and app.
#[must_use]
pub fn status_json(host: &HostName, status: &Status) -> String {
    let mut text = String::new();
    for app in &status.apps {
        let object = json!({
            "host": host.as_str(),
            "app": app.app.as_str(),
            "generation": status.generation,
            "well": app.well(),
            "health": word(app.health()),
            "complaints": app.complaints,
            "running": app.running,
            "installed": app.installed,
            "loaded": app.master.is_some() && app.stale.is_none(),
            "not_loaded": app.stale.as_ref().map(reason),
            "master": app.master,
            "uptime_seconds": app.uptime,
            "workers": app.workers,
            "workers_wanted": app.workers_wanted,
            "listener": app.listener.to_string(),
            "listening": app.listening,
        });
        text.push_str(&format!("{object}\n"));
    }
    text
}

fn word(health: Health) -> &'static str {
    match health {
        Health::NotRunning => "not running",
        Health::Healthy => "healthy",
        Health::Unhealthy => "unhealthy",
    }
}

fn workers(app: &AppStatus) -> String {
    let pids: Vec<String> = app.workers.iter().map(ToString::to_string).collect();
    let pids = if pids.is_empty() { String::new() } else { format!(": {}", pids.join(" ")) };
    match app.workers_wanted {
        Some(wanted) => format!("{} of {wanted}{pids}", app.workers.len()),
        None => format!("{}{pids}", app.workers.len()),
    }
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}

/// A span of time in its two largest units; `seconds` long.
fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, _, _) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_its_two_largest_units() {
        let spans = [0, 59, 61, 3_599, 3_661, 86_399, 90_000, 8_640_000].map(span);
        assert_eq!(spans, ["0s", "59s", "1m 1s", "59m 59s", "1h 1m", "23h 59m", "1d 1h", "100d 0h"]);
    }
}
