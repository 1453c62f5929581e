//! The running side of a host: power on, wait until it is up, cut the power.

use std::fs::{self, File};
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::network::KernelNames;
use super::process::ProcessRecord;
use super::script::{ATTACH, BOOT, DETACH, WAIT, search_path};
use super::{SandboxHost, State};
use crate::model::HostName;

/// Many hosts may boot at once on a small machine.
const BOOT_TIMEOUT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// A host's machine: its disk, its names in the kernel, its place in the network.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) name: HostName,
    /// The host's directory in the state directory.
    pub(super) disk: PathBuf,
    pub(super) names: KernelNames,
    pub(super) address: Ipv4Addr,
    pub(super) controller: Ipv4Addr,
}

impl Machine {
    pub(super) fn state(&self) -> State {
        match self.process() {
            Some(process) if process.is_alive() => State::Running,
            _ => State::Stopped,
        }
    }

    fn process(&self) -> Option<ProcessRecord> {
        fs::read_to_string(self.disk.join("process")).ok().and_then(|text| ProcessRecord::from_text(&text))
    }

    /// Where the console's output goes.
    fn log(&self) -> PathBuf {
        self.disk.join("console.log")
    }

    /// Switches it on. `hosts` is how many this machine may come to carry; `groups` is what its systemd understands.
    pub(super) fn power_on(&self, base: &str, groups: &str, hosts: usize) -> Result<()> {
        // A power cut, a crash or a reboot of this machine may have left anything behind.
        self.power_off()?;
        let names = &self.names;
        let disk = self.disk.display().to_string();
        let controller = format!("{}/24", self.controller);
        let address = format!("{}/24", self.address);
        let instances = (128 + 8 * hosts).to_string();
        let (bridge, netns, veth) = (&names.bridge, &names.netns, &names.veth);
        ATTACH.run(&[base, &disk, bridge, &controller, netns, veth, &names.mac, &address, &instances])?;

        let log = File::create(self.log())?;
        let root = format!("{disk}/root");
        let boot = BOOT.command(&[&names.group, &root, &names.machine, self.name.as_str(), netns, groups]);
        let mut detached = crate::process::command("setsid");
        detached.arg(boot.get_program()).args(boot.get_args()).env("PATH", search_path()).current_dir("/");
        detached.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // `setsid` replaces itself, so the child is the very process that keeps the host alive.
        let child = detached.spawn().context("cannot start `setsid`; install `util-linux`")?;
        fs::write(self.disk.join("process"), ProcessRecord::of(child.id())?.to_text())?;
        Ok(())
    }

    /// Cuts the power and removes what the kernel knows of the host. The disk stays.
    pub(super) fn power_off(&self) -> Result<()> {
        if let Some(process) = self.process() {
            process.kill();
        }
        let names = &self.names;
        let disk = self.disk.display().to_string();
        DETACH.run(&[&disk, &names.bridge, &names.netns, &names.veth, &names.group, &names.machine])?;
        super::base::remove(&self.disk.join("process"))
    }

    /// Waits until sshd answers and the system has booted. Returns what to tell the user of it, if it came up
    /// incomplete.
    pub(super) fn wait_until_up(&self, host: &SandboxHost) -> Result<Option<String>> {
        let deadline = Instant::now() + BOOT_TIMEOUT;
        while !self.sshd_answers() {
            if self.state() == State::Stopped {
                bail!("`{}` ended while it booted{}", self.name, self.last_words());
            }
            if Instant::now() > deadline {
                bail!("`{}` did not start sshd in {} seconds{}", self.name, BOOT_TIMEOUT.as_secs(), self.last_words());
            }
            sleep(POLL);
        }
        // sshd answers before it lets anyone in: pam_nologin refuses users until the boot is nearly done.
        let mut output = self.ask(host)?;
        while !output.status.success() && Instant::now() < deadline && self.state() == State::Running {
            sleep(POLL);
            output = self.ask(host)?;
        }
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("cannot log in on `{}`: {}{}", self.name, errors.trim(), self.last_words());
        }
        let answer = String::from_utf8_lossy(&output.stdout);
        match answer.split_once('\n').unwrap_or((&answer, "")) {
            ("running", _) => Ok(None),
            ("degraded", failed) => Ok(Some(format!("`{}` is up without {}", self.name, failed.trim()))),
            (state, _) => bail!("`{}` does not finish booting: it is {state}{}", self.name, self.last_words()),
        }
    }

    fn ask(&self, host: &SandboxHost) -> Result<std::process::Output> {
        let mut ssh = host.ssh();
        ssh.args(["-o", "ConnectTimeout=10", "bash", "-s"]).stdin(Stdio::piped());
        ssh.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = ssh.spawn().context("cannot start `ssh`; install `openssh-client`")?;
        if let Some(mut stdin) = child.stdin.take() {
            // A refused login closes the pipe; its exit status tells that better.
            let _ = std::io::Write::write_all(&mut stdin, WAIT.text.as_bytes());
        }
        Ok(child.wait_with_output()?)
    }

    fn sshd_answers(&self) -> bool {
        let address = SocketAddr::from((self.address, 22));
        let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) else { return false };
        let mut greeting = [0; 4];
        let read =
            stream.set_read_timeout(Some(Duration::from_secs(1))).and_then(|()| stream.read_exact(&mut greeting));
        read.is_ok() && &greeting == b"SSH-"
    }

    /// The end of the console's output, for the end of an error.
    fn last_words(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let lines = text.lines().collect::<Vec<_>>();
        let last = lines[lines.len().saturating_sub(5)..].join("\n");
        format!("\nthe end of `{}`:\n{last}", self.log().display())
    }
}
