//! Where a reader runs: on this machine, or on a host.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;

/// Something with a Bash.
pub trait Machine {
    /// What failures call it.
    fn name(&self) -> String;

    /// Starts Bash with `script`.
    fn start(&self, script: &str) -> Child;

    /// What `script` prints when it gets `input`.
    #[track_caller]
    fn run(&self, script: &str, input: &[u8]) -> Vec<u8> {
        let mut child = self.start(script);
        let mut stdin = child.stdin.take().expect("it is piped");
        let input = input.to_owned();
        // A script that ends early says why by its exit status.
        let writer = thread::spawn(move || drop(stdin.write_all(&input)));
        let mut stderr = child.stderr.take().expect("it is piped");
        let errors = thread::spawn(move || {
            let mut bytes = vec![];
            stderr.read_to_end(&mut bytes).map(|_| bytes)
        });
        let output = child.wait_with_output().expect("it can be waited for");
        writer.join().expect("the writer ends");
        let errors = errors.join().expect("the reader ends").expect("standard error can be read");
        let start: Vec<u8> = errors.iter().copied().take(4_000).collect();
        assert!(
            output.status.success(),
            "on {}: {}\n{script}\n{}",
            self.name(),
            output.status,
            String::from_utf8_lossy(&start)
        );
        output.stdout
    }

    /// Whether it has a program.
    fn has(&self, program: &str) -> bool {
        let found = self.run(&format!("command -v {program} || [ -x /usr/sbin/{program} ] && echo found"), b"");
        !found.is_empty()
    }
}

/// This machine.
pub struct Here;

impl Machine for Here {
    fn name(&self) -> String {
        "this machine".to_owned()
    }

    fn start(&self, script: &str) -> Child {
        piped(Command::new("bash").args(["-c", script])).spawn().expect("bash runs")
    }
}

pub fn piped(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped())
}
