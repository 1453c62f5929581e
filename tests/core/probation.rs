//! What the watch over a change makes of a log, and when it goes back.

use std::process::Command;
use std::time::Duration;

use provision::apply::{Call, Options, transaction};
use provision::health::PROBATION;

use crate::fixture::{bare, desired, plan, received, target};

/// What Python prints of an expression over the functions of the program.
#[track_caller]
fn check(expression: &str, expected: &str) {
    let program = PROBATION.replace("__name__ == \"__main__\"", "False");
    let output = Command::new("python3").arg("-c").arg(format!("{program}\nprint({expression})")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected, "{expression}");
}

/// The path and the status of a line.
#[track_caller]
fn check_line(line: &str, expected: &str) {
    let fields = "line.group('time', 'target', 'status')";
    check(&format!("[{fields} for line in [LINE.match(rb'''{line}''')] if line]"), expected);
}

#[test]
fn lines_are_read_whatever_clients_put_into_them() {
    let time = "30/Nov/2026:21:15:07 +0000";
    let read = |path: &str, status: u16| format!("[(b'{time}', b'{path}', b'{status}')]");
    check_line(&format!(r#"::1 - - [{time}] "GET /a?b HTTP/1.1" 502 9 "-" "-""#), &read("/a?b", 502));
    check_line(&format!(r#"::1 - me [{time}] "GET /a HTTP/2.0" 200 9 "-" "\"x\" 500 ""#), &read("/a", 200));
    // A name of a user can have anything but a quote.
    check_line(&format!(r#"::1 - a] b [x [{time}] "GET /a HTTP/1.1" 200 9 "-" "-""#), &read("/a", 200));
    check_line(&format!(r#"::1 - - [{time}] "" 400 0 "-" "-""#), &read("", 400));
    check_line("what somebody else writes there", "[]");
    check("when(b'30/Nov/2026:21:15:07 +0000') - when(b'30/Nov/2026:22:15:06 +0100')", "1");
    check("is_between(b'soon', 0, 9)", "False");
}

#[test]
fn an_answer_counts_for_the_app_of_the_longest_route() {
    let routes = "[['/', 'web'], ['/api/', 'api'], ['/static/', None]]";
    for (path, app) in [
        ("/", "web"),
        ("/api/v1?x=/static/", "api"),
        ("/api", "api"),
        ("/apis", "web"),
        ("/%61pi/", "api"),
        ("/static/a.css", "None"),
        ("http://web-01/api/", "api"),
        ("*", "None"),
    ] {
        check(&format!("(route_of({routes}, b'{path}') or [None, None])[1]"), app);
    }
}

/// Few errors say nothing, and neither do as many as there always were.
#[test]
fn too_many_errors_are_some_and_more_than_usual() {
    for (total, errors, before, bad) in [
        (4, 4, 0.0, "False"),
        (5, 5, 0.0, "True"),
        (100, 5, 0.0, "False"),
        (100, 6, 0.0, "True"),
        (1000, 200, 0.1, "False"),
        (1000, 201, 0.1, "True"),
        (1000, 1000, 0.5, "False"),
    ] {
        check(&format!("too_bad({total}, {errors}, {before})"), bad);
    }
}

/// The step and what it needs travel together, also where no site routes to the app.
#[test]
fn an_app_that_asks_for_it_is_watched_before_the_commit() {
    for sites in [true, false] {
        for lasts in [None, Some(Duration::from_secs(600))] {
            let mut target = target();
            target.apps.iter_mut().for_each(|app| app.health.probation = lasts);
            if !sites {
                target.sites.clear();
            }
            let desired = desired(&target);
            let made = transaction(&desired, &plan(&desired, &bare()).unwrap(), Options::default());
            let at = |wanted: fn(&Call) -> bool| made.steps.iter().position(|step| wanted(&step.call));
            let watch = at(|call| matches!(call, Call::Probation { .. }));
            assert_eq!(watch.map(|number| number + 1), at(|call| *call == Call::Commit).filter(|_| lasts.is_some()));
            let payload = String::from_utf8_lossy(&received(&made.payload)).into_owned();
            for name in ["probation.py", "probation.json"] {
                assert_eq!(payload.contains(name), lasts.is_some(), "{name}, sites: {sites}");
            }
            assert_eq!(payload.contains(".access.log\",\"routes\":[["), sites && lasts.is_some(), "sites: {sites}");
        }
    }
}
