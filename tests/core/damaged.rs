//! What a host keeps, and something else has written into: the entry that cannot be read is named, the others count,
//! and no name is taken for another.

use std::fs;
use std::path::Path;
use std::process::Command;

use provision::generation::{Closed, HISTORY, History, Unreadable, WayBack};
use provision::probe::Owned;
use provision::report;

use crate::bash::bashes;
use crate::fixture::usual;
use crate::stored::{look, newest, printed};

const CLEAR: &str = include_str!("../../src/apply/host/clear.sh");
const PROBE: &str = include_str!("../../src/probe/probe.sh");
const NOTE: &str = include_str!("../../src/apply/host/note.sh");

/// Lines that no version has written. The first two would be the name of another file if such bytes were left out.
const DAMAGED: [&[u8]; 4] =
    [b"file\t/etc/\xffprovision/web/env", b"file\t/etc/\0provision/web/env", b"link\t/etc/a\r", b"user\tw\xc3\xa4b"];

/// The history of a host that still has the release of every generation.
fn history(state: &Path) -> History {
    let complete = "complete\tweb\t33bcb462bf43-3809a5\nend\n";
    History::parse(&printed(HISTORY, state).replace("end\n", complete)).unwrap()
}

fn append(path: &Path, lines: &[&[u8]]) {
    let mut content = fs::read(path).unwrap();
    for line in lines {
        content.extend_from_slice(line);
        content.push(b'\n');
    }
    fs::write(path, content).unwrap();
}

#[test]
fn a_damaged_line_of_the_ownership_record_is_named_and_owns_nothing() {
    let state = newest();
    let whole = look(state.path()).unwrap();
    append(&state.path().join("owned"), &DAMAGED);
    let facts = look(state.path()).unwrap();
    assert_eq!(facts.owned, whole.owned);
    let expected = ["file /etc/\u{fffd}provision/web/env", "file /etc/?provision/web/env", "link /etc/a?", "user wäb"];
    assert_eq!((facts.damaged.as_slice(), whole.damaged.len()), (&expected.map(str::to_owned)[..], 0));

    // In the place of one that was whole.
    let path = state.path().join("owned");
    let content = String::from_utf8_lossy(&fs::read(&path).unwrap()).replace("app\tweb", "app\tw\u{fffd}eb");
    fs::write(&path, content).unwrap();
    let facts = look(state.path()).unwrap();
    assert!(!facts.owned_by(&usual()).any(|owned| matches!(owned, Owned::App(_))), "{:?}", facts.owned);
}

/// `find` would take such a name for what it should do.
#[test]
fn what_is_no_path_is_not_looked_for() {
    for program in bashes() {
        let state = newest();
        append(&state.path().join("owned"), &[b"file\t-quit", b"directory\t", b"link\tetc"]);
        let script = format!("{PROBE}\nstate=$1\nreport_owned >/dev/null\nreport_paths 0 /etc/passwd");
        let output = Command::new(&program).args(["-c", &script, "bash"]).arg(state.path()).output().unwrap();
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(answer.lines().any(|line| line.contains("\t/etc/passwd\t")), "{program}: {answer} {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{program}");
    }
}

/// What `script` makes of the ownership record, by every Bash that hosts have.
#[track_caller]
fn check_owned(script: &str, expected: &[&[u8]]) {
    for program in bashes() {
        let state = tempfile::tempdir().unwrap();
        let work = state.path().join("transaction");
        fs::create_dir(&work).unwrap();
        fs::write(state.path().join("owned"), b"").unwrap();
        append(&state.path().join("owned"), &[b"app\told", b"format\t2"]);
        append(&state.path().join("owned"), &DAMAGED);
        fs::copy(state.path().join("owned"), work.join("owned.before")).unwrap();
        fs::write(work.join("owned"), "app\tweb\nformat\t2\n").unwrap();
        fs::write(work.join("owned.final"), "app\tweb\nformat\t2\n").unwrap();
        let script = format!(
            "{CLEAR}\n{NOTE}\nsync() {{ :; }}\nset -Eeuo pipefail\nexport LC_ALL=C.UTF-8\n\
             state=$1 work=$1/transaction\n{script}\n"
        );
        let output = Command::new(&program).args(["-c", &script, "bash"]).arg(state.path()).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        let owned = fs::read(state.path().join("owned")).unwrap();
        let mut lines: Vec<&[u8]> = owned.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let mut expected = [expected, &DAMAGED].concat();
        lines.sort_unstable();
        expected.sort_unstable();
        assert_eq!(lines, expected, "{program}: {script}");
    }
}

#[test]
fn damaged_lines_stay_in_the_ownership_record_as_they_are() {
    check_owned("claim", &[b"app\told", b"app\tweb", b"format\t2"]);
    check_owned("claim; record_owned", &[b"app\tweb", b"format\t2"]);
    check_owned("record_owned; record_owned", &[b"app\tweb", b"format\t2"]);
}

/// The history of a host on which `change` was done to the record of generation 3, the live one, or 1.
#[track_caller]
fn check_unreadable(number: u32, change: impl Fn(&Path), why: &str) {
    let state = newest();
    change(&state.path().join(format!("generations/{number}")));
    let history = history(state.path());
    assert_eq!(history.generations.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let way_back = history.way_back(history.generation(number).unwrap());
    if number == 3 {
        assert_eq!((way_back, history.choose(&usual(), None).unwrap().number), (WayBack::Live, 1));
    } else {
        assert!(matches!(way_back, WayBack::Closed(Closed::Unreadable(_))), "{way_back:?}");
        let fault = history.choose(&usual(), Some(number)).expect_err("a refusal");
        assert!(fault.message.contains(why), "{fault}");
    }
    let table = report::history(&history, false);
    let line = table.lines().nth(number as usize).unwrap();
    assert!(line.contains("unreadable") && line.contains(why), "{table}");
    assert_eq!(table.matches("unreadable").count(), 1, "{table}");
    let json = report::history_json(&"web-01".parse().unwrap(), &history);
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[number as usize - 1]["result"], "unreadable");
}

#[test]
fn a_record_that_cannot_be_read_is_one_line_of_the_history() {
    for number in [1, 3] {
        let record = |folder: &Path| folder.join("record");
        check_unreadable(number, |folder| fs::remove_file(record(folder)).unwrap(), "its record is missing or damaged");
        check_unreadable(number, |folder| fs::write(record(folder), "").unwrap(), "its record is missing or damaged");
        let zeros = |folder: &Path| fs::write(record(folder), [0; 512]).unwrap();
        check_unreadable(number, zeros, "its record is missing or damaged");
        let newer = |folder: &Path| {
            let text = fs::read_to_string(record(folder)).unwrap().replace("format\t3", "format\t9");
            fs::write(record(folder), text).unwrap();
        };
        check_unreadable(number, newer, "format 9, and this version of provision knows formats 1 to 3");
        let odd = |folder: &Path| fs::write(record(folder), b"format\t\xff\nwho\talice\n").unwrap();
        check_unreadable(number, odd, "format \u{fffd}, and");
    }
    // The live one without its folder.
    check_unreadable(3, |folder| fs::remove_dir_all(folder).unwrap(), "its record is missing or damaged");
}

#[test]
fn bytes_of_no_text_in_a_record_are_shown_and_hide_nothing() {
    let state = newest();
    let path = state.path().join("generations/1/record");
    let mut record = b"inventory\tprod\xffuction.yml\n".to_vec();
    record.extend_from_slice(&fs::read(&path).unwrap());
    fs::write(&path, record.iter().map(|byte| if *byte == b'@' { 0xfe } else { *byte }).collect::<Vec<_>>()).unwrap();
    append(&path, &[b"reason\tno \xc3 room"]);
    let history = history(state.path());
    assert_eq!(history.generations[0].record.as_ref().unwrap().reason, "no \u{fffd} room");
    assert_eq!(history.choose(&usual(), None).unwrap().number, 1);
}

#[test]
fn what_stands_between_the_generations_is_none() {
    let state = newest();
    for name in ["3.bak", "x", "08", "12345678901"] {
        fs::create_dir(state.path().join("generations").join(name)).unwrap();
    }
    assert_eq!(history(state.path()), history(newest().path()));
}

#[test]
fn no_way_back_leads_past_a_generation_that_may_have_been_live() {
    let state = newest();
    for path in ["generations/2/desired.json", "generation"] {
        let _ = fs::remove_file(state.path().join(path));
    }
    fs::copy(state.path().join("generations/1/desired.json"), state.path().join("generations/2/desired.json")).unwrap();
    fs::remove_file(state.path().join("generations/2/record")).unwrap();
    std::os::unix::fs::symlink("generations/3", state.path().join("generation")).unwrap();
    let history = history(state.path());
    let fault = history.choose(&usual(), None).expect_err("a refusal");
    assert!(fault.message.contains("generation 2 cannot be read: its record is missing or damaged"), "{fault}");
    assert!(fault.hints[0].contains("can go back to 1"), "{fault:?}");
    assert_eq!(history.choose(&usual(), Some(1)).unwrap().number, 1);
    let generation = history.generation(2).unwrap();
    assert_eq!(generation.record, Err(Unreadable::Damaged));
}
