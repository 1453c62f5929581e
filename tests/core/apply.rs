//! `(desired, plan) → steps`: the order, what the steps name, and what travels beside them.

use std::collections::BTreeSet;

use provision::apply::{Progress, Step, script, steps};
use provision::desired::Desired;
use provision::model::{Init, Install, Target};
use provision::probe::{Facts, Request, Welcome};

use crate::fixture::{app, bare, converged, desired, desired_on, plan, site, target};

const APPLY: &str = provision::apply::LIBRARY;
const PROBE: &str = include_str!("../../src/probe/probe.sh");

fn steps_for(desired: &Desired, facts: &Facts) -> Vec<Step> {
    steps(desired, &plan(desired, facts).expect("no refusal")).0
}

/// A first run, a run that changes and removes, and a run that moves a listener.
fn runs() -> Vec<Vec<Step>> {
    let mut other: Target = target();
    other.apps = vec![app("hello", 6000), app("api", 5002)];
    other.apps[1].python.install = Install::Venv;
    other.apps[1].release_command = Some("flask db upgrade".to_owned());
    other.sites = vec![site(&["hello", "api"])];
    let mut gone = target();
    gone.apps.truncate(1);
    gone.sites.clear();
    let mut host = converged(&target());
    host.welcome = Welcome::Packaged;
    vec![
        steps_for(&desired(&target()), &bare()),
        steps_for(&desired(&other), &host),
        steps_for(&desired(&gone), &converged(&target())),
    ]
}

fn functions(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.words[0].as_str()).collect()
}

/// Every step with one of the functions `first` comes before every one with one of `then`.
#[track_caller]
fn check_order(first: &[&str], then: &[&str]) {
    for steps in runs() {
        let names = functions(&steps);
        let last_first = names.iter().rposition(|name| first.contains(name));
        let first_then = names.iter().position(|name| then.contains(name));
        if let (Some(one), Some(other)) = (last_first, first_then) {
            assert!(one < other, "{first:?} before {then:?} in {names:#?}");
        }
    }
}

const LIVE: [&str; 14] = [
    "forget",
    "switch_file",
    "put_link",
    "remove_path",
    "disable_welcome",
    "restore_welcome",
    "start_service",
    "restart_service",
    "move_listener",
    "reload_nginx",
    "stop_app",
    "remove_app",
    "remove_user",
    "remove_directory",
];

#[test]
fn nothing_live_is_touched_before_every_check() {
    check_order(&["check_app", "check_units", "check_jobs", "check_nginx"], &LIVE);
    for steps in runs() {
        for step in steps {
            assert!(!LIVE.contains(&step.words[0].as_str()) || step.live, "{step:?} says that it is not live");
            assert!(!step.words[0].starts_with("check_") || !step.live || step.words[0] == "check_health", "{step:?}");
        }
    }
}

#[test]
fn what_is_owned_is_noted_first_and_committed_last() {
    for steps in runs() {
        let names = functions(&steps);
        assert_eq!(names[0], "claim");
        let commit = names.iter().position(|name| *name == "commit").expect("a commit");
        assert!(names[commit + 1..].iter().all(|name| *name == "prune_releases"), "{names:?}");
    }
}

#[test]
fn services_are_forgotten_before_the_switch_and_remembered_after_they_act() {
    check_order(&["forget"], &["switch_file", "put_link", "remove_path"]);
    for steps in runs() {
        let named = |function: &str| -> BTreeSet<String> {
            steps.iter().filter(|step| step.words[0] == function).map(|step| step.words[1].clone()).collect()
        };
        assert!(named("remember").is_subset(&named("forget")), "{steps:#?}");
    }
}

#[test]
fn units_are_read_before_anything_starts() {
    check_order(&["switch_file"], &["reload_manager"]);
    // The unit was switched by a run that was cut short before systemd read it.
    let mut facts = converged(&target());
    facts.loaded.remove("web.service");
    let steps = steps_for(&desired(&target()), &facts);
    let names = functions(&steps);
    let place = |wanted: &str| names.iter().position(|name| *name == wanted);
    assert!(place("reload_manager").expect("systemd reads its units") < place("restart_service").expect("a restart"));
}

#[test]
fn apps_act_before_nginx_and_go_after_it() {
    for steps in runs() {
        let names = functions(&steps);
        let nginx = names.iter().position(|name| *name == "reload_nginx").expect("a reload");
        let starts = steps.iter().rposition(|step| {
            matches!(step.words[0].as_str(), "start_service" | "restart_service" | "move_listener")
                && step.words[1] != "nginx.service"
        });
        assert!(starts.is_none_or(|start| start < nginx), "{names:?}");
        assert!(names.iter().position(|name| *name == "stop_app").is_none_or(|stop| nginx < stop), "{names:?}");
    }
}

/// The functions that a script defines.
fn defined(script: &str) -> BTreeSet<&str> {
    script
        .lines()
        .filter_map(|line| line.split_once("() {").or(line.split_once("() (")).map(|(name, _)| name))
        .collect()
}

#[test]
fn every_function_of_a_step_exists() {
    let defined = defined(APPLY);
    for init in [Init::Systemd, Init::Upstart] {
        let mut facts = bare();
        facts.init = init;
        for step in runs().into_iter().flatten().chain(steps_for(&desired_on(&target(), init), &facts)) {
            assert!(defined.contains(step.words[0].as_str()), "{step:?}");
        }
    }
}

#[test]
fn every_function_of_a_look_exists() {
    let defined = defined(PROBE);
    let one = || BTreeSet::from(["name".to_owned()]);
    let request = Request {
        packages: one(),
        units: one(),
        jobs: one(),
        users: one(),
        apps: one(),
        welcome: true,
        ..Request::default()
    };
    let whole = request.script();
    let calls = whole.strip_prefix(PROBE).expect("the functions come first");
    let mut seen = 0;
    for word in
        calls.split_whitespace().filter(|word| word.starts_with("report_") || *word == "collect" || *word == "begin")
    {
        assert!(defined.contains(word), "{word}");
        seen += 1;
    }
    assert!(seen >= 10, "{calls}");
}

#[test]
fn a_release_command_travels_as_a_file_and_never_as_code() {
    let command = "echo \"it's\"; rm -rf /tmp/x\n$(reboot)";
    let mut target = target();
    target.apps[0].release_command = Some(command.to_owned());
    let desired = desired(&target);
    let (steps, payload) = steps(&desired, &plan(&desired, &bare()).unwrap());
    let script = script(&steps, "it's me; reboot");
    assert!(!script.contains("rm -rf /tmp/x") && !script.contains("$(reboot)"));
    assert!(script.contains(r"open_transaction 'it'\''s me; reboot'"), "{}", &script[script.len() - 300..]);
    let step = steps.iter().find(|step| step.words[0] == "run_release_command").expect("a step");
    let wanted = format!("files/{}", step.words[4]);
    assert_eq!(content(&payload.archive().unwrap(), &wanted).as_deref(), Some(command));
}

#[test]
fn a_secret_is_in_the_payload_alone() {
    let mut target = target();
    let secret = provision::model::EnvValue { value: "s3cret".to_owned(), secret: true };
    target.apps[0].env.insert("PASSWORD".parse().unwrap(), secret);
    let desired = desired(&target);
    let (steps, payload) = steps(&desired, &plan(&desired, &bare()).unwrap());
    assert!(!script(&steps, "me").contains("s3cret"));
    assert!(steps.iter().all(|step| !step.title.contains("s3cret")));
    assert!(String::from_utf8_lossy(&payload.archive().unwrap()).contains("s3cret"));
}

fn content(archive: &[u8], wanted: &str) -> Option<String> {
    let mut archive = tar::Archive::new(archive);
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let mut entry = entries.find(|entry| entry.path().unwrap().to_str() == Some(wanted))?;
    let mut text = String::new();
    std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
    Some(text)
}

#[test]
fn the_payload_holds_the_record_the_checks_and_every_staged_file() {
    let desired = desired(&target());
    let (steps, payload) = steps(&desired, &plan(&desired, &bare()).unwrap());
    let archive = payload.archive().unwrap();
    let owned = content(&archive, "owned").expect("a record");
    assert_eq!(Some(&owned), content(&archive, "owned.final").as_ref());
    assert!(owned.contains("app\tweb\n") && owned.contains("file\t/etc/provision/web/env\n"), "{owned}");
    assert!(content(&archive, "health.py").expect("a program").contains("def main"));
    let checks: serde_json::Value = serde_json::from_str(&content(&archive, "checks.json").unwrap()).unwrap();
    assert_eq!(checks.as_array().map(Vec::len), Some(4), "{checks}");
    for step in steps.iter().filter(|step| step.words[0] == "stage_file") {
        assert!(content(&archive, &format!("files/{}", step.words[1])).is_some(), "{step:?}");
    }
}

#[test]
fn a_host_that_loses_everything_has_an_empty_record() {
    let mut nothing = target();
    nothing.apps.clear();
    nothing.sites.clear();
    let desired = desired(&nothing);
    let (_, payload) = steps(&desired, &plan(&desired, &converged(&target())).unwrap());
    assert_eq!(content(&payload.archive().unwrap(), "owned.final").as_deref(), Some(""), "an empty line is no entry");
}

#[track_caller]
fn check_progress(line: &str, expected: Option<Progress>) {
    assert_eq!(Progress::parse(line), expected, "{line:?}");
}

#[test]
fn progress_is_read_line_by_line() {
    check_progress("received", Some(Progress::Received));
    check_progress("begin\t3", Some(Progress::Begin(3)));
    check_progress("end\t3", Some(Progress::End(3)));
    check_progress("waiting\tthe lock is held", Some(Progress::Waiting("the lock is held".to_owned())));
    check_progress("locked\tbWUK", Some(Progress::Locked("me".to_owned())));
    check_progress("finished", Some(Progress::Finished));
    let failed = |output: &str| Some(Progress::Failed { step: 2, code: 1, output: output.to_owned() });
    check_progress("failed\t2\t1\tbm8K", failed("no"));
    check_progress("failed\t2\t1\t", failed(""));
    for noise in ["", "begin", "begin\tx", "hello", "failed\t1", "locked\t%%"] {
        check_progress(noise, None);
    }
}

#[test]
fn a_lock_that_is_not_signed_yet_is_a_lock() {
    assert!(matches!(Progress::parse("locked\t"), Some(Progress::Locked(_))));
}
