//! The history of a host: a table for people, JSON lines for programs.

use serde_json::json;

use super::table::table;
use crate::generation::{Closed, History, Record, WayBack, utc};
use crate::model::{HostName, ProjectName, Verdict};

/// How many changes the table names.
const SHOWN: usize = 2;

/// A table, oldest generation first, the live one marked; `every_change` adds each record in full.
#[must_use]
pub fn history(history: &History, every_change: bool) -> String {
    let mut rows = vec![];
    for generation in &history.generations {
        let (mark, back) = match history.way_back(generation) {
            WayBack::Live => ("*", "live".to_owned()),
            WayBack::Open => ("", "yes".to_owned()),
            // Its result says it already.
            WayBack::Closed(Closed::NeverLive) => ("", "-".to_owned()),
            WayBack::Closed(Closed::Unreadable(_) | Closed::NotStored | Closed::ReleaseGone { .. }) => {
                ("", "no".to_owned())
            }
        };
        let (when, who, what) = match &generation.record {
            Ok(record) => (record.began.map(utc), record.person(), what(record)),
            Err(why) => (None, "-", why.to_string()),
        };
        let when = when.unwrap_or_else(|| "-".to_owned());
        let project = history.project_of(generation).map_or("-", ProjectName::as_str).to_owned();
        let number = format!("{mark:1} {}", generation.number);
        rows.push((project, [number, when, who.to_owned(), generation.result(), back, what]));
    }
    let table = with_projects(history, rows);
    if !every_change {
        return table;
    }
    let mut lines = table.lines();
    let mut text = lines.next().map(|line| format!("{line}\n")).unwrap_or_default();
    for (line, generation) in lines.zip(&history.generations) {
        text.push_str(&format!("{line}\n"));
        if let Ok(record) = &generation.record {
            text.push_str(&details(record, &history.way_back(generation)));
        }
    }
    text
}

/// What `host` keeps of removed apps, and until when, a line each.
#[must_use]
pub fn kept(host: &HostName, history: &History) -> String {
    let line = |(_, app, until): &(ProjectName, String, u64)| {
        let until = utc(*until);
        format!("kept: {app} until {until} UTC; `rollback` brings it back, `provision purge {host} {app}` ends that\n")
    };
    history.kept.iter().map(line).collect()
}

/// The table; whose an attempt was is in it where other projects than the usual one share the host.
fn with_projects(history: &History, rows: Vec<(String, [String; 6])>) -> String {
    let heading = ["  N", "WHEN (UTC)", "WHO", "RESULT", "BACK", "WHAT"];
    if !history.names_projects() {
        let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
        return table(heading, &rows);
    }
    let [number, when, who, result, back, what] = heading;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(project, [number, when, who, result, back, what])| [number, project, when, who, result, back, what])
        .collect();
    table([number, "PROJECT", when, who, result, back, what], &rows)
}

/// What it was for, and what changed or why it came to nothing, in short.
fn what(record: &Record) -> String {
    if record.verdict != Some(Verdict::Committed) && !record.reason.is_empty() {
        return format!("{}: {}", record.goal, record.reason.lines().next().unwrap_or_default());
    }
    let count = record.changes.len();
    let noun = if count == 1 { "change" } else { "changes" };
    let more = if count > SHOWN { ", …" } else { "" };
    let first: Vec<&str> = record.changes.iter().take(SHOWN).map(String::as_str).collect();
    let separator = if first.is_empty() { "" } else { ": " };
    format!("{}, {count} {noun}{separator}{}{more}", record.goal, first.join(", "))
}

fn details(record: &Record, way_back: &WayBack) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("      {key:9}  {value}\n"));
        }
    };
    line("who", &record.who);
    line("probation", &record.probation.map(utc).unwrap_or_default());
    line("ended", &record.ended.map(utc).unwrap_or_default());
    line("inventory", &record.inventory);
    line("digest", &record.digest);
    line("provision", &record.version);
    if let (WayBack::Closed(why), Some(Verdict::Committed)) = (way_back, &record.verdict) {
        line("no return", &why.to_string());
    }
    for reason in record.reason.lines() {
        line("reason", reason);
    }
    for change in &record.changes {
        line("change", change);
    }
    text
}

/// One JSON object a line and generation, oldest first.
#[must_use]
pub fn history_json(host: &HostName, history: &History) -> String {
    let mut text = String::new();
    for generation in &history.generations {
        let (record, unreadable) = match &generation.record {
            Ok(record) => (record, None),
            Err(why) => (&Record::default(), Some(why.to_string())),
        };
        let way_back = history.way_back(generation);
        let why = if let WayBack::Closed(why) = &way_back { Some(why.to_string()) } else { None };
        let object = json!({
            "host": host.as_str(),
            "generation": generation.number,
            "project": history.project_of(generation).map(ProjectName::as_str),
            "live": way_back == WayBack::Live,
            "began": record.began,
            "ended": record.ended,
            "probation": record.probation,
            "who": record.who,
            "goal": record.goal,
            "result": generation.result(),
            "reason": unreadable.as_ref().unwrap_or(&record.reason),
            "inventory": record.inventory,
            "digest": record.digest,
            "version": record.version,
            "changes": record.changes,
            "rollback": way_back == WayBack::Open,
            "rollback_impossible": why,
        });
        text.push_str(&format!("{object}\n"));
    }
    text
}
