//! A second runtime, of this file alone, proves the seam: what is different about it is its description, and nothing
//! but that is swapped. It has no settings, takes no listener from systemd, and cannot reload.

use provision::apply::{Act, Call, Options, transaction};
use provision::desired::{Service, ServiceKind};
use provision::lint::{Host, Source, lint};
use provision::model::{File, Init, Source as Code, Target};
use provision::plan::{Meanwhile, Operation};
use provision::platform::Platform;
use provision::render::render;
use provision::runtime::{Debian, Remarks, Runtime, USUAL, Workers};
use provision::template::Engine;

use crate::fixture::{after, bare, desired, plan, received, target};

static PLAIN: Runtime = Runtime {
    name: "plainserver",
    title: "The plain server",
    command: |start| {
        ["-I", "-m", "plainserver", start.bind, start.target]
            .iter()
            .fold(vec![start.python.to_owned()], |words, word| [words, vec![(*word).to_owned()]].concat())
    },
    settings: None,
    inherits_listener: false,
    enters_release: false,
    reload: None,
    start_variables: None,
    proof: None,
    workers: Workers::Itself,
    reopens_logs: &[],
    import_check: "exec \"$1\" -I -c 'import sys; __import__(sys.argv[1].split(\":\")[0])' \"$4\"
",
    keys: &["timeout"],
    debian: Debian { package: None, beside_python2: None },
    pins: &[],
    services: &[],
    system_calls: None,
    remarks: Remarks {
        what: "one process, which answers one request after the other",
        manual: "https://docs.python.org/3/library/wsgiref.html",
        ready: &["`simple` because it has nothing by which it could tell systemd that it is ready."],
        folder: &["The live release: a new one is a restart, so nothing of the old one stays in memory."],
        command: &["`-I` keeps what other users install out of its search path."],
        patience: "a request may take",
        out_of_memory: &[],
    },
};

/// The apps of the host, run by `runtime`.
fn run_by(runtime: &'static Runtime) -> Target {
    let mut target = target();
    target.apps.iter_mut().for_each(|app| app.runtime = runtime);
    target
}

/// The files of the app `web`, those that only Nginx reads aside.
fn files(runtime: &'static Runtime, host: &str) -> Vec<File> {
    let engine = Engine::new(&Default::default()).unwrap();
    let rendered = render(&run_by(runtime), &Platform::named(host).unwrap(), &engine).unwrap();
    rendered.files.into_iter().filter(|file| file.path.as_str().contains("web")).collect()
}

#[track_caller]
fn file<'a>(files: &'a [File], path: &str) -> &'a str {
    &files.iter().find(|file| file.path.as_str() == path).expect("the file").content
}

#[test]
fn units_and_jobs_are_whole_and_speak_of_the_runtime_that_they_run() {
    for (host, path) in
        [("debian-13", "/etc/systemd/system/web.service"), ("ubuntu-16.04-upstart", "/etc/init/web.conf")]
    {
        let files = files(&PLAIN, host);
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["/etc/provision/web/env", path], "no settings, no listener, no script that reloads");
        let whole: String = files.iter().map(|file| file.content.as_str()).collect();
        let foreign = ["gunicorn", "reload-web", "master"];
        assert!(foreign.iter().all(|word| !whole.to_lowercase().contains(word)), "{whole}");
        let of = |file| Source { mode: 0o644, ..Source::from(file) };
        let found = lint(&files.iter().map(of).collect::<Vec<_>>(), &Host::from(&Platform::named(host).unwrap()));
        assert!(found.is_empty(), "{found:?}");
        insta::assert_snapshot!(format!("runtime@{host}"), file(&files, path));
    }
}

#[test]
fn no_comment_is_left_without_what_it_speaks_of() {
    for host in ["debian-13", "ubuntu-16.04", "ubuntu-16.04-upstart"] {
        for file in files(&PLAIN, host) {
            let lines: Vec<&str> = file.content.lines().collect();
            assert!(lines.windows(2).all(|two| two != ["", ""]), "{}: two empty lines", file.content);
            let lost = |two: &[&str]| two[0].starts_with("# ") && two[1].is_empty() && !two[0].ends_with(['.', ':']);
            assert!(!lines.windows(2).any(lost), "{}", file.content);
        }
    }
}

/// What happens to the services of a host whose apps get new code.
fn acts(runtime: &'static Runtime) -> Vec<(Act, String)> {
    let (old, mut new) = (run_by(runtime), run_by(runtime));
    for app in &mut new.apps {
        app.source = Code::Git { url: "https://example.com/code.git".to_owned(), reference: "b".repeat(40) };
    }
    let before = desired(&old);
    let facts = after(&before, &plan(&before, &bare()).unwrap(), &bare());
    let coming = desired(&new);
    let steps = transaction(&coming, &plan(&coming, &facts).unwrap(), Options::default()).steps;
    let act = |call| if let Call::Act { act, service } = call { Some((act, service)) } else { None };
    steps.into_iter().filter_map(|step| act(step.call)).collect()
}

#[test]
fn new_code_restarts_what_cannot_reload() {
    let of = |act: Act| vec![(act, "hello.service".to_owned()), (act, "web.service".to_owned())];
    assert_eq!(acts(USUAL), of(Act::Reload));
    assert_eq!(acts(&PLAIN), of(Act::Restart));
    let reloads =
        |service: &Service| matches!(service.kind, ServiceKind::Process(_)) && !service.reload_paths.is_empty();
    assert_eq!(desired(&run_by(USUAL)).services.iter().filter(|service| reloads(service)).count(), 2);
    assert!(!desired(&run_by(&PLAIN)).services.iter().any(reloads), "all that it reads is read by a restart");
}

#[test]
fn a_second_run_changes_nothing_and_a_new_address_is_a_restart() {
    let old = desired(&run_by(&PLAIN));
    let facts = after(&old, &plan(&old, &bare()).unwrap(), &bare());
    assert!(plan(&old, &facts).unwrap().changes.is_empty());
    let mut moved = run_by(&PLAIN);
    moved.apps[0].bind = provision::model::Bind::Tcp(([127, 0, 0, 1], 6000).into());
    let coming = desired(&moved);
    assert!(!facts.units.keys().any(|unit| unit.ends_with(".socket")));
    let changes = plan(&coming, &facts).unwrap().changes;
    let restarts = changes
        .iter()
        .any(|change| change.operation == Operation::Restart("hello.service".to_owned(), Meanwhile::Refused));
    assert!(restarts, "{changes:?}");
}

/// The step that imports `web`, without the numbers of files, and everything that travels beside the steps.
fn import(runtime: &'static Runtime) -> (Call, String) {
    let desired = desired(&run_by(runtime));
    let transaction = transaction(&desired, &plan(&desired, &bare()).unwrap(), Options::default());
    let of_web = |call: &Call| matches!(call, Call::CheckApp { app, .. } if app.as_str() == "web");
    let call = transaction.steps.into_iter().map(|step| step.call).find(of_web).expect("a step");
    (call, String::from_utf8_lossy(&received(&transaction.payload)).into_owned())
}

#[test]
fn each_runtime_imports_the_app_in_its_own_way() {
    let (usual, plain) = (import(USUAL), import(&PLAIN));
    let settings =
        |call: &Call| if let Call::CheckApp { settings, .. } = call { settings.clone() } else { String::new() };
    assert_eq!((settings(&usual.0).is_empty(), settings(&plain.0).as_str()), (false, ""));
    assert!(usual.1.contains(USUAL.import_check) && !usual.1.contains(PLAIN.import_check));
    assert!(plain.1.contains(PLAIN.import_check) && !plain.1.contains(USUAL.import_check));
    assert!(usual.1.contains("pins/gunicorn/") && !plain.1.contains("pins/"));
}

#[test]
fn the_init_decides_no_more_than_who_holds_the_listener() {
    let kinds = |runtime, init| {
        let desired = crate::fixture::desired_on(&run_by(runtime), init);
        desired.services.into_iter().map(|service| service.name).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&PLAIN, Init::Systemd), ["hello.service", "web.service", "nginx.service"]);
    assert_eq!(kinds(&PLAIN, Init::Upstart), kinds(USUAL, Init::Upstart));
}
