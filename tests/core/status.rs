//! How apps are, from what a host tells of units, processes and health.

use provision::model::{Init, Target};
use provision::plan::Reason;
use provision::probe::Facts;
use provision::report;
use provision::status::{AppStatus, Health, Processes, Status, script};

use crate::fixture::{converged, desired, desired_on, running, target};

const RELEASE: &str = "/srv/web/releases/aaaaaaaaaaaa";

/// Two workers of each app in the release that is installed; nobody complains.
fn answer() -> String {
    let app = |name: &str, pid: u32| {
        let folder = format!("/srv/{name}/releases/aaaaaaaaaaaa");
        format!(
            "master\t{name}\t{pid}\t90061\nworker\t{name}\t{}\t{folder}\nworker\t{name}\t{}\t{folder}\n",
            pid + 1,
            pid + 2
        )
    };
    format!("processes\nasked\t0\n{}{}end\n", app("hello", 10), app("web", 20))
}

fn status(facts: &Facts, answer: &str) -> Status {
    Status::of(7, &desired(&target()), facts, &Processes::parse(answer).expect("an answer"))
}

/// The app `web` of a host to which something happened.
fn web(facts: impl Fn(&mut Facts), answer: &str) -> AppStatus {
    let mut host = converged(&target());
    facts(&mut host);
    status(&host, answer).apps.swap_remove(1)
}

#[test]
fn an_app_that_runs_what_is_installed_is_well() {
    let app = web(|_| {}, &answer());
    assert!(app.well(), "{app:?}");
    assert_eq!((app.running, app.installed.as_deref()), (vec!["aaaaaaaaaaaa".to_owned()], Some("aaaaaaaaaaaa")));
    assert_eq!((app.workers, app.uptime, app.listening), (vec![21, 22], Some(90_061), true));
}

#[test]
fn an_app_that_does_not_run_or_does_not_answer_is_not_well() {
    let stopped = web(|facts| facts.units.get_mut("web.service").unwrap().active = false, &answer());
    assert_eq!((stopped.health(), stopped.well()), (Health::NotRunning, false));
    let ended = web(|_| {}, &answer().replace("master\tweb", "master\thello"));
    assert_eq!(ended.health(), Health::NotRunning);
    let closed = web(|facts| facts.units.get_mut("web.socket").unwrap().active = false, &answer());
    assert_eq!((closed.health(), closed.listening, closed.well()), (Health::Healthy, false, false));
    let complaints = "complaint\tweb\tweb directly: GET / on 127.0.0.1:5001 (Host: localhost) no answer: timed out\n\
                      complaint\twebsite\tweb directly: GET / is somebody else's\nasked\t2\n";
    let unhealthy = web(|_| {}, &answer().replace("asked\t0\n", complaints));
    assert_eq!((unhealthy.health(), unhealthy.complaints.len()), (Health::Unhealthy, 1), "{unhealthy:?}");
}

#[test]
fn an_older_release_in_the_workers_shows() {
    let older = answer().replace(&format!("21\t{RELEASE}"), "21\t/srv/web/releases/bbbbbbbbbbbb (deleted)");
    assert_eq!(web(|_| {}, &older).running, ["aaaaaaaaaaaa", "bbbbbbbbbbbb"]);
    // An app that goes elsewhere tells nothing by its folder: the note on what it loaded does.
    let elsewhere = answer().replace(RELEASE, "/var/tmp");
    assert_eq!(web(|_| {}, &elsewhere).running, ["aaaaaaaaaaaa"]);
    assert!(web(|facts| _ = facts.loaded.remove("web.service"), &elsewhere).running.is_empty());
}

#[test]
fn what_the_planner_would_reload_is_stale() {
    let settings = "/etc/provision/web/gunicorn.conf.py";
    let app = web(|facts| facts.nodes.get_mut(settings).unwrap().changed = 9999.0, &answer());
    assert_eq!(app.stale, Some(Reason::ChangedSince(settings.parse().unwrap())));
    assert!(!app.well());
    let stopped = web(|facts| facts.units.get_mut("web.service").unwrap().active = false, &answer());
    assert_eq!(stopped.stale, None, "what does not run has loaded nothing");
}

#[test]
fn a_job_of_upstart_listens_for_as_long_as_it_runs() {
    let desired = desired_on(&target(), Init::Upstart);
    let mut facts = Facts { init: Init::Upstart, ..Facts::default() };
    facts.units.insert("web".to_owned(), running("web", 5.0));
    let processes = Processes::parse(&answer()).expect("an answer");
    let apps = Status::of(7, &desired, &facts, &processes).apps;
    assert_eq!((apps[0].health(), apps[0].listening), (Health::NotRunning, false));
    assert_eq!((apps[1].health(), apps[1].listening, apps[1].master), (Health::Healthy, true, Some(7)));
    assert!(script(&desired, &facts).contains(" web 7)\n"));
}

#[test]
fn a_status_is_shown() {
    let mut host = converged(&target());
    host.units.get_mut("hello.service").unwrap().active = false;
    host.loaded.remove("web.service");
    let status = status(&host, &answer());
    let web: provision::model::HostName = "web-01".parse().unwrap();
    insta::assert_snapshot!(report::status(&[(web.clone(), status.clone())]));
    let json = report::status_json(&web, &status);
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["health"], &lines[1]["loaded"]), (&"not running".into(), &false.into()));
    let troubles = report::troubles(&web, &status.apps[1]);
    let wanted = "web-01: web: not known to run with what is installed";
    assert_eq!(troubles, [wanted]);
}

#[test]
fn the_script_asks_only_for_what_runs_and_asks_quickly() {
    let target: Target = target();
    let mut facts = converged(&target);
    facts.units.get_mut("web.service").unwrap().active = false;
    let script = script(&desired(&target), &facts);
    assert!(script.contains(" hello 7)\n") && !script.contains(" web 7"), "{}", &script[script.len() - 80..]);
    assert!(script.contains("\"timeout\":2.0") && !script.contains("\"timeout\":9.0"));
}

#[track_caller]
fn check_refused(answer: &str, words: &str) {
    let error = Processes::parse(answer).expect_err("a refusal");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn an_answer_that_cannot_be_trusted_is_refused() {
    check_refused("", "ends early");
    check_refused(answer().strip_suffix("end\n").expect("an end"), "ends early");
    check_refused("processes\nsurprise\nend\n", "`surprise`");
    check_refused("processes\nsaid\tbash: python3: not found\nasked\t127\nend\n", "python3: not found");
    let one = "processes\ncomplaint\tweb\tweb directly: GET / no answer\n";
    assert!(Processes::parse(&format!("{one}asked\t1\nend\n")).is_ok());
    check_refused(&format!("{one}asked\t137\nend\n"), "(exit code 137):\nweb directly: GET / no answer");
}
