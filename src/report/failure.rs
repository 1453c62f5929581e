//! Why a host could not be made to match, where it stands, and what to do, in words.

use crate::event::{Cause, During, Failure, Loss, Standing, What};
use crate::model::{AppName, HostName, layout};

/// What failed; what a program says of it is not in it.
pub fn message(what: &What) -> String {
    match what {
        What::Fault(fault) => fault.to_string(),
        What::Overtaken => "other runs keep changing this host".to_owned(),
        What::Unfinished => "a transaction was cut on this host just now".to_owned(),
        What::NotReceived => "the host could not take the payload".to_owned(),
        What::NotBegun => "the transaction could not begin".to_owned(),
        What::Step(failure) => failure.clone(),
        What::Cut(when) => format!("the transaction was cut {when}"),
        What::EndedEarly => "the transaction ended early".to_owned(),
        What::Lost { by, during } => format!("{} {}", loss(*by), doing(during)),
        What::NotTakenUp => "the interrupted transaction on this host could not be resumed".to_owned(),
    }
}

fn loss(by: Loss) -> &'static str {
    match by {
        Loss::Connection => "the connection was cut",
        Loss::Excess => "provision stopped listening to the host",
    }
}

fn doing(during: &During) -> String {
    match during {
        During::Receiving => "before the host had the payload".to_owned(),
        During::Changing(None) => "while the host was being changed".to_owned(),
        During::Changing(Some(step)) => format!("while the host was being changed, in the step: {step}"),
        During::Settling => "while the host settled a transaction that was cut before".to_owned(),
    }
}

/// Where a host stands, as a clause.
pub fn standing(host: &HostName, standing: &Standing) -> String {
    match standing {
        Standing::Untouched => "nothing was changed".to_owned(),
        Standing::UntouchedByUs => "nothing was changed by this run".to_owned(),
        Standing::Refused { shared_packages, commands } => {
            let packages = if *shared_packages {
                ", but the host's Python packages, which all its apps share, may be the new ones"
            } else {
                ""
            };
            format!("refused before the switch: live services were not touched{packages}{}", stays(commands))
        }
        Standing::Stopped { commands } => {
            format!("stopped before the switch: nothing live was changed{}", stays(commands))
        }
        Standing::RolledBack { unwell, not_undone, commands, .. } => {
            let mut text = "rolled back: code, configuration, units and links are what they were".to_owned();
            if let Some(said) = unwell {
                let said = said.lines().next().unwrap_or_default();
                text.push_str(&format!("; but not every former app answers: {said}"));
            }
            if !not_undone.is_empty() {
                text.push_str(&format!("; but these steps failed: {}", steps(not_undone)));
            }
            text + &stays(commands)
        }
        Standing::HalfRolledBack(not_undone) => format!("rolled back only in part: {}", steps(not_undone)),
        Standing::NotCleared => "the new state is live and healthy, but the cleanup is not complete".to_owned(),
        Standing::Cut => {
            format!("cut: the next `provision up {host}`, or a restart of the host, undoes or finishes it")
        }
        Standing::GoesOn => "the host continues by itself: it finishes the change or rolls it back".to_owned(),
        Standing::Left => {
            "provision stopped waiting: the host continues by itself, and the next run says how it ended".to_owned()
        }
        Standing::Unsettled => "the host is as that transaction left it, or is still settling it".to_owned(),
    }
}

/// What no way back brings back, as a clause; nothing, most often.
fn stays(commands: &[AppName]) -> String {
    if commands.is_empty() {
        return String::new();
    }
    let apps: Vec<&str> = commands.iter().map(AppName::as_str).collect();
    format!("; what the release command of `{}` has done by itself is not undone", apps.join("`, `"))
}

/// Steps, each with why it could not be undone, in a line.
fn steps(not_undone: &[(String, String)]) -> String {
    let each = not_undone.iter().map(|(title, output)| format!("{title} ({})", output.replace('\n', "; ")));
    each.collect::<Vec<_>>().join(", ")
}

/// What to do about it, a phrase each.
pub fn hints(host: &HostName, failure: &Failure) -> Vec<String> {
    let again = || format!("run `provision up {host}` again: it settles that first");
    let mut hints: Vec<String> = failure.cause.map(|cause| remedy(host, cause)).into_iter().collect();
    match &failure.what {
        What::Fault(fault) => hints.extend(fault.hints.clone()),
        What::Overtaken => hints.push(format!("`provision history {host}` says who")),
        What::Unfinished | What::NotTakenUp | What::Lost { during: During::Settling, .. } => hints.push(again()),
        What::EndedEarly => hints.push(format!("`provision check {host}` says where it stands")),
        What::Lost { during: During::Changing(_), .. } => {
            hints.push(format!("`provision check {host}` says how it ended"));
        }
        What::NotReceived | What::Lost { during: During::Receiving, .. } => hints.push(mend(host)),
        What::NotBegun | What::Step(_) | What::Cut(_) => hints.extend(after_transaction(host, failure)),
    }
    hints
}

/// What to do after a transaction that came to an end.
fn after_transaction(host: &HostName, failure: &Failure) -> Vec<String> {
    match &failure.standing {
        Standing::Refused { shared_packages, .. } => {
            let own = "`python: { install: venv }` gives every release packages of its own".to_owned();
            [mend(host)].into_iter().chain(shared_packages.then_some(own)).collect()
        }
        Standing::RolledBack { generation, .. } => {
            let first = match failure.what {
                What::Cut(_) => format!("run `provision up {host}` again"),
                _ => mend(host),
            };
            vec![format!("{first}; `provision history {host}` has this attempt as number {generation}")]
        }
        Standing::HalfRolledBack(_) => vec![format!(
            "the next `provision up {host}`, or a restart of the host, tries to roll back again; its journal lies \
             in {}",
            layout::TRANSACTION.as_str()
        )],
        Standing::NotCleared => vec![format!("the next `provision up {host}` tries again")],
        Standing::Untouched
        | Standing::UntouchedByUs
        | Standing::Stopped { .. }
        | Standing::Cut
        | Standing::GoesOn
        | Standing::Left
        | Standing::Unsettled => vec![],
    }
}

fn mend(host: &HostName) -> String {
    format!("fix the problem shown above, and run `provision up {host}` again")
}

fn remedy(host: &HostName, cause: Cause) -> String {
    match cause {
        Cause::DiskFull => format!("a disk of {host} is full, and `df -h` there says which"),
        Cause::ReadOnly => {
            format!(
                "a file system of {host} is read-only, often after a disk error: `dmesg` there may say why, `df` which \
                 disk it is, and `mount -o remount,rw` lets it be written again"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Message, standing and hints, each of which must contain its words.
    #[track_caller]
    fn check(what: What, stands: Standing, cause: Option<Cause>, words: [&str; 3]) {
        let host = "web-01".parse().expect("a host");
        let failure = Failure { what, output: String::new(), cause, standing: stands };
        let texts = [message(&failure.what), standing(&host, &failure.standing), hints(&host, &failure).join("; ")];
        for (text, words) in texts.iter().zip(words) {
            assert!(text.contains(words), "{words} is not in: {text}");
        }
    }

    #[test]
    fn what_failed_and_where_the_host_stands_decide_what_to_do() {
        let step = || What::Step("failed to switch the link".to_owned());
        let commands = || vec!["blue".parse().expect("an app"), "green".parse().expect("an app")];
        let undo = || vec![("stop blue.service".to_owned(), "time\nout".to_owned())];
        let refused = Standing::Refused { shared_packages: true, commands: commands() };
        let back = |unwell: Option<&str>, not_undone| Standing::RolledBack {
            generation: 7,
            unwell: unwell.map(ToOwned::to_owned),
            not_undone,
            commands: vec![],
        };
        let cut = || What::Cut("by a restart".to_owned());
        check(
            step(),
            refused,
            None,
            ["failed to switch", "the new ones; what the release command of `blue`, `green`", "again; `python: {"],
        );
        check(
            step(),
            back(None, vec![]),
            Some(Cause::DiskFull),
            ["", "links are what they were", "a disk of web-01 is full, and `df -h` there says which; fix the problem"],
        );
        check(
            cut(),
            back(Some("blue answered 500\nmore"), undo()),
            None,
            [
                "was cut by a restart",
                "answers: blue answered 500; but these steps failed: stop blue.service (time; out)",
                "run `provision up web-01` again; `provision history web-01` has this attempt as number 7",
            ],
        );
        check(step(), Standing::HalfRolledBack(undo()), None, ["", "only in part: stop", "its journal lies in /"]);
        check(step(), Standing::NotCleared, None, ["", "is live and healthy", "tries again"]);
    }

    #[test]
    fn what_came_to_no_end_says_who_goes_on() {
        let lost = |by, during| What::Lost { by, during };
        let changing = During::Changing(Some("switch the link".to_owned()));
        let table = [
            (What::Overtaken, Standing::UntouchedByUs, ["keep changing", "by this run", "history web-01` says who"]),
            (What::Unfinished, Standing::UntouchedByUs, ["just now", "by this run", "settles that first"]),
            (What::NotReceived, Standing::Untouched, ["take the payload", "nothing was changed", "fix the problem"]),
            (What::EndedEarly, Standing::Cut, ["ended early", "undoes or finishes it", "where it stands"]),
            (What::NotTakenUp, Standing::Unsettled, ["could not be resumed", "left it", "settles that first"]),
            (
                lost(Loss::Excess, During::Receiving),
                Standing::Untouched,
                ["provision stopped listening to the host before the host", "nothing was changed", "fix the problem"],
            ),
            (
                lost(Loss::Connection, changing),
                Standing::GoesOn,
                [
                    "the connection was cut while the host was being changed, in the step: switch",
                    "by itself",
                    "how it ended",
                ],
            ),
        ];
        for (what, stands, words) in table {
            check(what, stands, None, words);
        }
    }
}
