//! `(desired, plan) → steps`: the order, what the steps name, and what travels beside them.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use provision::apply::{
    Act, Call, DOOR, END, EndResult, Options, Payload, Progress, RETREAT, Step, Transaction, Visitor, library, points,
    script, transaction,
};
use provision::desired::Desired;
use provision::model::{Init, Install, LocalFolder, Target, layout};
use provision::probe::{Facts, Owned, Request, Welcome};
use provision::source::Folder;

use crate::fixture::{app, bare, converged, desired, file_node, held, plan, received, site, target, usual};

const PROBE: &str = include_str!("../../src/probe/probe.sh");

fn transaction_for(desired: &Desired, facts: &Facts) -> Transaction {
    transaction(desired, &plan(desired, facts).expect("no refusal"), Options::default())
}

fn steps_for(desired: &Desired, facts: &Facts) -> Vec<Step> {
    transaction_for(desired, facts).steps
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

fn functions(steps: &[Step]) -> Vec<&'static str> {
    steps.iter().map(function).collect()
}

/// What a step does: its function, or what it makes a service do.
fn function(step: &Step) -> &'static str {
    if let Call::Act { act, .. } = &step.call { act.word() } else { step.call.function() }
}

fn visitor(who: &str) -> Visitor<'_> {
    Visitor { init: Init::Systemd, who, wait: Duration::ZERO, end_probation: None }
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

/// What touches something that is live.
const LIVE: [&str; 13] = [
    "forget",
    "switch_file",
    "put_link",
    "retire_path",
    "disable_welcome",
    "restore_welcome",
    "start",
    "restart",
    "reload",
    "other",
    "move",
    "nginx",
    "stop",
];

/// What can not be undone.
const FINAL: [&str; 8] = [
    "record_generation",
    "remove_app",
    "remove_user",
    "remove_socket",
    "remove_directory",
    "discard_former",
    "prune_releases",
    "record_owned",
];

#[test]
fn nothing_live_is_touched_before_every_check_and_the_journal_says_so_first() {
    check_order(&["check_app", "check_units", "check_jobs", "check_nginx"], &LIVE);
    check_order(&["begin_switch"], &LIVE);
    for steps in runs() {
        for step in steps {
            let name = function(&step);
            assert!(!LIVE.contains(&name) || step.live, "{step:?} says that it is not live");
            assert!(!name.starts_with("check_") || !step.live || name == "check_health", "{step:?}");
        }
    }
}

#[test]
fn what_is_there_is_noted_first_and_what_can_not_be_undone_comes_after_the_commit() {
    for steps in runs() {
        let names = functions(&steps);
        assert_eq!(names[..2], ["note_before", "claim"]);
        let commit = names.iter().position(|name| *name == "commit").expect("a commit");
        assert!(names[commit + 1..].iter().all(|name| FINAL.contains(name)), "{names:?}");
        assert!(names[..commit].iter().all(|name| !FINAL.contains(name)), "{names:?}");
        assert_eq!(
            names[commit + 1],
            "record_generation",
            "a run that is cut in the clearing is a generation all the same"
        );
        assert_eq!(names.last(), Some(&"record_owned"), "what could not be cleared away stays owned");
    }
}

#[test]
fn everything_that_a_step_touches_is_noted_before() {
    let desired_now = desired(&target());
    for (desired, facts) in [(desired(&target()), bare()), (desired_now, converged(&other_target()))] {
        let Transaction { steps, payload } = transaction_for(&desired, &facts);
        let noted = |kind: &str, name: &str| payload.touches.contains(&format!("{kind}\t{name}"));
        for step in &steps {
            let known = match &step.call {
                Call::StageFile { path, .. } | Call::SwitchFile { path } | Call::PutLink { path, .. } => {
                    noted("path", path.as_str())
                }
                Call::RetirePath { path } => noted("path", path),
                Call::GiveLogs { from, to, paths } => {
                    paths.iter().all(|path| noted("log", &format!("{path}\t{from}\t{to}")))
                }
                Call::DisableWelcome | Call::RestoreWelcome => noted("path", "/etc/nginx/sites-enabled/default"),
                Call::PutDirectory { path, .. } => noted("directory", path.as_str()),
                Call::CreateUser { name, .. } => noted("user", name.as_str()),
                Call::UnpackRelease { app, id } | Call::FetchRelease { app, id, .. } => {
                    noted("release", &format!("/srv/{app}/releases/{id}"))
                }
                Call::Forget { service } | Call::Remember { service, .. } | Call::Act { service, .. } => {
                    noted("service", service)
                }
                Call::MoveListeners { parts, .. } => {
                    parts.iter().all(|part| noted("service", &layout::listener(part.app())))
                }
                // Nothing of these goes back: they look, are shared by all of the host, lie in a folder that is noted,
                // come after the commit, or end with the transaction by themselves.
                Call::NoteBefore
                | Call::Claim
                | Call::StartWatch
                | Call::InstallPackages { .. }
                | Call::InstallPython { .. }
                | Call::CheckRelease { .. }
                | Call::CheckLogs { .. }
                | Call::CheckApp { .. }
                | Call::CheckUnits { .. }
                | Call::CheckJobs { .. }
                | Call::CheckNginx { .. }
                | Call::RunReleaseCommand { .. }
                | Call::CompleteRelease { .. }
                | Call::ProveApps { .. }
                | Call::BeginSwitch
                | Call::BeginStandIn { .. }
                | Call::EndStandIns
                | Call::ReloadManager
                | Call::CheckHealth
                | Call::JudgeWatch
                | Call::Probation { .. }
                | Call::Commit
                | Call::RecordGeneration { .. }
                | Call::RemoveApp { .. }
                | Call::DiscardFormer
                | Call::RemoveSocket { .. }
                | Call::RemoveDirectory { .. }
                | Call::RemoveUser { .. }
                | Call::PruneReleases { .. }
                | Call::RecordOwned => true,
            };
            assert!(known, "{step:?} is not noted in {:#?}", payload.touches);
        }
    }
}

fn other_target() -> Target {
    let mut other = target();
    other.apps = vec![app("hello", 6000), app("api", 5002)];
    other.sites = vec![site(&["hello", "api"])];
    other
}

#[test]
fn listeners_are_noted_before_their_apps() {
    let payload = transaction_for(&desired(&target()), &bare()).payload;
    let place = |name: &str| payload.touches.iter().position(|line| *line == format!("service\t{name}"));
    assert!(
        place("web.socket").expect("a listener") < place("hello.service").expect("an app"),
        "{:?}",
        payload.touches
    );
}

#[test]
fn every_step_has_a_point_before_it_and_so_has_the_way_back() {
    let steps = steps_for(&desired(&target()), &bare());
    let keys: Vec<String> = points(&steps).into_iter().map(|point| point.key).collect();
    for number in 1..=steps.len() {
        assert!(keys.contains(&format!("before:{number}")), "{keys:?}");
    }
    assert_eq!(keys.len(), steps.len() + DOOR.len() + END.len() + RETREAT.len());
    let unique: BTreeSet<&String> = keys.iter().collect();
    assert_eq!(unique.len(), keys.len(), "{keys:?}");
    // Every point that the scripts know is listed, and every one that is listed exists.
    let script = visitor("me").take_up();
    let door: BTreeSet<&str> = script.lines().filter_map(|line| line.trim().strip_prefix("point door:")).collect();
    let listed: BTreeSet<&str> = DOOR.iter().filter_map(|(key, _)| key.strip_prefix("door:")).collect();
    assert_eq!(door, listed);
    let library = library(Init::Systemd);
    assert!(END.iter().all(|(key, _)| library.contains(&format!("    point '{key}'\n"))));
    assert!(library.contains("point \"before:undo:$1\""));
}

#[test]
fn the_way_back_is_in_the_script() {
    let script = script(Init::Systemd, &usual(), &[], None);
    assert!(script.contains("    retreat files 'bring back what was switched' switched restore_files\n"), "{script}");
}

#[test]
fn a_pause_is_in_the_script_only_when_it_was_asked_for() {
    let pause = |point| {
        script(Init::Systemd, &usual(), &steps_for(&desired(&target()), &bare()), point)
            .contains("pause_at='before:3'\n")
    };
    assert!(!pause(None) && pause(Some("before:3")));
}

#[test]
fn services_are_forgotten_before_the_switch_and_remembered_after_they_act() {
    check_order(&["forget"], &["switch_file", "put_link", "retire_path"]);
    for steps in runs() {
        let services = |of: fn(&Call) -> Option<&String>| -> BTreeSet<String> {
            steps.iter().filter_map(|step| of(&step.call)).cloned().collect()
        };
        let forgotten = services(|call| if let Call::Forget { service } = call { Some(service) } else { None });
        let remembered = services(|call| if let Call::Remember { service, .. } = call { Some(service) } else { None });
        assert!(remembered.is_subset(&forgotten), "{steps:#?}");
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
    assert!(place("reload_manager").expect("systemd reads its units") < place("restart").expect("a restart"));
}

#[test]
fn apps_act_before_nginx_and_go_after_it() {
    for steps in runs() {
        let names = functions(&steps);
        let nginx = names.iter().position(|name| *name == "nginx").expect("a reload");
        let starts = steps.iter().rposition(|step| match &step.call {
            Call::Act { act: Act::Start | Act::Restart | Act::Move, service } => service != "nginx.service",
            _ => false,
        });
        assert!(starts.is_none_or(|start| start < nginx), "{names:?}");
        assert!(names.iter().position(|name| *name == "stop").is_none_or(|stop| nginx < stop), "{names:?}");
    }
}

/// The services that stop for good when `facts` become what `desired` asks for.
fn stopped(desired: &Desired, facts: &Facts) -> Vec<String> {
    let steps = steps_for(desired, facts);
    let stop = |step: &Step| match &step.call {
        Call::Act { act: Act::Stop, service } => Some(service.clone()),
        _ => None,
    };
    steps.iter().filter_map(stop).collect()
}

#[test]
fn what_an_app_had_stops_for_good_and_its_listener_first() {
    let mut gone = target();
    gone.apps.remove(1);
    gone.sites = vec![site(&["hello"])];
    let gone = desired(&gone);
    assert_eq!(stopped(&gone, &converged(&target())), ["web.socket", "web.service"]);
    let names = |call: fn(&Call) -> Option<&String>| -> Vec<String> {
        steps_for(&gone, &converged(&target())).iter().filter_map(|step| call(&step.call)).cloned().collect()
    };
    let forgotten = names(|call| if let Call::Forget { service } = call { Some(service) } else { None });
    assert!(["web.socket", "web.service"].iter().all(|name| forgotten.contains(&(*name).to_owned())), "{forgotten:?}");
    // An app that stays may have a unit less. What an extra file of the inventory defined is nobody's app.
    let mut facts = converged(&target());
    let mut before = desired(&target());
    let socket = "/etc/systemd/system/web.socket";
    for path in [socket, "/etc/systemd/system/stranger.service"] {
        facts.nodes.insert(path.to_owned(), file_node("[Unit]\n"));
        facts.owned.push(held(Owned::File(path.to_owned())));
    }
    before.files.retain(|file| file.path.as_str() != socket);
    assert_eq!(stopped(&before, &facts), ["web.socket"]);
}

/// The functions that a script defines.
fn defined(script: &str) -> BTreeSet<&str> {
    script
        .lines()
        .filter_map(|line| line.split_once("() {").or(line.split_once("() (")).map(|(name, _)| name))
        .collect()
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
    let Transaction { steps, payload } = transaction_for(&desired, &bare());
    let script = script(Init::Systemd, &usual(), &steps, None);
    let door = visitor("it's me; reboot").hand_over(10, 0, None);
    assert!(!script.contains("rm -rf /tmp/x") && !script.contains("$(reboot)"));
    assert!(door.ends_with("hand_over 'it'\\''s me; reboot' 0 10 0\n"), "{}", &door[door.len() - 100..]);
    let number = |step: &Step| {
        if let Call::RunReleaseCommand { number, .. } = step.call { Some(number) } else { None }
    };
    let wanted = format!("files/{}", steps.iter().find_map(number).expect("a step"));
    assert_eq!(content(&received(&payload), &wanted).as_deref(), Some(command));
}

#[test]
fn a_secret_is_in_the_payload_alone() {
    let mut target = target();
    let secret = provision::model::EnvValue { value: "s3cret".to_owned(), secret: Some("PASSWORD".parse().unwrap()) };
    target.apps[0].env.insert("PASSWORD".parse().unwrap(), secret);
    let desired = desired(&target);
    let Transaction { steps, payload } = transaction_for(&desired, &bare());
    assert!(!script(Init::Systemd, &usual(), &steps, None).contains("s3cret"));
    assert!(steps.iter().all(|step| !step.title.contains("s3cret")));
    assert!(String::from_utf8_lossy(&received(&payload)).contains("s3cret"));
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
    let Transaction { steps, payload } = transaction_for(&desired, &bare());
    let archive = received(&payload);
    let owned = content(&archive, "owned").expect("a record");
    assert_eq!(Some(&owned), content(&archive, "owned.final").as_ref());
    assert!(
        owned.contains("app\tweb\tdefault\n") && owned.contains("file\t/etc/provision/web/env\tdefault\n"),
        "{owned}"
    );
    assert!(content(&archive, "health.py").expect("a program").contains("def main"));
    let checks: serde_json::Value = serde_json::from_str(&content(&archive, "checks.json").unwrap()).unwrap();
    assert_eq!(checks["checks"].as_array().map(Vec::len), Some(4), "{checks}");
    for step in &steps {
        if let Call::StageFile { number, .. } = step.call {
            assert!(content(&archive, &format!("files/{number}")).is_some(), "{step:?}");
        }
    }
}

#[test]
fn the_code_of_each_app_is_an_archive_in_the_payload() {
    let code = tempfile::tempdir().unwrap();
    let folder = |app: &str| {
        std::fs::create_dir_all(code.path().join(app).join("static")).unwrap();
        std::fs::write(code.path().join(app).join("app.py"), app.repeat(40_000)).unwrap();
        std::fs::write(code.path().join(app).join("static/site.css"), "").unwrap();
        let path = code.path().join(app);
        let inventory = code.path().join("hosts.yml");
        Arc::new(Folder::read(&LocalFolder { path, include: vec![], inventory }).unwrap())
    };
    let mut payload = Payload::default();
    payload.owned.push_str("what comes before");
    payload.archives = ["blue", "green"].map(|app| (app.to_owned(), folder(app))).into();
    let bytes = received(&payload);
    assert_eq!(content(&bytes, "owned").as_deref(), Some("what comes before"));
    for app in ["blue", "green"] {
        let release = content(&bytes, &format!("apps/{app}.tar")).expect("an archive").into_bytes();
        assert_eq!(content(&release, "app.py"), Some(app.repeat(40_000)));
        assert_eq!(content(&release, "static/site.css").as_deref(), Some(""));
    }
    assert!(bytes.ends_with(&[0; 1024]), "the end of the payload's own archive");
    std::fs::write(code.path().join("green/app.py"), "blue".repeat(50_000)).unwrap();
    let error = payload.archive().unwrap().bytes.read_to_end(&mut vec![]).unwrap_err();
    assert!(error.to_string().contains("green/app.py` is no longer"), "{error}");
}

#[test]
fn a_host_that_loses_everything_has_an_empty_record() {
    let mut nothing = target();
    nothing.apps.clear();
    nothing.sites.clear();
    nothing.keep_removed = Duration::ZERO;
    let desired = desired(&nothing);
    let payload = transaction_for(&desired, &converged(&target())).payload;
    assert_eq!(
        content(&received(&payload), "owned.final").as_deref(),
        Some("format\t3\n"),
        "an empty line is no entry"
    );
}

#[track_caller]
fn check_progress(line: &str, expected: Option<Progress>) {
    assert_eq!(Progress::parse(line), expected, "{line:?}");
}

#[test]
fn progress_is_read_line_by_line() {
    check_progress("received", Some(Progress::Received));
    let begin = Progress::Begin { number: 3, total: 9, title: "switch it".to_owned() };
    check_progress("begin\t3\t9\tswitch it", Some(begin));
    check_progress("end\t3", Some(Progress::End(3)));
    check_progress("waiting\tthe lock is held", Some(Progress::Waiting("the lock is held".to_owned())));
    let locked = |probation| Progress::Locked { holder: "me".to_owned(), probation };
    check_progress("locked\tbWUK", Some(locked(false)));
    check_progress("locked\tbWUK\tchange", Some(locked(false)));
    check_progress("locked\tbWUK\tprobation", Some(locked(true)));
    check_progress("on-probation\t1790000000", Some(Progress::OnProbation(1_790_000_000)));
    check_progress("stale", Some(Progress::Stale));
    check_progress("unfinished", Some(Progress::Unfinished));
    check_progress("undoing", Some(Progress::Undoing));
    let ended = |result| Some(Progress::Ended { result, generation: 12 });
    check_progress("ended\tcommitted\t12", ended(EndResult::Committed));
    check_progress("ended\tundone\t12", ended(EndResult::Undone));
    let failed = |output: &str| Some(Progress::Failed { step: 2, code: 1, output: output.to_owned() });
    check_progress("failed\t2\t1\tbm8K", failed("no"));
    check_progress("failed\t2\t1\t", failed(""));
    for noise in ["", "begin", "begin\tx", "hello", "failed\t1", "locked\t%%", "ended\twell\t1"] {
        check_progress(noise, None);
    }
}

#[test]
fn a_lock_that_is_not_signed_yet_is_a_lock() {
    assert!(matches!(Progress::parse("locked\t"), Some(Progress::Locked { .. })));
}
