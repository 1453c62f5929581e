//! The process that keeps a host alive, recorded so that a later run finds it and never takes another for it.

use std::fs;

use anyhow::{Context, Result};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, pidfd_send_signal, waitpid};

/// A process by what no other process shares: its number, when it started, and in which boot of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProcessRecord {
    pid: Pid,
    /// Clock ticks since boot.
    started: u64,
    boot: String,
}

impl ProcessRecord {
    /// Of a process that runs now.
    pub(super) fn of(pid: u32) -> Result<Self> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("a process cannot have that number")?;
        let started = started(pid).context("the host's process ended at once")?;
        Ok(Self { pid, started, boot: boot_id() })
    }

    pub(super) fn to_text(&self) -> String {
        format!("{} {} {}\n", self.pid.as_raw_nonzero(), self.started, self.boot)
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let pid = Pid::from_raw(words.next()?.parse().ok()?)?;
        Some(Self { pid, started: words.next()?.parse().ok()?, boot: words.next()?.to_owned() })
    }

    pub(super) fn is_alive(&self) -> bool {
        self.boot == boot_id() && started(self.pid) == Some(self.started)
    }

    /// Ends it at once, as a power cut would. One that has ended already is left in peace, whoever has its number now.
    pub(super) fn kill(&self) {
        // The descriptor stays with the process it was opened for, so nothing can slip in after the comparison.
        let Ok(process) = pidfd_open(self.pid, PidfdFlags::empty()) else { return };
        if self.is_alive() {
            // It can only fail because the process has ended, which is what was wanted.
            let _ = pidfd_send_signal(&process, Signal::KILL);
        }
        // If this very program started it, its exit status waits to be collected.
        let _ = waitpid(Some(self.pid), WaitOptions::NOHANG);
    }
}

/// When the process started, or `None` if it has ended; one that only waits to be collected has ended.
fn started(pid: Pid) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    parse_stat(&stat)
}

/// The second field is the program's name in parentheses and may hold anything, so fields count from the last `)`.
fn parse_stat(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { None } else { fields.nth(18)?.parse().ok() }
}

fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_found_behind_any_program_name() {
        let rest = "S 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0";
        assert_eq!(parse_stat(&format!("7 (bash) {rest}")), Some(4711));
        assert_eq!(parse_stat(&format!("7 (a) b (c) {rest}")), Some(4711));
    }

    #[test]
    fn a_zombie_has_ended() {
        assert_eq!(parse_stat("7 (bash) Z 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0"), None);
    }

    #[test]
    fn a_reused_number_is_another_process() {
        let record = ProcessRecord::of(std::process::id()).unwrap();
        assert!(record.is_alive());
        assert!(!ProcessRecord { started: record.started + 1, ..record.clone() }.is_alive());
        assert!(!ProcessRecord { boot: "earlier".to_owned(), ..record }.is_alive());
    }

    #[test]
    fn a_record_survives_being_stored() {
        let record = ProcessRecord::of(std::process::id()).unwrap();
        assert_eq!(ProcessRecord::from_text(&record.to_text()), Some(record));
        assert_eq!(ProcessRecord::from_text("12"), None);
        assert_eq!(ProcessRecord::from_text("0 1 x"), None);
    }
}
