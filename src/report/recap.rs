//! The end of a run: one line a host, and beneath it why, where something went wrong.

use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::failure::{hints, message, standing};
use crate::event::{Ending, Failure, Outcome, Watched};
use crate::generation::utc;
use crate::model::HostName;

/// One line for each host, in order.
#[must_use]
pub fn recap(outcomes: &[Outcome]) -> String {
    let width = outcomes.iter().map(|outcome| outcome.host.as_str().len()).max().unwrap_or(0);
    outcomes.iter().map(|outcome| line(outcome, width)).collect()
}

fn line(outcome: &Outcome, width: usize) -> String {
    let (in_order, changes) = outcome.plan.as_ref().map_or((0, 0), |plan| (plan.in_order(), plan.changes.len()));
    let (word, style) = match &outcome.ending {
        Ending::InSync => ("in sync", AnsiColor::Green.on_default()),
        Ending::Drift | Ending::Withheld(_) => ("would change", AnsiColor::Yellow.on_default()),
        Ending::Changed => ("changed", AnsiColor::Yellow.on_default()),
        Ending::OnProbation(_) => ("on probation", AnsiColor::Yellow.on_default()),
        Ending::Failed(_) => ("failed", AnsiColor::Red.on_default().bold()),
        Ending::RolledBack(_) => ("rolled back", AnsiColor::Red.on_default().bold()),
        Ending::Unreachable(_) => ("unreachable", AnsiColor::Red.on_default().bold()),
        Ending::Locked { .. } => ("locked", AnsiColor::Red.on_default().bold()),
        Ending::Interrupted(_) => ("interrupted", AnsiColor::Magenta.on_default()),
    };
    let count = match &outcome.ending {
        Ending::InSync | Ending::Changed | Ending::OnProbation(_) => format!("ok={in_order:<3} changed={changes:<3}"),
        Ending::Drift | Ending::Withheld(_) => format!("ok={in_order:<3} drift={changes:<5}"),
        _ => format!("{:18}", ""),
    };
    let took = seconds(outcome.took);
    let why = match &outcome.ending {
        Ending::Failed(failure) | Ending::RolledBack(failure) => {
            let stands = standing(&outcome.host, &failure.standing);
            format!("  {}; {stands}", first_line(&message(&failure.what)))
        }
        Ending::Unreachable(fault) => format!("  {}", first_line(&fault.message)),
        Ending::Locked { holder, .. } => format!("  {}", first_line(holder)),
        Ending::OnProbation(until) => format!("  serves; clients decide until {} UTC", utc(*until)),
        Ending::Interrupted(stands) => format!("  {}", standing(&outcome.host, stands)),
        Ending::Withheld(lost) if lost.is_empty() => "  nothing was changed: another host lacks consent".to_owned(),
        Ending::Withheld(_) => "  nothing was changed: consent is needed".to_owned(),
        _ => String::new(),
    };
    format!("{:width$}  {style}{word:12}{style:#} {count} {took:>7}{why}\n", outcome.host.as_str())
}

/// Everything that is to be said about a host that did not end well.
pub fn details(outcome: &Outcome) -> Option<String> {
    let host = &outcome.host;
    match &outcome.ending {
        Ending::Failed(failure) | Ending::RolledBack(failure) => Some(failure_text(host, failure)),
        Ending::Unreachable(fault) => Some(block(host.as_str(), "unreachable", &fault.message, &fault.hints)),
        Ending::Locked { holder, probation: true } => {
            let help = [
                "`--end-probation` commits it now, and then makes this change".to_owned(),
                "`--lock-wait 10m` waits for its end".to_owned(),
                format!("`provision rollback {host}` takes it back"),
            ];
            Some(block(host.as_str(), "the last change is not final yet", holder, &help))
        }
        Ending::Locked { holder, probation: false } => {
            let help = [
                "wait until that run has ended, and run again; `--lock-wait 60s` waits for it",
                "if it is this run, under another name of the inventory, both names lead to one host: keep one of them",
            ];
            Some(block(host.as_str(), "a change is in progress there", holder, &help))
        }
        _ => None,
    }
}

fn failure_text(host: &HostName, failure: &Failure) -> String {
    let mut said = message(&failure.what);
    if !failure.output.is_empty() {
        said.push('\n');
        said.push_str(&failure.output);
    }
    let mut text = block(host.as_str(), "", &said, &hints(host, failure));
    let style = Style::new().bold();
    text.push_str(&format!("  {style}= state:{style:#} {}\n", standing(host, &failure.standing)));
    text
}

fn block(host: &str, title: &str, message: &str, hints: &[impl AsRef<str>]) -> String {
    let red = AnsiColor::Red.on_default().bold();
    let separator = if title.is_empty() { "" } else { ": " };
    let mut lines = message.lines();
    let mut text = format!("{red}error{red:#}: {host}: {title}{separator}{}\n", lines.next().unwrap_or_default());
    for line in lines {
        text.push_str(&format!("  | {line}\n"));
    }
    for hint in hints {
        let cyan = AnsiColor::Cyan.on_default().bold();
        text.push_str(&format!("  {cyan}= help:{cyan:#} {}\n", hint.as_ref()));
    }
    text
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// What the watch over the sites saw, in one line.
pub fn watched(seen: &Watched) -> String {
    let time = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1} ms"));
    format!(
        "watched: {} requests before, {} during the switch, {} failed; p50 {} before, {} during; p99 {} before, \
         {} during",
        seen.requests_before,
        seen.requests_during,
        seen.failures,
        time(seen.p50_before_ms),
        time(seen.p50_during_ms),
        time(seen.p99_before_ms),
        time(seen.p99_during_ms),
    )
}

/// A duration for people.
pub fn seconds(duration: Duration) -> String {
    format!("{:.2}s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::event::{Standing, What};
    use crate::fault::{Fault, Kind};
    use crate::plan::{Change, Meanwhile, Operation, Plan, Reason};
    use crate::report::changes;

    fn outcome(host: &str, ending: Ending) -> Outcome {
        let changes = vec![
            Change::new(Operation::InstallPackage("nginx".parse().expect("a package")), Reason::NotInstalled),
            Change::new(Operation::DisableWelcome, Reason::OtherDefault),
            Change::new(Operation::InstallPython("web".parse().expect("an app")), Reason::Requirements),
            Change::new(Operation::Restart("web.service".to_owned(), Meanwhile::Served), Reason::Dependencies),
        ];
        let plan = Plan { changes, compared: 12, ..Plan::default() };
        Outcome {
            host: host.parse().expect("a host"),
            ending,
            plan: Some(Rc::new(plan)),
            took: Duration::from_millis(1234),
        }
    }

    fn failed() -> Ending {
        Ending::Failed(Failure {
            what: What::Step("failed to check the whole Nginx configuration".to_owned()),
            output: "nginx: [emerg] unknown directive \"foo\"\nnginx: configuration file test failed".to_owned(),
            cause: None,
            standing: Standing::Refused { shared_packages: false, commands: vec![] },
        })
    }

    fn unreachable() -> Ending {
        let message = "ssh: connect to host a port 22: Connection refused";
        Ending::Unreachable(Fault::of(Kind::Unreachable, message).hint("is the host up?"))
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn every_ending_has_a_line() {
        let endings = [
            ("web-01", Ending::InSync),
            ("web-02", Ending::Drift),
            ("web-03", Ending::Changed),
            ("web-04", failed()),
            ("web-05", unreachable()),
            ("web-06", Ending::Locked { holder: "me on laptop, process 7".to_owned(), probation: false }),
            ("web-07", Ending::Interrupted(Standing::Untouched)),
        ];
        insta::assert_snapshot!(plain(&recap(&endings.map(|(host, ending)| outcome(host, ending)))));
    }

    #[test]
    fn a_failure_is_told_in_full() {
        let text = [failed(), unreachable(), Ending::Locked { holder: "me on laptop".to_owned(), probation: false }];
        let text: String = text.into_iter().filter_map(|ending| details(&outcome("web-01", ending))).collect();
        insta::assert_snapshot!(plain(&text));
        assert_eq!(details(&outcome("web-01", Ending::Changed)), None);
    }

    #[test]
    fn a_plan_is_one_line_a_change() {
        let outcome = outcome("web-01", Ending::Drift);
        insta::assert_snapshot!(plain(&changes(outcome.plan.as_ref().expect("a plan"), "web-01  ", false)));
    }
}
