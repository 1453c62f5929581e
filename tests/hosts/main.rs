//! The example on every release of Debian and Ubuntu that the sandbox knows, from a bare host to a reboot. `make hosts`
//! runs it and prints a table. A release of which no base can be built is left out with a message.

#[path = "../support/real.rs"]
mod real;
use real::{host, http, inventory, lab, project, run, skip};

#[path = "../e2e/routes.rs"]
#[allow(dead_code)]
mod routes;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use host::until;
use inventory::{APP, Inventory};
use lab::say;
use project::Project;
use run::Run;

/// By age. Each is on machines that somebody rents today.
const SUITES: [&str; 9] = ["xenial", UPSTART, "bionic", "focal", "bullseye", "jammy", "bookworm", "noble", "trixie"];

/// Ubuntu 16.04 with the init that it can have instead of systemd.
const UPSTART: &str = "upstart";

/// What is measured of each.
const COLUMNS: [&str; 7] = ["first up", "second", "check", "new code", "reload", "rollback", "reboot"];

/// A reload or restart waits for nothing but the app's own start: a second in which new workers are watched, and some.
const PROMPT: Duration = Duration::from_secs(8);

#[test]
#[ignore = "takes a quarter of an hour: make hosts"]
fn the_example_works_on_every_release() {
    let mut rows = vec![row("", &COLUMNS.map(str::to_owned))];
    let mut failed = vec![];
    // `PROVISION_HOSTS=xenial,bionic` takes only these.
    let only = std::env::var("PROVISION_HOSTS").ok();
    for suite in SUITES {
        if only.as_ref().is_some_and(|only| !only.split(',').any(|name| name == suite)) {
            continue;
        }
        let Some(mut project) = Project::open(&[]) else { return };
        let booted = if suite == UPSTART { project.boot_upstart("web-01") } else { project.boot("web-01", suite) };
        if let Err(error) = booted {
            skip::skip(&format!("{suite}: {error:#}"));
            rows.push(format!("{suite:9} skipped"));
            continue;
        }
        // One that fails stops no other; why it does has been printed by then.
        match catch_unwind(AssertUnwindSafe(|| trial(&project))) {
            Ok(times) => rows.push(row(suite, &times.map(|time| format!("{:.1} s", time.as_secs_f64())))),
            Err(_) => {
                rows.push(format!("{suite:9} failed"));
                failed.push(suite);
            }
        }
    }
    say(&rows.join("\n"));
    assert!(failed.is_empty(), "{failed:?}");
}

fn row(name: &str, cells: &[String]) -> String {
    format!("{name:9}{}", cells.iter().map(|cell| format!("{cell:>10}")).collect::<String>())
}

fn trial(project: &Project) -> [Duration; 7] {
    project.airbnb();
    let mine = copy_of_the_example(project);
    let on = |words: &[&str]| project.run(&[words, &["web-01"]].concat());
    let first = on(&["up"]).exits(0);
    routes::all_answer(project);
    let second = in_sync(on(&["up"]));
    let check = in_sync(on(&["check"]));

    let code = fs::read_to_string(&mine).expect("the example's code");
    fs::write(&mine, code.replace("Hello HBNB!", "Hello again!")).expect("it can be written");
    let change = on(&["up"]).exits(0).shows("new code");
    project.host().get("/airbnb-onepage/").says("Hello again!");
    let reload = on(&["reload"]).exits(0);
    assert!(reload.took < 4 * PROMPT, "four reloads took {:?}", reload.took);
    let rollback = on(&["rollback"]).exits(0);
    routes::all_answer(project);

    let begin = Instant::now();
    project.host().reboot();
    let answers = || http::get(project.host().port(80), "/").is_ok_and(|answer| answer.status == 200);
    until("the site after a reboot", answers);
    let reboot = begin.elapsed();
    routes::all_answer(project);
    fs::write(&mine, code).expect("it can be written");
    in_sync(on(&["check"]));
    [first.took, second.took, check.took, change.took, reload.took, rollback.took, reboot]
}

fn in_sync(run: Run) -> Run {
    let run = run.exits(0).shows("in sync");
    assert_eq!(run.plan(), [""; 0]);
    run
}

/// Lets the project have code of its own to change. Returns the file of the page that greets.
fn copy_of_the_example(project: &Project) -> std::path::PathBuf {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/airbnb");
    copy(&example, &project.path("airbnb"));
    project.edit(&example.display().to_string(), "airbnb");
    project.path("airbnb/web_flask/0-hello_route.py")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the example").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a file");
        }
    }
}

/// Its gunicorn 19.4.5 sleeps on where it is asked to stop, unless the settings wake it.
#[test]
#[ignore = "needs the base of xenial: make hosts"]
fn the_gunicorn_of_ubuntu_16_04_stops_at_once() {
    let Some(mut project) = Project::open(&[]) else { return };
    if let Err(error) = project.boot("gunicorn-02", "xenial") {
        skip::skip(&format!("xenial: {error:#}"));
        return;
    }
    project.inventory(&Inventory::default().app("blue", &format!("{APP}, workers: 2, bind: 127.0.0.1:5001")));
    project.up(&[]).exits(0);
    // Idle for a while.
    std::thread::sleep(Duration::from_secs(2));
    let reload = project.run(&["reload", "gunicorn-02"]).exits(0);
    std::thread::sleep(Duration::from_secs(2));
    let begin = Instant::now();
    project.host().bash("systemctl restart blue.service");
    let (reload, restart) = (reload.took, begin.elapsed());
    say(&format!("gunicorn 19.4.5: reload {reload:?}, restart {restart:?}"));
    assert!(reload < PROMPT && restart < PROMPT, "reload {reload:?}, restart {restart:?}");
}
