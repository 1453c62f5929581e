//! What the scripts on a host say, run here on hostile files, folders and processes: nothing of these speaks for the
//! host.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use provision::generation::{HISTORY, History};
use provision::model::Verdict;
use provision::probe::{Facts, NodeKind, Request, parse};
use provision::status::Processes;
use tempfile::TempDir;

use crate::bash::bashes;
use crate::skip::skip;

/// What ends an answer, and what begins another, in one name.
const FORGERY: &str = "x\nend\nworker\tweb\t1\t/srv/web/releases/ffffffffffff\tmore\u{1b}]0;owned\u{7}";

/// Runs a script as a host would, with its state in `folder`. It says the same under every version of Bash.
fn said(script: &str, folder: &Path) -> String {
    let mut answers = bashes().into_iter().map(|program| (said_by(&program, script, folder), program));
    let (answer, _) = answers.next().expect("one at least");
    // What was seen in between may differ: when, and which processes there were.
    answers.for_each(|(other, program)| assert_eq!(kinds(&other), kinds(&answer), "{program}"));
    answer
}

/// The kinds of an answer's lines.
fn kinds(answer: &str) -> BTreeSet<&str> {
    answer.lines().map(|line| line.split('\t').next().unwrap_or_default()).collect()
}

fn said_by(program: &str, script: &str, folder: &Path) -> String {
    // Room for what is honest, and for no file of hundreds of megabytes.
    let script = format!("ulimit -v 200000\n{script}");
    let script = script.replace("state=/var/lib/provision", &format!("state={}", folder.display()));
    let mut bash = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash runs");
    bash.stdin.take().expect("it is piped").write_all(script.as_bytes()).expect("bash reads");
    let output = bash.wait_with_output().expect("bash ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    // As the edge hands it over.
    let lines =
        output.stdout.split(|byte| *byte == b'\n').map(|line| provision::outside::line(line).into_owned() + "\n");
    lines.collect()
}

/// The scripts tell nothing to anybody else.
fn root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skip("only root sees all that a host's scripts look at");
    }
    root
}

fn facts(paths: &[&Path], state: &Path) -> Facts {
    let paths = paths.iter().map(|path| path.display().to_string()).collect();
    // Here pid 1 may be anything.
    let report =
        said(&Request { paths, ..Request::default() }.script(), state).replace("init\tunknown", "init\tsystemd");
    parse(&report, &[]).expect("a whole report")
}

fn record(state: &Path, number: u32, record: &[u8]) {
    let folder = state.join(format!("generations/{number}"));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("record"), record).expect("a record");
}

#[test]
fn a_link_whose_target_has_line_breaks_is_a_link() {
    if !root() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (link, file) = (folder.path().join("log"), folder.path().join("other"));
    std::os::unix::fs::symlink(FORGERY, &link).expect("a link");
    fs::write(&file, "as it is\n").expect("a file");
    let facts = facts(&[&link, &file], folder.path());
    let NodeKind::Link(to) = &facts.nodes[link.to_str().expect("UTF-8")].kind else { panic!("a link") };
    assert!(to.starts_with("x end worker web 1") && to.ends_with("more␛]0;owned␇"), "{to:?}");
    assert_eq!(facts.nodes[file.to_str().expect("UTF-8")].content.as_deref(), Some(&b"as it is\n"[..]));
}

#[test]
fn a_reason_with_tabulators_or_of_any_length_is_a_reason() {
    if !root() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let begin = "who\tme on desk, process 7\nchange\trelease web\nended\t1\nresult\trefused\nreason\tImportError: ";
    for (number, tail) in
        [(1, b"one\ttwo\tthree \x1b[2J\xff\n".to_vec()), (2, [&[b'x'; 3_000_000][..], b"\n"].concat())]
    {
        record(folder.path(), number, &[begin.as_bytes(), &tail].concat());
        let facts = facts(&[], folder.path());
        let untold = facts.untold.expect("an attempt whose end nobody has heard");
        assert_eq!((facts.attempts, &untold.verdict), (number, &Some(Verdict::Refused)));
        assert!(
            untold.reason.starts_with("ImportError: ") && untold.reason.chars().count() <= 501,
            "{}",
            untold.reason
        );
        let history = History::parse(&said(HISTORY, folder.path())).expect("a history");
        let reason = &history.generation(number).expect("the attempt").record.as_ref().expect("a record").reason;
        assert!(
            reason.starts_with("ImportError: ") && reason.chars().count() <= 2001 && !reason.contains('\x1b'),
            "{reason}"
        );
        assert!(!provision::report::history(&history, true).contains('\x1b'));
    }
}

#[test]
fn a_record_of_hundreds_of_megabytes_is_read_in_part() {
    if !root() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let reason = vec![b'x'; 300_000_000];
    record(folder.path(), 1, &[&b"who\tme\nended\t1\nresult\trefused\nreason\t"[..], &reason].concat());
    let began = Instant::now();
    assert_eq!(facts(&[], folder.path()).attempts, 1);
    let history = History::parse(&said(HISTORY, folder.path())).expect("a history");
    assert_eq!(history.generations.len(), 1);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_process_in_a_folder_with_line_breaks_or_of_such_a_name_is_a_process() {
    let folder = TempDir::new().expect("a folder");
    let forged = folder.path().join("x\nend\nworker\tweb\t1\tfolder");
    fs::create_dir(&forged).expect("a folder");
    // A name of its own, as an app gives itself one: what it says behind the bracket would be the parent of another.
    let name = "import ctypes, time; ctypes.CDLL(None).prctl(15, b') S 1 \\n@'); print(flush=True); time.sleep(60)";
    let mut worker = Command::new("python3")
        .args(["-c", name])
        .current_dir(&forged)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python runs");
    let mut ready = [0];
    std::io::Read::read_exact(worker.stdout.as_mut().expect("it is piped"), &mut ready).expect("it is named");
    let library = include_str!("../../src/status/processes.sh");
    let me = std::process::id();
    let script = format!("{library}answer=$(report 'pass' '[]' web {me} other 1)\nprintf '%s\\n' \"$answer\"\n");
    let answer = said(&script, folder.path());
    worker.kill().expect("it ends");
    worker.wait().expect("it has ended");
    let processes = Processes::parse(&answer).expect("a whole answer");
    let seen: Vec<_> = processes.workers.iter().filter(|seen| seen.pid == worker.id()).collect();
    assert_eq!(seen.len(), 1, "{answer}");
    assert!(seen[0].app == "web" && seen[0].folder.ends_with("x end worker web 1 folder"), "{seen:?}");
    assert!(processes.workers.iter().all(|seen| seen.pid != 1), "{answer}");
}

#[test]
fn a_warning_of_python_is_no_complaint_of_an_app() {
    let library = include_str!("../../src/status/processes.sh");
    let ask = |program: &str| {
        let script = format!("{library}answer=$(report '{program}' '[]')\nprintf '%s\\n' \"$answer\"\n");
        Processes::parse(&said(&script, Path::new("/nonexistent")))
    };
    let warned =
        ask("import sys, warnings\nwarnings.warn(\"old\", DeprecationWarning)\nprint(\"loud\", file=sys.stderr)");
    assert_eq!(warned.expect("an answer").complaints, []);
    let failed = ask("print(1").expect_err("no answer");
    assert!(format!("{failed:#}").contains("SyntaxError"), "{failed:#}");
}
