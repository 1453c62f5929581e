//! What hosts keep, as every released version has stored it: read for ever by the programs of this version, and written
//! by it as the newest fixture has it. The fixtures are what a real host of that release had, and never change.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use provision::apply::{self, EndResult, Progress, Visitor};
use provision::desired::Desired;
use provision::fault;
use provision::generation::{HISTORY, History, Kept, Record, Which, parse_stored, stored_script};
use provision::health::checks_json;
use provision::mask::Mask;
use provision::model::{Init, ProjectName, Verdict};
use provision::outside;
use provision::probe::{Dependencies, Facts, Loaded, Owned, ownership_record, parse};
use tempfile::TempDir;

use crate::fixture::{held, usual};

const PROBE: &str = include_str!("../../src/probe/probe.sh");
const CLIENT: &str = include_str!("../../src/health/client.py");
const ACT: &str =
    concat!(include_str!("../../src/apply/host/act.sh"), include_str!("../../src/apply/host/init/systemd.sh"));
const STAGE: &str = include_str!("../../src/apply/host/stage.sh");
const BARE: &str = include_str!("../fixtures/probe/bare.txt");

/// Every release whose formats hosts may have. The last is the one that is written now.
const RELEASES: [&str; 3] = ["0.1.0", "0.2.0", NEWEST];
const NEWEST: &str = "0.3.0";

/// The release of the app that the host of `release` had.
fn installed(release: &str) -> &'static str {
    if release == NEWEST { "33bcb462bf43-3809a5" } else { "d13a65cb9408-3809a5" }
}

/// The folder that `release` had as `/var/lib/provision`.
fn state(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/stored").join(release)
}

fn text(release: &str, path: &str) -> String {
    fs::read_to_string(state(release).join(path)).unwrap_or_else(|error| panic!("{release}/{path}: {error}"))
}

fn bash(script: &str, words: &[&str]) -> String {
    let output = Command::new("bash").args(["-c", script, "bash"]).args(words).output().expect("bash runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // As the controller hears it.
    output
        .stdout
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| match line.strip_suffix(b"\n") {
            Some(line) => outside::line(line).into_owned() + "\n",
            None => outside::line(line).into_owned(),
        })
        .collect()
}

/// What a script of ours prints on a host that has `state`, as its root.
pub fn printed(script: &str, state: &Path) -> String {
    assert!(script.contains("state=/var/lib/provision\n"), "the script says where it looks");
    let script = script.replace("state=/var/lib/provision\n", "state=$1\n").replace("((EUID != 0))", "false");
    bash(&script, &[state.to_str().unwrap()])
}

/// What the look finds on such a host.
pub fn look(state: &Path) -> anyhow::Result<Facts> {
    let noted = printed(&format!("{PROBE}\nreport_owned\nreport_loaded\n"), state);
    let units = ["nginx.service", "web.service"].map(str::to_owned);
    parse(&BARE.replace("welcome\t", &format!("{noted}welcome\t")), &units)
}

fn history(state: &Path) -> anyhow::Result<History> {
    History::parse(&printed(HISTORY, state))
}

fn wanted(state: &Path, number: u32) -> anyhow::Result<Desired> {
    let stored = parse_stored(&printed(&stored_script(Which::Number(number)), state))?.expect("it is stored");
    // What is no longer in use is kept nowhere, and comes from the environment.
    stored.open("web-01", &|name| (name == "APP_PASSWORD").then(|| "s3cret password".to_owned()))
}

/// The checks as `health.py` and `watch.py` read them, or what they complain of.
fn checks(path: &Path) -> Result<serde_json::Value, String> {
    let program = format!("{CLIENT}\nprint(json.dumps(checks_of(sys.argv[1])))\n");
    let output = Command::new("python3").args(["-I", "-S", "-c", &program]).arg(path).output().expect("Python runs");
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    Ok(serde_json::from_slice(&output.stdout).expect("it is JSON"))
}

/// What `mask.py` makes of a text, or what it complains of.
fn masked(shapes: &Path, text: &str) -> Result<String, String> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/src/apply/host/mask.py");
    let script = r#"printf '%s' "$3" | python3 -I -S "$1" "$2" 2>&1 || echo failed"#;
    let shown = bash(script, &[program, shapes.to_str().unwrap(), text]);
    if shown.ends_with("failed\n") { Err(shown) } else { Ok(shown) }
}

#[test]
fn the_notes_of_every_release_are_read() {
    for release in RELEASES {
        let facts = look(&state(release)).unwrap();
        assert_eq!(facts.owned_by(&usual()).count(), 16, "{release}: {:?}", facts.owned);
        for owned in [Owned::Welcome, Owned::App("web".to_owned()), Owned::File("/etc/provision/web/env".to_owned())] {
            assert!(facts.owned.contains(&held(owned.clone())), "{release}: {owned:?}");
        }
        let loaded = facts.loaded.keys().filter(|name| !name.contains('+'));
        assert_eq!(loaded.collect::<Vec<_>>(), ["nginx.service", "web.service", "web.socket"], "{release}");
        let web = &facts.loaded["web.service"];
        assert!(web.at > 1.7e9 && web.instance.split_once('/').is_some() && web.restart != web.reload, "{web:?}");
        let Dependencies { digest, python } = &facts.python[&format!("web@{}", installed(release))];
        assert_eq!((digest.short(6), python.as_str()), ("3809a5", "3.11"), "{release}");
    }
}

#[test]
fn the_history_of_every_release_is_read() {
    for release in RELEASES {
        let history = history(&state(release)).unwrap();
        assert_eq!(history.live.get(&usual()), Some(&3), "{release}");
        let [first, refused, live, ..] = &history.generations[..] else { panic!("{history:?}") };
        let [record, refusal, last] = [first, refused, live].map(|one| one.record.as_ref().unwrap());
        let Record { verdict, goal, version, changes, began, ended, .. } = record;
        assert_eq!((record.person(), goal.as_str(), version.as_str()), ("alice on desk", "up", release));
        assert!(first.stored && began.is_some() && began < ended && changes.len() == 22, "{first:?}");
        assert_eq!((verdict, &last.verdict), (&Some(Verdict::Committed), verdict));
        assert_eq!((refused.stored, &refusal.verdict), (false, &Some(Verdict::Refused)));
        assert!(refusal.reason.contains("No module named 'nothing'"), "{}", refusal.reason);
        let log: Vec<_> = text(release, "generations/2/log").lines().filter_map(Progress::parse).collect();
        assert!(matches!(log.last(), Some(Progress::Ended { result: EndResult::Refused, generation: 2 })), "{log:?}");
    }
}

#[test]
fn what_every_release_wanted_is_read() {
    for release in RELEASES {
        for (number, secret) in [(1, "s3cret password"), (3, "another")] {
            let desired = wanted(&state(release), number).unwrap();
            assert_eq!(desired.apps[0].app.wsgi.to_string(), "app:app");
            assert_eq!(desired.apps[0].release.id, installed(release), "{release}");
            assert_eq!(desired.project, usual(), "{release}");
            let env = desired.files.iter().find(|file| file.path.as_str() == "/etc/provision/web/env").unwrap();
            assert!(env.content.contains(&format!("APP_PASSWORD=\"{secret}\"\n")), "{release}: {}", env.content);
            let path = state(release).join(format!("generations/{number}/checks.json"));
            assert_eq!(checks(&path).unwrap(), checks_json(&desired.checks)["checks"], "{release}");
        }
        let shapes = state(release).join("generations/3/secrets/mask.json");
        assert_eq!(masked(&shapes, "it is another.").unwrap(), "it is ********.", "{release}");
    }
    // Before 0.1.0 secrets were kept where they stood.
    let desired = wanted(&state("before-0.1.0"), 1).unwrap();
    assert!(desired.files[0].content.contains("PASSWORD=\"s3cret\"\n"), "{}", desired.files[0].content);
}

/// From 0.3.0 on several projects can share a host.
#[test]
fn each_project_has_notes_and_generations_of_its_own() {
    let shop: ProjectName = "shop".parse().unwrap();
    let facts = look(&state(NEWEST)).unwrap();
    assert_eq!(facts.owned_by(&shop).count(), 16, "{:?}", facts.owned);
    assert!(facts.owned_by(&shop).any(|owned| *owned == Owned::App("basket".to_owned())));
    assert!(facts.loaded_of("nginx.service", &shop).is_some() && facts.loaded_of("web.service", &shop).is_none());
    let history = history(&state(NEWEST)).unwrap();
    assert_eq!((history.live[&shop], history.generations.len()), (4, 4));
    assert_eq!(history.project_of(history.generation(4).unwrap()), Some(&shop));
    let live = stored_script(Which::Live(&shop));
    let stored = parse_stored(&printed(&live, &state(NEWEST))).unwrap().expect("it is stored");
    let desired = stored.open("web-01", &|_| None).unwrap();
    assert_eq!((desired.project, desired.apps[0].app.name.as_str()), (shop, "basket"));
}

#[test]
fn what_is_written_is_what_the_newest_fixture_has() {
    let facts = look(&state(NEWEST)).unwrap();
    assert_eq!(ownership_record(&facts.owned), text(NEWEST, "owned"));
    for generation in history(&state(NEWEST)).unwrap().generations {
        let whole = text(NEWEST, &format!("generations/{}/record", generation.number));
        let (beginning, of_the_host) = whole.split_once("began\t").unwrap();
        assert_eq!(generation.record.unwrap().beginning(), beginning);
        let keys: Vec<&str> = of_the_host.lines().skip(1).filter_map(|line| Some(line.split_once('\t')?.0)).collect();
        let reason = if generation.stored { &[][..] } else { &["reason"] };
        assert_eq!(keys, [&["ended", "result"], reason, &["told"]].concat());
    }
    let desired = wanted(&state(NEWEST), 3).unwrap();
    let kept = Kept::of(&desired);
    assert_eq!(kept.json, text(NEWEST, "generations/3/desired.json"));
    assert_eq!(kept.secrets.into_iter().collect::<Vec<_>>(), [("APP_PASSWORD".to_owned(), "another".to_owned())]);
    assert_eq!(checks_json(&desired.checks).to_string(), text(NEWEST, "generations/3/checks.json"));
    assert_eq!(Mask::over(&desired).to_json(), text(NEWEST, "generations/3/secrets/mask.json"));
}

/// Whether `note` has the form of `fixture`: as many words, and the same ones where neither number nor digest stands.
#[track_caller]
fn check_form(note: &str, fixture: &str) {
    let form = |note: &str| {
        note.split(' ')
            .map(|word| if word.contains('=') { word.to_owned() } else { "…".to_owned() })
            .collect::<Vec<_>>()
    };
    assert_eq!(form(note), form(fixture));
}

/// By the functions that a host runs, where systemd and pip need not be.
#[test]
fn notes_are_written_as_the_newest_fixture_has_them() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().to_str().unwrap();
    let (restart, reload) = ("a".repeat(64), "b".repeat(64));
    let script = format!(
        "{ACT}\nset -euo pipefail\nstate=$1 own=\n\
         systemctl() {{ printf 'MainPID=12\\nExecMainStartTimestampMonotonic=345\\n'; }}\n\
         remember web.service \"$2\" \"$3\"\n"
    );
    bash(&script, &[state, &restart, &reload]);
    let note = fs::read_to_string(folder.path().join("loaded/web.service")).unwrap();
    check_form(&note, &text(NEWEST, "loaded/web.service"));
    let loaded = Loaded::parse(note.trim_end()).unwrap().expect("a note");
    assert_eq!((loaded.instance.as_str(), loaded.reload.as_str()), ("12/345", reload.as_str()));

    let script = format!(
        "{STAGE}\nset -euo pipefail\nstate=$1\nrun_python() {{ python3 -I -S \"$@\"; }}\ninstalled[$2]=yes\n\
         install_python system web 0123 \"$2\" gunicorn '' no\n"
    );
    bash(&script, &[state, &restart]);
    let note = fs::read_to_string(folder.path().join("python/web")).unwrap();
    check_form(&note, &text(NEWEST, &format!("python/web@{}", installed(NEWEST))));
    let dependencies = Dependencies::parse(note.trim_end()).unwrap().expect("a note");
    assert_eq!(dependencies.digest.as_str(), restart);
}

/// What a host of the newest release has, to be changed.
pub fn newest() -> TempDir {
    let folder = TempDir::new().unwrap();
    bash(
        r#"cp --recursive --no-dereference -- "$1"/. "$2""#,
        &[state(NEWEST).to_str().unwrap(), folder.path().to_str().unwrap()],
    );
    folder
}

/// The same, with one file as a later release might write it.
fn later(path: &str, what: &str, instead: &str) -> TempDir {
    let folder = newest();
    let content = text(NEWEST, path);
    assert!(content.contains(what), "{what} in {content}");
    fs::write(folder.path().join(path), content.replace(what, instead)).unwrap();
    folder
}

/// An error and what to do about it, as a program of the host says it too.
fn told(error: &anyhow::Error) -> String {
    format!("{error:#}\nhelp: {}", fault::hints(error).join("; "))
}

#[track_caller]
fn check_refused(error: &str, newest: u32) {
    let telling = format!("of format 9, and this version of provision knows formats 1 to {newest}");
    assert!(error.contains(&format!("{telling}\nhelp: update `provision`")), "{error}");
}

#[test]
fn what_a_later_release_stores_is_refused() {
    check_refused(&told(&look(later("owned", "format\t3", "format\t9").path()).unwrap_err()), 3);
    for path in ["loaded/web.service", &format!("python/web@{}", installed(NEWEST))] {
        check_refused(&told(&look(later(path, "format=2", "format=9").path()).unwrap_err()), 2);
    }
    let state = later("generations/3/desired.json", "\"format\":3", "\"format\":9");
    check_refused(&told(&wanted(state.path(), 3).unwrap_err()), 3);
    let path = "generations/3/checks.json";
    check_refused(&checks(&later(path, "\"format\":2", "\"format\":9").path().join(path)).unwrap_err(), 2);
    let path = "generations/3/secrets/mask.json";
    let later = later(path, "\"format\":2", "\"format\":9");
    check_refused(&masked(&later.path().join(path), "another").unwrap_err(), 2);
}

/// It needs no version: what reads it came with it. Neither the door nor a look may, which can be of another release.
#[test]
fn the_journal_is_read_by_the_script_beside_it_alone() {
    let doors = [Init::Systemd, Init::Upstart]
        .map(|init| Visitor { init, who: "someone", wait: Duration::from_secs(1), end_probation: None }.take_up());
    let reload = apply::reload("someone", Duration::from_secs(1), &[]);
    for script in [&*doors[0], &doors[1], &reload, PROBE, HISTORY, &stored_script(Which::Live(&usual()))] {
        for line in script.lines().filter(|line| !line.trim_start().starts_with('#')) {
            assert!(!line.contains("/journal"), "{line}");
        }
    }
}
