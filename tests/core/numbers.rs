//! The numbers of attempts as a host gives them (`payload.sh`), and what of them it keeps (`transaction.sh`): none is
//! given twice, whatever became of the records.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::bash::bashes;

const PAYLOAD: &str = include_str!("../../src/apply/host/door/payload.sh");
const CLEAR: &str = include_str!("../../src/apply/host/clear.sh");
const TRANSACTION: &str = include_str!("../../src/apply/host/transaction.sh");
const PROBE: &str = include_str!("../../src/probe/probe.sh");

/// A host with attempts up to number 4, the live one.
fn host() -> TempDir {
    let state = TempDir::new().unwrap();
    for number in 1..=4 {
        let folder = state.path().join(format!("generations/{number}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("record"), "who\talice\nresult\tcommitted\n").unwrap();
        fs::write(folder.join("desired.json"), "{}").unwrap();
    }
    for link in ["generation", "last"] {
        symlink("generations/4", state.path().join(link)).unwrap();
    }
    state
}

fn run(program: &str, script: &str, state: &Path) -> String {
    let script = format!("{script}\n");
    let output = Command::new(program).args(["-c", &script, "bash"]).arg(state).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Numbers one more attempt on a host on which `change` was done; the answer is its number, and the last one that has
/// ended, which the look must see as well.
#[track_caller]
fn check(change: impl Fn(&Path), number: u32, ended: u32) {
    for program in bashes() {
        let state = host();
        change(state.path());
        let before = names(state.path());
        let look = format!("{PROBE}\nstate=$1\nreport_attempts");
        let answer = run(&program, &look, state.path());
        assert_eq!(answer.lines().next(), Some(&*format!("attempts\t{ended}")), "{program}");
        let script = format!(
            "{PAYLOAD}\nsync() {{ :; }}\ntry() {{ \"$@\"; }}\nset -Eeuo pipefail\nexport LC_ALL=C.UTF-8\n\
             state=$1 incoming=$1/incoming transaction=$1/transaction\n\
             last_attempt\nmkdir $incoming\nprintf 'who\\tbob\\n' >$incoming/record\nended=$last\nnumber_attempt\n\
             printf '%s %s\\n' \"$number\" \"$ended\""
        );
        assert_eq!(run(&program, &script, state.path()), format!("{number} {ended}"), "{program}");
        assert_eq!(fs::read_link(state.path().join("last")).unwrap(), Path::new(&format!("generations/{number}")));
        let record = fs::read_to_string(state.path().join("last/record")).unwrap();
        assert!(record.starts_with("who\tbob\nbegan\t"), "{record}");
        let mut expected = before;
        expected.push(number.to_string());
        expected.sort();
        assert_eq!(names(state.path()), expected, "{program}: nothing else has gone");
    }
}

fn names(state: &Path) -> Vec<String> {
    let entries = fs::read_dir(state.join("generations")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_number_is_never_given_twice() {
    check(|_| {}, 5, 4);
    check(|state| fs::remove_file(state.join("generations/4/record")).unwrap(), 5, 3);
    check(|state| fs::write(state.join("generations/4/record"), [0; 512]).unwrap(), 5, 3);
    check(|state| fs::remove_dir_all(state.join("generations/4")).unwrap(), 5, 3);
    // One of the two links says it as well.
    for link in ["generation", "last"] {
        let gone = |state: &Path| {
            fs::remove_dir_all(state.join("generations/4")).unwrap();
            fs::remove_file(state.join(link)).unwrap();
        };
        check(gone, 5, 3);
    }
    // So does that of another project.
    let other = |state: &Path| {
        symlink("generations/9", state.join("generation+shop")).unwrap();
    };
    check(other, 10, 4);
    // What never began, and what was refused since.
    check(|state| fs::create_dir(state.join("generations/5")).unwrap(), 6, 4);
    let refused = |state: &Path| {
        fs::remove_dir_all(state.join("generations/4")).unwrap();
        fs::create_dir(state.join("generations/7")).unwrap();
        fs::write(state.join("generations/7/record"), "result\trefused\n").unwrap();
    };
    check(refused, 8, 7);
    // Nor does it matter what else lies there.
    let others = |state: &Path| {
        for name in ["09", "9.bak", "12345678901", "x"] {
            fs::create_dir(state.join("generations").join(name)).unwrap();
        }
        fs::write(state.join("generations/6"), "").unwrap();
    };
    check(others, 7, 5);
    let first = |state: &Path| {
        fs::remove_dir_all(state.join("generations")).unwrap();
        fs::create_dir(state.join("generations")).unwrap();
        ["last", "generation"].iter().for_each(|link| fs::remove_file(state.join(link)).unwrap());
    };
    check(first, 1, 0);
}

/// Each project has a live one of its own, and two to go back to, however busy another one is.
#[test]
fn what_a_quiet_project_goes_back_to_is_kept() {
    for program in bashes() {
        let state = host();
        let folder = state.path().join("generations");
        symlink("generations/3", state.path().join("generation+shop")).unwrap();
        for number in [1, 2, 3] {
            fs::write(folder.join(format!("{number}/record")), "who\talice\nproject\tshop\n").unwrap();
        }
        for number in 5..=40 {
            fs::create_dir(folder.join(number.to_string())).unwrap();
            fs::write(folder.join(format!("{number}/record")), "project\tdefault\n").unwrap();
            fs::write(folder.join(format!("{number}/desired.json")), "{}").unwrap();
        }
        fs::remove_file(state.path().join("generation")).unwrap();
        symlink("generations/40", state.path().join("generation")).unwrap();
        run(&program, &format!("{TRANSACTION}\n{CLEAR}\nset -Eeuo pipefail\nstate=$1\nprune_history"), state.path());
        let mut expected: Vec<String> = (21..=40).chain([2, 3]).map(|number| number.to_string()).collect();
        expected.sort();
        assert_eq!(names(state.path()), expected, "{program}");
    }
}

#[test]
fn the_live_generation_is_kept_whatever_it_has_lost() {
    for program in bashes() {
        let state = host();
        let folder = state.path().join("generations");
        fs::remove_file(folder.join("4/desired.json")).unwrap();
        for number in 5..=30 {
            fs::create_dir(folder.join(number.to_string())).unwrap();
        }
        fs::create_dir(folder.join("4.bak")).unwrap();
        run(&program, &format!("{TRANSACTION}\n{CLEAR}\nset -Eeuo pipefail\nstate=$1\nprune_history"), state.path());
        let mut expected: Vec<String> = (11..=30).chain([2, 3, 4]).map(|number| number.to_string()).collect();
        expected.push("4.bak".to_owned());
        expected.sort();
        assert_eq!(names(state.path()), expected, "{program}");
    }
}
