//! What the user sees: renderings of events. Data goes to standard output, talk to standard error. Nothing else prints,
//! and everything printed goes through [`crate::mask`].

mod diff;
mod failure;
mod fault;
mod history;
mod left_out;
mod lines;
mod lint;
mod note;
mod plan;
mod reason;
mod recap;
mod status;
mod table;
mod terminal;

use std::cell::RefCell;
use std::io::IsTerminal as _;

pub use fault::error;
pub use history::{history, history_json};
pub use left_out::left_out;
pub use lint::{finding, finding_json, findings_counted, rule_json, rules};
pub use plan::changes;
pub use reason::reason;
pub use recap::recap;
pub use status::{status, status_json, troubles};

use crate::event::{Event, Outcome};
use crate::mask::{conceal, conceal_json};
use crate::model::HostName;

/// What a report shows beyond the least.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detail {
    /// Diffs of files.
    pub diff: bool,
    /// How much talk: 0 the least, 1 every step, 2 timings too.
    pub verbosity: u8,
}

/// Shows events as they come.
pub trait Report {
    /// Shows one event.
    fn event(&mut self, event: &Event);
}

/// The report that fits standard error: live progress on a terminal, plain lines elsewhere.
#[must_use]
pub fn report(hosts: &[HostName], detail: Detail) -> RefCell<Box<dyn Report>> {
    let width = hosts.iter().map(|host| host.as_str().len()).max().unwrap_or(0);
    let live = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
    let report: Box<dyn Report> = if live {
        Box::new(terminal::Terminal::new(hosts, width, detail))
    } else {
        Box::new(lines::Lines::new(width, detail))
    };
    RefCell::new(report)
}

/// Prints one line of data, without secrets.
pub fn data(line: &str) {
    print(&conceal(line));
}

/// Prints one line of JSON, without secrets: it stays JSON.
pub fn data_json(line: &str) {
    print(&conceal_json(line));
}

fn print(line: &str) {
    use std::io::Write as _;
    // A reader that has seen enough closes the pipe; that is no error of ours.
    let _ = writeln!(anstream::stdout(), "{line}");
}

/// Prints one line of talk, without secrets.
pub fn talk(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(anstream::stderr(), "{}", conceal(line));
}

/// Prints everything that is to be said about how one host ended, beyond its line in the recap.
fn details(outcome: &Outcome) -> Option<String> {
    recap::details(outcome)
}
