//! `follow` of the door's `follow.sh` as a host runs it: what a transaction reports reaches the controller whole.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::bash::bashes;

const FOLLOW: &str = include_str!("../../src/apply/host/door/follow.sh");

/// Whether the transaction lives is looked at ten times as often as on a host.
fn start(program: &str, lives: &str, log: &Path) -> Child {
    let script = format!(
        "{FOLLOW}\nread() {{ local -a words=(\"$@\"); builtin read \"${{words[@]/#[15]/0.2}}\"; }}\n{lives}\n\
         say() {{ printf '%s\\n' \"$*\"; }}\nset -Eeuo pipefail\nsleep 30 & listener=$!\n\
         trap 'kill $listener || true' EXIT\n\
         follow \"$1\" 0\n"
    );
    let mut bash = Command::new(program);
    bash.args(["-c", &script, "bash"]).arg(log).stdout(Stdio::piped()).spawn().expect("bash runs")
}

/// A busy host can be that slow, and `follow` looks up every now and then meanwhile.
#[test]
fn a_line_that_arrives_in_pieces_is_one_line() {
    for program in bashes() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        fs::write(&log, "begin\t1\t2\tinstall\n").unwrap();
        let mut bash = start(&program, "transaction_lives() { :; }", &log);
        let mut file = OpenOptions::new().append(true).open(&log).unwrap();
        for part in ["failed\t2", "\t1\tdGhlIHF1", "ZXVlIGlzIGdvbmU=\n", "ended\tundone\t7\n"] {
            sleep(Duration::from_millis(500));
            file.write_all(part.as_bytes()).unwrap();
        }
        let mut said = String::new();
        bash.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(bash.wait().unwrap().success(), "{program}");
        let lines = "begin\t1\t2\tinstall\nfailed\t2\t1\tdGhlIHF1ZXVlIGlzIGdvbmU=\nended\tundone\t7\n";
        assert_eq!(said, lines, "{program}");
    }
}

#[test]
fn whoever_dies_without_a_word_is_noticed_once_the_log_is_read_to_its_end() {
    for program in bashes() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        fs::write(&log, "begin\t1\t2\tinstall\n").unwrap();
        // It writes its last words in the moment of its death.
        let lives = "transaction_lives() { printf 'end\\t1\\n' >>\"${0%/*}/log\"; return 1; }";
        let lives = lives.replace("${0%/*}/log", log.to_str().unwrap());
        let mut bash = start(&program, &lives, &log);
        let mut said = String::new();
        bash.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(bash.wait().unwrap().code(), Some(1), "{program}");
        assert_eq!(said, "begin\t1\t2\tinstall\nend\t1\nend\t1\n", "{program}");
    }
}
