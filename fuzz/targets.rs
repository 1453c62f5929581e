//! What is fuzzed: one function a parser. Each takes any bytes, as a host may send any, and fails by a panic.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use provision::apply::{Progress, Remark};
use provision::desired::Desired;
use provision::diagnostic::Style;
use provision::generation::{History, Kept, Record, parse_stored};
use provision::inventory::Inputs;
use provision::probe::Facts;
use provision::resolve::Targets;
use provision::status::{Processes, Status};
use provision::{outside, plan, probe, report};

/// A target and its name, which is that of its folder in `corpus`, too.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const ALL: [Target; 7] = [
    ("probe", probe_report),
    ("progress", progress_lines),
    ("history", history_report),
    ("processes", processes_report),
    ("stored", stored_json),
    ("record", record_lines),
    ("inventory", inventory_text),
];

/// What a host is to be, for what compares a host with that.
const WANTED: &str = include_str!("corpus/stored/wanted.json");

/// The look at a host, and the plan that follows from it.
pub fn probe_report(data: &[u8]) {
    let units = ["hello.service", "hello.socket", "nginx.service", "web.service", "web.socket"].map(str::to_owned);
    match probe::parse(&lines(data), &units) {
        Ok(facts) => {
            let _ = facts.platform();
            for text in [
                facts.untold.as_ref().map(|untold| format!("{} {}", untold.who, untold.reason)),
                facts.at_work.as_ref().map(|at| at.holder.clone()),
            ] {
                clean(&text.unwrap_or_default());
            }
            match plan::plan(&wanted(), &facts) {
                Ok(plan) => plan.changes.iter().for_each(|change| {
                    clean(&change.operation.to_string());
                    clean(&report::reason(&change.reason));
                }),
                Err(refusal) => clean(&refusal.message),
            }
        }
        Err(error) => clean(&format!("{error:#}")),
    }
}

/// The answers of a transaction.
pub fn progress_lines(data: &[u8]) {
    for line in lines(data).lines() {
        match Progress::parse(line) {
            Some(
                Progress::Begin { title: text, .. }
                | Progress::Waiting(text)
                | Progress::Remark(Remark::Alone(text) | Remark::Rehearsed { app: text, .. })
                | Progress::Locked { holder: text, .. },
            ) => clean(&text),
            Some(Progress::Failed { output: text, .. } | Progress::Undo(text) | Progress::Unwell(text)) => clean(&text),
            Some(Progress::TakenUp { cut: text, .. } | Progress::Paused(text)) => clean(&text),
            Some(Progress::UndoFailed { title, output }) => clean(&format!("{title}{output}")),
            Some(Progress::Remark(Remark::Reserved { user, path })) => clean(&format!("{user}{path}")),
            Some(
                Progress::Received
                | Progress::End(_)
                | Progress::Remark(Remark::Lingering | Remark::FewConnections { .. })
                | Progress::OnProbation(_)
                | Progress::Unfinished
                | Progress::Stale
                | Progress::Reloaded
                | Progress::Undoing
                | Progress::Watched(_)
                | Progress::Ended { .. },
            )
            | None => {}
        }
    }
}

/// What a host remembers of every attempt.
pub fn history_report(data: &[u8]) {
    match History::parse(&lines(data)) {
        Ok(history) => {
            clean(&report::history(&history, true));
            clean(&report::history_json(&"web-01".parse().expect("a host name"), &history));
            for to in [None, Some(1), Some(2)] {
                if let Err(error) = history.choose(&provision::model::ProjectName::default(), to) {
                    clean(&format!("{error:#}"));
                }
            }
        }
        Err(error) => clean(&format!("{error:#}")),
    }
}

/// What runs on a host, and whether it answers.
pub fn processes_report(data: &[u8]) {
    match Processes::parse(&lines(data)) {
        Ok(processes) => {
            let host = "web-01".parse().expect("a host name");
            let status = Status::of(1, &wanted(), &Facts::default(), &processes);
            status.apps.iter().flat_map(|app| report::troubles(&host, app)).for_each(|line| clean(&line));
            clean(&report::status_json(&host, &status));
            clean(&report::status(&[(host, status)]));
        }
        Err(error) => clean(&format!("{error:#}")),
    }
}

/// What was wanted of a host, as it keeps it, and the answer in which that travels.
pub fn stored_json(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(desired) = opened(&text) {
        let again = Kept::of(&desired);
        // What is read anew has the secrets beside it, of which a fuzzed text has none.
        if again.secrets.is_empty() {
            let twice = opened(&again.json).map(|desired| Kept::of(&desired).json);
            assert_eq!(twice.as_deref(), Some(&*again.json), "what is written is read");
        }
    }
    if let Err(error) = parse_stored(&lines(data)) {
        clean(&format!("{error:#}"));
    }
}

/// What a host writes down about one attempt.
pub fn record_lines(data: &[u8]) {
    let record = match Record::read(lines(data).lines()) {
        Ok(record) => record,
        Err(unreadable) => {
            clean(&unreadable.to_string());
            Record::default()
        }
    };
    for text in [&record.who, &record.inventory, &record.digest, &record.version, &record.goal, &record.reason] {
        clean(text);
    }
    record.changes.iter().for_each(|change| clean(change));
    clean(&record.verdict.map(|verdict| verdict.to_string()).unwrap_or_default());
    clean(&outside::text(data));
    clean(&outside::phrase(&String::from_utf8_lossy(data)));
}

/// An inventory, with the mistakes in it.
pub fn inventory_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let inputs = Inputs {
        base_dir: Path::new("/nonexistent"),
        environment: &|_| Some("value".to_owned()),
        extra_vars: BTreeMap::new(),
    };
    if let Err(wrong) = Targets::load("inventory.yml", &text, &inputs) {
        let _ = wrong.render(Style::Plain);
    }
}

/// The lines of an answer as the edge hands them on.
fn lines(data: &[u8]) -> String {
    data.split(|byte| *byte == b'\n').flat_map(|line| [outside::line(line).into_owned(), "\n".to_owned()]).collect()
}

/// What a host would answer that has stored this text, if it can be made into anything.
fn opened(json: &str) -> Option<Desired> {
    let answer = format!("desired\nstored\t1\t{}\nend\n", BASE64.encode(json));
    parse_stored(&answer).ok()??.open("web-01", &|_| None).ok()
}

fn wanted() -> Desired {
    opened(WANTED).expect("the seed is whole")
}

/// Nothing in `text` is a command to a terminal.
#[track_caller]
fn clean(text: &str) {
    let obeyed = text.lines().find(|line| outside::visible(line) != *line);
    assert!(obeyed.is_none(), "{obeyed:?}");
}
