//! Releases that do not work, each in its own way.

use super::failure::Failure;
use super::project::fails_behind_nginx;
use super::site::Site;

#[test]
fn a_release_that_does_not_work_is_refused_or_rolled_back() {
    let Some(site) = Site::open("app-01") else { return };
    site.project.edit("bind: 127.0.0.1:5001", "bind: 127.0.0.1:5001, timeout: 6s, graceful_timeout: 3s");
    site.project.up(&[]).exits(0);
    import_error(&site);
    answers_500(&site);
    hangs_on_requests(&site);
    for way in [Way::Reload, Way::Restart] {
        hangs_at_start(&site, way);
        crashes_after_a_second(&site, way);
        crashes_with_its_master(&site, way);
    }
}

#[test]
fn a_release_whose_import_never_ends_is_refused() {
    let Some(site) = Site::open("app-02") else { return };
    let failure = site.failure("app hangs when it is imported");
    site.code(&format!("import time\ntime.sleep(1e6)\n{}", site.body()));
    let run = site.project.up(&[]);
    failure.told(&run, 3, &["app `blue` cannot be imported", "the import of app:app did not end within 30 seconds"]);
    failure.nothing_left();
    mended(failure, &site, false);
    the_watch_waits_for_no_second_failure(&site);
}

/// A check may have a lot of patience, clients have none.
fn the_watch_waits_for_no_second_failure(site: &Site) {
    site.project.edit("timeout: 5s", "timeout: 60s");
    site.project.up(&[]).exits(0);
    let failure = site.failure("app answers 500 once it is live, watched");
    site.code(&fails_behind_nginx(&site.body()));
    failure.either_may_answer();
    let run = site.project.up(&["--watch"]);
    failure.told(&run, 7, &["requests failed during the switch", "answered 500", "rolled back"]);
    assert!(run.took.as_secs() < 30, "it took {:?}", run.took);
    failure.nothing_left();
    mended(failure, site, true);
}

/// How the new release is taken up.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Reload,
    /// The environment changes as well.
    Restart,
}

impl Way {
    fn prepare(self, site: &Site) {
        if self == Self::Restart {
            site.new_environment();
        }
    }
}

const REFUSED: &str = "refused before the switch";

/// Code that runs in workers alone: a check only imports.
const IN_A_WORKER: &str = "import os, sys, threading, time\nif '--check-config' not in sys.argv:\n";

fn mended(failure: Failure<'_>, site: &Site, gap: bool) {
    let ended = if gap { failure.serves_again() } else { failure.kept_serving() };
    site.code(&site.body());
    ended.converges();
}

fn import_error(site: &Site) {
    let failure = site.failure("app cannot be imported");
    site.code(&site.body().replace("import os", "import os, flaskk"));
    let run = site.project.up(&[]);
    let evidence = ["app `blue` cannot be imported", "No module named 'flaskk'", "app.py", REFUSED];
    failure.told(&run, 3, &evidence);
    failure.nothing_left();
    mended(failure, site, false);
}

fn answers_500(site: &Site) {
    let failure = site.failure("app answers 500");
    site.code(&site.body().replace("    start_response", "    raise KeyError('no such table')\n    start_response"));
    let run = site.project.up(&[]);
    let evidence = ["a new release is not healthy", "answered 500", "KeyError: 'no such table'", REFUSED];
    failure.told(&run, 3, &evidence);
    failure.nothing_left();
    mended(failure, site, false);
}

fn hangs_on_requests(site: &Site) {
    let failure = site.failure("app hangs on requests");
    site.code(&site.body().replace("    start_response", "    __import__('time').sleep(1e6)\n    start_response"));
    let run = site.project.up(&[]);
    failure.told(&run, 3, &["a new release is not healthy", "no answer: timed out", REFUSED]);
    failure.nothing_left();
    mended(failure, site, false);
}

fn hangs_at_start(site: &Site, way: Way) {
    let failure =
        site.failure(if way == Way::Reload { "app hangs at start (reload)" } else { "app hangs at start (restart)" });
    way.prepare(site);
    site.code(&format!("{IN_A_WORKER}    time.sleep(1e6)\n{}", site.body()));
    let run = site.project.up(&[]);
    failure.told(&run, 3, &["a new release is not healthy", "no answer: timed out", REFUSED]);
    failure.nothing_left();
    mended(failure, site, false);
}

fn crashes_after_a_second(site: &Site, way: Way) {
    let name =
        if way == Way::Reload { "app crashes after a second (reload)" } else { "app crashes after a second (restart)" };
    let failure = site.failure(name);
    way.prepare(site);
    let crash = "    threading.Timer(1, lambda: (print('the queue is gone', file=sys.stderr, flush=True), \
                 os._exit(1))).start()\n";
    site.code(&format!("{IN_A_WORKER}{crash}{}", site.body()));
    failure.either_may_answer();
    let run = site.project.up(&[]);
    failure.told(&run, 7, &["the queue is gone", "rolled back"]);
    failure.nothing_left();
    mended(failure, site, true);
}

fn crashes_with_its_master(site: &Site, way: Way) {
    let name = if way == Way::Reload {
        "gunicorn ends after a second (reload)"
    } else {
        "gunicorn ends after a second (restart)"
    };
    let failure = site.failure(name);
    way.prepare(site);
    let crash = "    threading.Timer(1, lambda: os._exit(3)).start()\n";
    site.code(&format!("{IN_A_WORKER}{crash}{}", site.body()));
    failure.either_may_answer();
    let run = site.project.up(&[]);
    failure.told(&run, 7, &["rolled back"]);
    failure.nothing_left();
    mended(failure, site, true);
}
