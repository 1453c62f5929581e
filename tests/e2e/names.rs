//! An app that takes another one's address: under a new name, or in exchange for its own. One run does it, and where
//! the app does not work there, everything is as it was.

use std::thread;
use std::time::Duration;

use super::http::{self, Load};
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::{Project, fixture};

/// Requests that a client of [`Load`] sends in a second.
const RATE: f64 = 25.0;

#[test]
fn an_address_goes_from_one_app_to_another() {
    let Some(project) = Project::open(&["names-01"]) else { return };
    let host = project.host();
    let app = |port: u16| format!("{APP}, bind: 127.0.0.1:{port}, workers: 2, health: {{ path: /, timeout: 2s }}");
    let inventory = |name: &str, port: u16, other: u16| {
        let inventory = Inventory::default().app(name, &app(port)).app("till", &app(other));
        inventory.site("front", &format!("routes: {{ /: {{ app: {name} }}, /till/: {{ app: till }} }}"))
    };
    project.write("code/app.py", &slow("200 OK"));
    project.inventory(&inventory("shop", 5001, 5002)).up(&[]).exits(0);
    host.get("/").says("shop runs");
    let units = "systemctl list-units --plain --no-legend 'shop*' 'market*' 'till*'";
    let before = host.bash(units);

    // It does not work under its new name.
    project.write("code/app.py", &slow("500 Oops"));
    let market = inventory("market", 5001, 5002);
    let moves = "move the listener on 127.0.0.1:5001 from shop to market, refusing connections for a moment";
    project.inventory(&market).up(&[]).exits(7).shows(moves).shows("rolled back");
    host.get("/").says("shop runs");
    assert_eq!(host.bash(units), before, "the former app runs again");
    project.write("code/app.py", &slow("200 OK"));
    project.inventory(&inventory("shop", 5001, 5002)).check(&[]).exits(0);

    // A request that is under way is answered, and other apps lose none.
    let address = host.port(80);
    let waiting = thread::spawn(move || http::get(address, "/slow"));
    thread::sleep(Duration::from_millis(500));
    let (named, other) = (Load::start(&[(address, "/"); 4]), Load::start(&[(address, "/till/")]));
    project.inventory(&market).check(&[]).exits(2).shows(moves);
    let run = project.up(&[]).exits(0).shows(moves);
    let (named, other) = (named.stop(), other.stop());
    waiting.join().expect("a client").expect("an answer").says("shop runs");
    host.get("/").says("market runs");
    assert_eq!(other.failures, [] as [&str; 0], "another app has nothing to do with it");
    let gap = named.failures.len() as f64 / 4.0 / RATE;
    say(&format!(
        "a new name in {:.1} s: {} of {} requests lost, a gap of {gap:.2} s",
        run.took.as_secs_f64(),
        named.failures.len(),
        named.requests
    ));
    assert_eq!(host.bash("systemctl list-units --all --plain --no-legend 'shop*'"), "", "its units are gone");
    project.check(&[]).exits(0);

    let exchanged = inventory("market", 5002, 5001);
    project.inventory(&exchanged).up(&[]).exits(0).shows("127.0.0.1:5002 from till to market");
    host.get("/").says("market runs");
    host.get("/till/").says("till runs");
    project.check(&[]).exits(0);
}

/// The fixture's code with that status, which takes six seconds for one path.
fn slow(status: &str) -> String {
    let answer = format!(
        "    if environ[\"PATH_INFO\"] == \"/slow\":\n        import time\n        time.sleep(6)\n    \
         start_response(\"{status}\""
    );
    fixture("one").replace("    start_response(\"200 OK\"", &answer)
}
