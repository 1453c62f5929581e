//! Which of the requests in a site's log a new release is asked.

use std::fs;
use std::process::Command;

use provision::health::REHEARSE;
use tempfile::TempDir;

/// What is chosen of a log, as Python shows it: the paths as the app sees them, with their statuses.
#[track_caller]
fn check(lines: &[&str], expected: &str) {
    let folder = TempDir::new().expect("a folder");
    let log = folder.path().join("front.access.log");
    let line = |text: &&str| format!("::1 - - [30/Nov/2026:21:15:07 +0000] {text} 9 \"-\" \"-\"\n");
    fs::write(&log, lines.iter().map(line).collect::<String>()).expect("it can be written");
    let routes = "[['/', 'web', ''], ['/api/', 'api', '/api'], ['/static/', None, '']]";
    let site = format!("{{'log': '{}', 'routes': {routes}}}", log.display());
    let program = REHEARSE.replace("__name__ == \"__main__\"", "False");
    let ask = format!("{program}\nfor app in ('web', 'api'): print(list(lately({site}, app)))");
    let output = Command::new("python3").arg("-c").arg(ask).output().expect("Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected);
}

#[test]
fn the_newest_come_first_and_each_once() {
    check(
        &[
            r#""GET /a?page=1 HTTP/1.1" 200"#,
            r#""GET /b HTTP/1.1" 301"#,
            r#""GET /a?page=2 HTTP/1.1" 206"#,
            r#""GET /a?page=1 HTTP/2.0" 200"#,
        ],
        "[('/a?page=1', 200), ('/a?page=2', 206), ('/b', 301)]\n[]",
    );
}

#[test]
fn only_what_went_well_and_changes_nothing_is_asked_again() {
    check(
        &[
            r#""POST /a HTTP/1.1" 200"#,
            r#""HEAD /a HTTP/1.1" 200"#,
            r#""DELETE /a HTTP/1.1" 204"#,
            r#""GET /missing HTTP/1.1" 404"#,
            r#""GET /broken HTTP/1.1" 500"#,
            r#""GET /socket HTTP/1.1" 101"#,
            "somebody else's line",
        ],
        "[]\n[]",
    );
}

#[test]
fn an_app_gets_what_nginx_would_pass_on() {
    check(
        &[
            r#""GET /api/v1?x=1 HTTP/1.1" 200"#,
            r#""GET /static/a.css HTTP/1.1" 200"#,
            r#""GET /%61pi/v2 HTTP/1.1" 200"#,
            r#""GET /with\x22quote HTTP/1.1" 200"#,
            r#""GET http://other/ HTTP/1.1" 200"#,
            r#""GET /caf%C3%A9 HTTP/1.1" 200"#,
        ],
        "[('/caf%C3%A9', 200)]\n[('/v1?x=1', 200)]",
    );
}
