//! Runs the Bash scripts of the sandbox. They are part of the program, so they are handed to Bash as text.

use std::env;
use std::ffi::{OsStr, OsString};
use std::process::{Command, Stdio};

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
        let output = self.command(arguments).output().context("cannot start `bash`; install it")?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("`{}` of the sandbox failed ({}): {}", self.name, output.status, errors.trim());
        }
        Ok(())
    }
}

/// PATH with the directories of system programs, which a user's PATH may lack even for root.
pub(super) fn search_path() -> OsString {
    let mut path = env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    path.push(":/usr/sbin:/sbin");
    path
}
