//! What the user sees: renderings of events. Everything leaves through `out`, which hides secrets: no face has to.

mod consent;
mod diff;
mod failure;
mod fault;
mod history;
mod left_out;
mod lines;
mod lint;
mod note;
mod out;
mod plan;
mod reason;
mod recap;
mod status;
mod table;
mod terminal;

use std::cell::RefCell;
use std::io::IsTerminal as _;

pub use consent::withheld;
pub use fault::error;
pub use history::{history, history_json, kept};
pub use left_out::left_out;
pub use lint::{finding, finding_json, findings_counted, rule_json, rules};
pub use out::{data, data_json, talk};
pub use plan::changes;
pub use reason::reason;
pub use status::{status, status_json, troubles};

use self::recap::recap;
use crate::event::{Event, Outcome};
use crate::model::HostName;
use crate::plan::Destroyed;

/// What a report shows beyond the least.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detail {
    /// Diffs of files.
    pub diff: bool,
    /// How much talk: 0 the least, 1 every step, 2 timings too.
    pub verbosity: u8,
}

/// A face of a run: shows events as they come, and at the end what became of all hosts.
pub trait Report {
    /// Shows one event.
    fn event(&mut self, event: &Event);

    /// Asks for consent to what hosts would lose. Nothing else may be shown until the answer is there.
    fn ask(&mut self, asked: &[(HostName, Vec<Destroyed>)]) {
        talk(&consent::question(asked));
    }

    /// The answer is there.
    fn answered(&mut self) {}

    /// Shows how all hosts ended, in order.
    fn recap(&mut self, outcomes: &[Outcome]) {
        data(recap(outcomes).trim_end());
    }
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

/// Prints everything that is to be said about how one host ended, beyond its line in the recap.
fn details(outcome: &Outcome) -> Option<String> {
    recap::details(outcome)
}
