//! The box where no systemd makes it, as a host with Upstart runs it: needs root, and a machine without systemd. What
//! needs limits alone runs anywhere.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::skip::shout;

const BOX: &str = concat!(
    include_str!("../../src/apply/host/box/output.py"),
    include_str!("../../src/apply/host/box/inside.py"),
    include_str!("../../src/apply/host/box/unit.py"),
    include_str!("../../src/apply/host/box/kernel.py"),
    include_str!("../../src/apply/host/box/main.py"),
);

struct Boxed(TempDir);

impl Boxed {
    fn new() -> Self {
        let boxed = Self(tempfile::tempdir().unwrap());
        boxed.write("box.py", BOX);
        boxed
    }

    /// `None`, aloud, where the box would be another one.
    fn of_kernel() -> Option<Self> {
        if !rustix::process::getuid().is_root() || Path::new("/run/systemd/system").exists() {
            shout("the box of the kernel alone needs root, and a machine without systemd");
            return None;
        }
        Some(Self::new())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn command(&self, options: &[&str], script: &str) -> Command {
        let mut python = Command::new("python3");
        python.args(["-I", "-S", "-B", "-W", "ignore"]).arg(self.0.path().join("box.py")).args(options);
        python.args(["--", "bash", "-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
        python
    }

    /// Runs it until the user asks for an end, after its first line; returns what it has printed after that.
    fn cancelled(&self, options: &[&str], script: &str) -> String {
        let cancel = self.0.path().join("cancel");
        let option = format!("--cancel={}", cancel.display());
        let mut run = self.command(&[options, &[&option]].concat(), script).spawn().unwrap();
        let mut printed = BufReader::new(run.stdout.take().unwrap());
        let mut said = String::new();
        printed.read_line(&mut said).unwrap();
        assert_eq!(said, "begun\n");
        said.clear();
        fs::write(&cancel, "").unwrap();
        let asked = Instant::now();
        printed.read_to_string(&mut said).unwrap();
        let ended = run.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(75), "{}", String::from_utf8_lossy(&ended.stderr));
        assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
        said
    }
}

#[test]
fn a_box_has_as_many_open_files_as_the_job() {
    let Some(boxed) = Boxed::of_kernel() else { return };
    let files = |name: &str, text: &str| {
        let unit = format!("--unit={}", boxed.write(name, text).display());
        let run = boxed.command(&["--user=nobody", &unit], "ulimit -Sn; ulimit -Hn").output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    assert_eq!(files("web.conf", "# limit nofile 1 1\nsetuid nobody\nlimit nofile 777 888\n"), "777\n888\n");
    let own = Command::new("bash").args(["-c", "ulimit -Sn; ulimit -Hn"]).output().unwrap();
    assert_eq!(files("build.service", "[Service]\n"), String::from_utf8(own.stdout).unwrap());
}

#[test]
fn what_runs_in_a_box_ends_when_the_user_asks_for_an_end() {
    let Some(boxed) = Boxed::of_kernel() else { return };
    let unit = format!("--unit={}", boxed.write("build.service", "[Service]\n").display());
    // Whatever it does about it.
    let said = boxed.cancelled(&["--user=nobody", &unit], "trap '' TERM INT; echo begun; sleep 600; sleep 600");
    assert_eq!(said, "");
}

#[test]
fn what_is_asked_gently_may_come_to_a_place_where_it_can_stop() {
    let wait = "set -m; trap 'echo asked; kill %1; exit 0' INT; sleep 600 & echo begun; wait; echo never";
    assert_eq!(Boxed::new().cancelled(&["--plain", "--gently"], wait), "asked\n");
    assert_eq!(Boxed::new().cancelled(&["--plain"], wait), "");
    // What it has started goes on if it ends by itself.
    let boxed = Boxed::new();
    let mark = boxed.0.path().join("mark");
    let script = format!("(sleep 1; echo done >{}) >/dev/null 2>&1 & echo started", mark.display());
    let run = boxed.command(&["--plain", "--gently"], &script).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&run.stdout), "started\n");
    let ended = Instant::now();
    while !mark.exists() {
        assert!(ended.elapsed() < Duration::from_secs(30), "it was ended");
        std::thread::sleep(Duration::from_millis(50));
    }
}
