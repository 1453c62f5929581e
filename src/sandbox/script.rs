//! Runs the Bash scripts of the sandbox. They are part of the program, so they are handed to Bash as text.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};
use std::{env, thread};

use anyhow::{Context, Result, bail};

/// A script beside this file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

pub(super) const BASE: Script = Script { name: "base.sh", text: include_str!("base.sh") };
pub(super) const ATTACH: Script = Script { name: "attach.sh", text: include_str!("attach.sh") };
pub(super) const BOOT: Script = Script { name: "boot.sh", text: include_str!("boot.sh") };
pub(super) const DETACH: Script = Script { name: "detach.sh", text: include_str!("detach.sh") };
pub(super) const WAIT: Script = Script { name: "wait.sh", text: include_str!("wait.sh") };

impl Script {
    /// A command that runs it in a new Bash.
    pub(super) fn command<Argument: AsRef<OsStr>>(self, arguments: &[Argument]) -> Command {
        let mut bash = crate::process::command("bash");
        bash.env("PATH", search_path()).stdin(Stdio::null());
        bash.args(["-c", self.text, self.name]).args(arguments);
        bash
    }

    /// Runs it to its end. What it printed as errors becomes the error.
    pub(super) fn run<Argument: AsRef<OsStr>>(self, arguments: &[Argument]) -> Result<()> {
        self.run_telling(arguments, &mut |_| {})
    }

    /// The same, and tells each line that it prints.
    pub(super) fn run_telling<Argument: AsRef<OsStr>>(
        self,
        arguments: &[Argument],
        tell: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot start `bash`; install it")?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // Whoever prints errors must not wait for somebody who reads lines.
        let errors = thread::spawn(move || read_all(stderr));
        for line in stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines()).map_while(Result::ok) {
            tell(&line);
        }
        let status = child.wait()?;
        let errors = errors.join().unwrap_or_default();
        if !status.success() {
            bail!("`{}` of the sandbox failed ({status}): {}", self.name, errors.trim());
        }
        Ok(())
    }
}

fn read_all(from: Option<impl Read>) -> String {
    let mut bytes = vec![];
    // What could be read before an error is all that there is to show.
    let _ = from.map(|mut from| from.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// PATH with the directories of system programs, which a user's PATH may lack even for root.
pub(super) fn search_path() -> OsString {
    let mut path = env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    path.push(":/usr/sbin:/sbin");
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_does_is_told_while_it_does_it_and_why_it_failed_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let go = folder.path().join("go");
        // It goes on only once its first line was heard.
        let text = "echo one; until [[ -e $1 ]]; do sleep 0.01; done; echo two; echo why >&2; exit 3";
        let mut told = vec![];
        let result = Script { name: "test.sh", text }.run_telling(&[&go], &mut |line| {
            std::fs::write(&go, "").unwrap();
            told.push(line.to_owned());
        });
        assert_eq!(told, ["one", "two"]);
        let error = result.unwrap_err().to_string();
        assert_eq!(error, "`test.sh` of the sandbox failed (exit status: 3): why");
    }
}
