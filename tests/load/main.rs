//! Changes of a real host while hundreds of requests a second come in from outside: none may be lost, and none answered
//! by anything but the old or the new content of its moment. `make load` runs the long version and prints a table.

#[path = "../support/real.rs"]
mod real;
use real::{http, inventory, lab, project, skip};

mod bad;
mod change;
mod client;
mod honesty;
mod long;
mod setup;
mod tally;
mod traffic;

use std::thread;
use std::time::Duration;

use change::Change;
use lab::say;
use project::Project;
use setup::Setup;
use tally::Tally;
use traffic::Traffic;

/// A request that begins this long after the end of a run must be answered by what that run brought.
const MOMENT: Duration = Duration::from_millis(200);

#[test]
fn no_request_is_lost_in_two_of_each_change() {
    let Some((tally, _)) = run_each(2, 400, "load-01") else { return };
    assert!(tally.requests >= 1000, "{} requests prove little", tally.requests);
}

#[test]
#[ignore = "takes minutes: make load"]
fn no_request_is_lost_in_a_hundred_thousand() {
    let Some((tally, seconds)) = run_each(20, 800, "load-02") else { return };
    let rate = tally.requests as f64 / seconds;
    assert!(tally.requests >= 100_000, "{} requests are too few", tally.requests);
    assert!(rate >= 500.0, "{rate:.0} requests a second are too few");
}

/// Makes every change `rounds` times in a row while `rate` requests a second come in; all requests, and the seconds in
/// which they came.
fn run_each(rounds: u32, rate: u32, host: &str) -> Option<(Tally, f64)> {
    let mut project = Project::open(&[host])?;
    project.agree();
    let mut setup = Setup::default();
    setup.write(&project);
    project.up(&[]).exits(0);

    let traffic = Traffic::start(project.host().port(80), rate, &setup);
    say(&Tally::head());
    let mut sum = Tally::default();
    for change in Change::ALL {
        for _ in 0..rounds {
            let next = change.next(&setup);
            traffic.expect(&[&setup, &next]);
            change.make(&project, &next);
            thread::sleep(MOMENT);
            if !change.goes_back() {
                setup = next;
            }
            traffic.expect(&[&setup]);
            // What was switched is looked at for a while, too.
            thread::sleep(MOMENT);
        }
        let tally = traffic.take();
        say(&tally.row(change.name(), rounds));
        sum.add(tally);
    }
    let seconds = traffic.seconds();
    // Requests that were under way at the last look, however long they take.
    sum.add(traffic.stop());
    notices_a_loss(&project, &setup);

    say(&format!(
        "load: {} requests, {} failed, {} wrong; {:.0} a second, {} kept connections closed between two requests, {} \
         just then",
        sum.requests,
        sum.failed,
        sum.wrong,
        sum.requests as f64 / seconds,
        sum.reopened,
        sum.repeated
    ));
    for trouble in &sum.troubles {
        say(&format!("  {trouble}"));
    }
    assert_eq!((sum.failed, sum.wrong), (0, 0), "failed and wrong answers of {} requests", sum.requests);
    Some((sum, seconds))
}

/// Figures without a failure are worth something only where a failure is seen.
fn notices_a_loss(project: &Project, setup: &Setup) {
    let traffic = Traffic::start(project.host().port(80), 400, setup);
    thread::sleep(MOMENT);
    project.host().bash("systemctl stop blue.service blue.socket; sleep 0.2; systemctl start blue.socket blue.service");
    let tally = traffic.stop();
    assert!(tally.failed > 0, "a closed listener costs none of {} requests", tally.requests);
    say(&tally.row("(listener closed)", 1));
}
