//! One run of the program: what it printed, how it ended, and assertions that show both when they fail.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A run that has ended.
#[derive(Debug)]
pub struct Run {
    what: String,
    /// The exit code.
    pub code: i32,
    /// Standard output and, behind it, standard error.
    pub text: String,
    pub took: Duration,
}

impl Run {
    /// It ended with that code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code of `provision {}`:\n{}", self.what, self.text);
        self
    }

    /// It printed that.
    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        assert!(self.text.contains(text), "`provision {}` does not show `{text}`:\n{}", self.what, self.text);
        self
    }

    /// It did not print that.
    #[track_caller]
    pub fn hides(self, text: &str) -> Self {
        assert!(!self.text.contains(text), "`provision {}` shows `{text}`:\n{}", self.what, self.text);
        self
    }

    /// The lines of the plan, without the host's name.
    pub fn plan(&self) -> Vec<&str> {
        let change = |line: &&str| ["+ ", "~ ", "- ", "! "].iter().any(|mark| line.starts_with(mark));
        self.text.lines().filter_map(|line| line.split_once("  ").map(|(_, rest)| rest)).filter(change).collect()
    }
}

/// A run that has not ended.
pub struct Running {
    what: String,
    child: Child,
    begin: Instant,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<()>,
    lines: Receiver<String>,
    talk: String,
}

impl Running {
    pub fn start(mut command: Command, what: &str) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be started");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        let (sender, lines) = mpsc::channel();
        let stderr = thread::spawn(move || {
            // Nobody listens any more once the run has been waited for.
            BufReader::new(stderr).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        let stdout = thread::spawn(move || read(stdout));
        Self { what: what.to_owned(), child, begin: Instant::now(), stdout, stderr, lines, talk: String::new() }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says `text` on standard error.
    #[track_caller]
    pub fn until_it_says(&mut self, text: &str) {
        loop {
            let Ok(line) = self.lines.recv_timeout(Duration::from_secs(90)) else {
                panic!("`provision {}` never says `{text}`:\n{}", self.what, self.talk);
            };
            self.talk.push_str(&line);
            self.talk.push('\n');
            if line.contains(text) {
                return;
            }
        }
    }

    /// The most memory that it has held so far, in KiB; nothing once it has ended.
    pub fn peak(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::INT).expect("it can be interrupted");
    }

    /// Kills it, as a power cut of the controller would.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it can be waited for");
    }

    /// Whether it has not ended yet.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("it can be waited for").is_none()
    }

    /// Waits until it has ended.
    pub fn wait(mut self) -> Run {
        let status = self.child.wait().expect("it can be waited for");
        let took = self.begin.elapsed();
        let mut text = self.stdout.join().expect("standard output can be read");
        self.stderr.join().expect("standard error can be read");
        for line in self.lines.try_iter() {
            self.talk.push_str(&line);
            self.talk.push('\n');
        }
        text.push_str(&self.talk);
        Run { what: self.what, code: status.code().unwrap_or(-1), text, took }
    }
}

fn read(mut from: impl Read) -> String {
    let mut bytes = vec![];
    // What came before an error is worth showing.
    let _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
