//! `apps_stay` as a host runs it: who is asked whether its workers stay.

use std::process::Command;

use crate::bash::bashes;

const SCRIPT: &str = concat!(
    include_str!("../../src/apply/host/lib.sh"),
    include_str!("../../src/apply/host/journal.sh"),
    include_str!("../../src/apply/host/verify.sh"),
);

/// The apps that are asked once those services were started.
fn asked(services: &[&str]) -> Vec<String> {
    let noted: String = services.iter().map(|name| format!(" $'acted\\tstart\\t{name}'")).collect();
    let ask = "processes_of() { printf '%s\\n' \"$1\" >&2; printf '%s' \"$$\"; }\nsleep() { :; }";
    let script = format!("{SCRIPT}\n{ask}\nnoted=({noted} )\napps_stay /dev/null");
    let answers = bashes().into_iter().map(|program| {
        let output = Command::new(program).args(["-c", &script]).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{text}");
        let mut names: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        names.sort();
        names
    });
    let answers: Vec<_> = answers.collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    answers[0].clone()
}

#[test]
fn only_what_has_a_process_is_asked_whether_it_stays() {
    assert_eq!(asked(&["web.socket", "web.service", "nginx.service"]), ["web"]);
    assert_eq!(asked(&["blue", "nginx"]), ["blue"]);
    assert_eq!(asked(&["web.daily.timer", "web.service"]), ["web"]);
    assert_eq!(asked(&["web.daily.timer"]), [""; 0]);
}
