//! Throw-away local hosts with a real init, sshd, apt and nginx, to try an inventory on. Nothing here prints;
//! `docs/sandbox.md` tells how a host is made. This module knows nothing of inventories, plans or reports.

mod addresses;
mod base;
mod disk;
mod machine;
mod network;
mod process;
mod requirements;
mod script;
mod state;
mod suite;

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

pub use base::Options;
pub use state::Sandbox;
pub use suite::{Distribution, Suite, UnknownSuite};

use crate::model::HostName;
use disk::DiskRecord;

/// A host of the sandbox and all that is needed to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxHost {
    /// Its name, which is also its hostname.
    pub name: HostName,
    /// Where its sshd listens, on port 22. It stays the same as long as the sandbox is not purged.
    pub address: IpAddr,
    /// The user to log in as, who may `sudo` without a password.
    pub user: String,
    /// The private key that this user accepts.
    pub identity: PathBuf,
    /// Holds the host's public key, by name and by address.
    pub known_hosts: PathBuf,
    /// What it runs.
    pub suite: Suite,
    /// Whether it runs.
    pub state: State,
}

/// Whether a host runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its init runs; it may still be booting.
    Running,
    /// Powered off, or cut off; its disk is there.
    Stopped,
}

impl SandboxHost {
    /// An `ssh` that logs in on this host, apart from the user's own configuration and known hosts. Options and the
    /// remote command can be appended.
    #[must_use]
    pub fn ssh(&self) -> Command {
        let mut ssh = crate::process::command("ssh");
        ssh.args(["-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes"]);
        ssh.arg("-o").arg(format!("UserKnownHostsFile={}", self.known_hosts.display()));
        ssh.arg("-i").arg(&self.identity).arg("-l").arg(&self.user).arg(self.address.to_string());
        ssh
    }
}

/// How many hosts boot at the same time: more than processors, as they also wait, but not so many that all are late.
const BOOTING_AT_ONCE: usize = 8;

impl Sandbox {
    /// Whether hosts can be created here.
    ///
    /// # Errors
    /// When something is missing, with the packages that bring it.
    pub fn check(&self) -> Result<()> {
        requirements::check_for_boot()?;
        self.bases().check(&Suite::default())
    }

    /// Creates the hosts that do not exist, starts those that do not run, and waits until all are up. A running host is
    /// returned as it is. `progress` is told what takes time.
    ///
    /// # Errors
    /// When something that a sandbox needs is missing, or a host cannot be made or does not come up in time.
    pub fn up(
        &self,
        names: &[HostName],
        options: &Options,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Vec<SandboxHost>> {
        names.iter().try_for_each(check_hostname)?;
        requirements::check_for_boot()?;
        let _lock = self.lock(progress)?;
        self.prepare()?;
        let new = |name: &&HostName| !self.disk(name).is_dir();
        if names.iter().any(|name| new(&name)) {
            let base = self.bases().ensure(options, progress)?;
            for name in names.iter().filter(new) {
                let record = DiskRecord::new(self.assign_index(name)?, &options.suite, base.clone());
                self.create_disk(name, &record)?;
            }
        }
        self.write_known_hosts()?;
        self.power_on(names, progress)
    }

    /// Starts hosts that exist, and waits until they are up.
    ///
    /// # Errors
    /// When one does not exist, or does not come up in time.
    pub fn start(&self, names: &[HostName], progress: &mut dyn FnMut(&str)) -> Result<Vec<SandboxHost>> {
        requirements::check_for_boot()?;
        let _lock = self.lock(progress)?;
        self.require(names)?;
        self.prepare()?;
        self.power_on(names, progress)
    }

    fn power_on(&self, names: &[HostName], progress: &mut dyn FnMut(&str)) -> Result<Vec<SandboxHost>> {
        let count = self.names()?.len();
        for wave in names.chunks(BOOTING_AT_ONCE) {
            let mut booting = Vec::new();
            for name in wave {
                let (machine, record) = self.machine(name)?;
                if machine.state() == State::Stopped {
                    progress(&format!("starting {name}"));
                    let base = record.base.to_str().context("the path of the base is not valid UTF-8")?;
                    machine.power_on(base, record.suite()?.control_groups(), count)?;
                    booting.push(machine);
                }
            }
            for machine in booting {
                let host = self.host(&machine.name)?;
                let remark = machine.wait_until_up(&host)?;
                progress(&remark.unwrap_or_else(|| format!("{} is up at {}", host.name, host.address)));
            }
        }
        names.iter().map(|name| self.host(name)).collect()
    }

    /// Every host, by name.
    ///
    /// # Errors
    /// When the state directory cannot be read.
    pub fn list(&self) -> Result<Vec<SandboxHost>> {
        let mut hosts = Vec::new();
        for name in self.names()? {
            match self.host(&name) {
                Ok(host) => hosts.push(host),
                // Another program has removed it since.
                Err(_) if !self.disk(&name).is_dir() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(hosts)
    }

    /// Cuts the power of hosts: no process of theirs gets a chance to finish. Their disks stay.
    ///
    /// # Errors
    /// When one does not exist, or does not end.
    pub fn stop(&self, names: &[HostName], progress: &mut dyn FnMut(&str)) -> Result<()> {
        let _lock = self.lock(progress)?;
        self.require(names)?;
        names.iter().try_for_each(|name| self.machine(name)?.0.power_off())
    }

    /// Removes hosts with their disks. Returns those that there were: one that does not exist is down already.
    ///
    /// # Errors
    /// When one does not end, or its disk cannot be removed.
    pub fn down(&self, names: &[HostName], progress: &mut dyn FnMut(&str)) -> Result<Vec<HostName>> {
        let _lock = self.lock(progress)?;
        self.remove_hosts(names)
    }

    /// Removes all hosts with their disks, and returns them.
    ///
    /// # Errors
    /// When one does not end, or its disk cannot be removed.
    pub fn down_all(&self, progress: &mut dyn FnMut(&str)) -> Result<Vec<HostName>> {
        let _lock = self.lock(progress)?;
        self.remove_hosts(&self.names()?)
    }

    /// Removes all hosts, the bases that no other sandbox uses, the keys and the addresses.
    ///
    /// # Errors
    /// When a host does not end, or something cannot be removed.
    pub fn purge(&self, progress: &mut dyn FnMut(&str)) -> Result<Vec<HostName>> {
        let _lock = self.lock(progress)?;
        let removed = self.remove_hosts(&self.names()?)?;
        self.bases().purge(progress)?;
        self.forget()?;
        Ok(removed)
    }

    /// Goes on after a host that cannot be removed, and then reports the first such.
    fn remove_hosts(&self, names: &[HostName]) -> Result<Vec<HostName>> {
        let mut removed = Vec::new();
        let mut failure = None;
        for name in names.iter().filter(|name| self.disk(name).is_dir()) {
            match self.remove_host(name) {
                Ok(()) => removed.push(name.clone()),
                Err(error) => failure = failure.or(Some(error.context(format!("cannot remove `{name}`")))),
            }
        }
        self.sweep()?;
        self.write_known_hosts()?;
        failure.map_or(Ok(removed), Err)
    }

    fn remove_host(&self, name: &HostName) -> Result<()> {
        self.machine(name)?.0.power_off()?;
        disk::destroy(&self.disk(name), name)
    }
}

/// The kernel's host names are shorter and stricter than an inventory's.
fn check_hostname(name: &HostName) -> Result<()> {
    let text = name.as_str();
    let label_is_valid = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    if text.len() > 63 || !text.split('.').all(label_is_valid) {
        bail!(
            "`{name}` cannot be the hostname of a sandbox host; use at most 63 characters, and no `-` or `.` at the \
             end of a word"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, valid: bool) {
        assert_eq!(check_hostname(&name.parse().unwrap()).is_ok(), valid, "{name}");
    }

    #[test]
    fn a_name_must_do_as_a_hostname() {
        check("web-01", true);
        check("web-01.example.com", true);
        check("web-", false);
        check("web..01", false);
        check("web.", false);
        check(&"x".repeat(63), true);
        check(&"x".repeat(64), false);
    }
}
