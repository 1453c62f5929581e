//! One sandbox host as a test sees it: scripts run on it as root, its sites asked from outside.

use std::net::{IpAddr, SocketAddr};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{io::Write as _, thread};

use provision::model::HostName;
use provision::sandbox::SandboxHost;

use super::http::{self, Answer};

/// A booted host.
pub struct Host {
    /// Its name in the inventory, too.
    pub name: HostName,
    /// Where it can be reached from this machine.
    pub address: IpAddr,
    sandbox: SandboxHost,
}

impl Host {
    pub fn new(sandbox: SandboxHost) -> Self {
        Self { name: sandbox.name.clone(), address: sandbox.address, sandbox }
    }

    /// The private key that lets in.
    pub fn identity(&self) -> String {
        self.sandbox.identity.display().to_string()
    }

    /// The file that holds the host's public key.
    pub fn known_hosts(&self) -> String {
        self.sandbox.known_hosts.display().to_string()
    }

    /// This machine, as the host sees it.
    pub fn controller(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                IpAddr::from([a, b, c, 1])
            }
            IpAddr::V6(address) => panic!("sandbox hosts have IPv4 addresses: {address}"),
        }
    }

    /// Runs Bash as root and returns what it prints, without the final newline.
    #[track_caller]
    pub fn bash(&self, script: &str) -> String {
        self.bash_with(script, "")
    }

    /// The same with `arguments`, which the remote shell splits and expands.
    #[track_caller]
    pub fn bash_with(&self, script: &str, arguments: &str) -> String {
        let output = self.try_bash(script, arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "on {}: {}\n{script}\n{errors}", self.name, output.status);
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn try_bash(&self, script: &str, arguments: &str) -> Output {
        self.feed(&format!("sudo -n bash -s -- {arguments}"), script)
    }

    /// Runs Python as root.
    #[track_caller]
    pub fn python(&self, program: &str, arguments: &str) -> String {
        let output = self.feed(&format!("sudo -n python3 - {arguments}"), program);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "on {}: {}\n{errors}", self.name, output.status);
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs `command` with `input` on its standard input.
    fn feed(&self, command: &str, input: &str) -> Output {
        let (child, mut stdin) = self.spawn(command);
        // A login that is refused closes the pipe; its exit status tells that better.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("ssh can be waited for")
    }

    /// Writes `content` into a file of root's.
    pub fn put(&self, path: &str, content: &str) {
        let output = self.feed(&format!("sudo -n bash -c 'umask 077; cat >{path}'"), content);
        assert!(output.status.success(), "{path} cannot be written on {}", self.name);
    }

    /// Starts `command`, whose standard input stays open.
    pub fn spawn(&self, command: &str) -> (Child, ChildStdin) {
        let mut ssh: Command = self.sandbox.ssh();
        ssh.args(["-o", "ConnectTimeout=10"]).arg(command);
        let mut child = ssh
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("ssh can be started");
        let stdin = child.stdin.take().expect("it is piped");
        (child, stdin)
    }

    /// A port of the host, from outside.
    pub fn port(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.address, port)
    }

    /// Asks port 80 from outside.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.get_from(80, path)
    }

    /// Asks another port from outside.
    #[track_caller]
    pub fn get_from(&self, port: u16, path: &str) -> Answer {
        http::get(self.port(port), path).unwrap_or_else(|error| panic!("{}:{port}{path}: {error}", self.address))
    }

    /// The status and body that a request from the host itself to its port 80 gets.
    pub fn get_inside(&self, path: &str) -> (u16, String) {
        let text = self.python(include_str!("scripts/get.py"), &format!("'{path}'"));
        let (status, body) = text.split_once('\n').unwrap_or((&text, ""));
        (status.parse().expect("a status"), body.to_owned())
    }

    /// Reboots as its owner would, and waits until sshd lets in again.
    pub fn reboot(&self) {
        // systemd before 240 knows no `--wait`, and Upstart has runlevels.
        const BOOT: &str = "cat /proc/sys/kernel/random/boot_id
            if [ -d /run/systemd/system ]; then
                systemctl is-system-running --wait 2>/dev/null || systemctl is-system-running
            elif [ \"$(runlevel)\" = 'N 2' ]; then
                echo running
            fi";
        // systemd-nspawn gives each boot an id of its own.
        let boot = self.bash("cat /proc/sys/kernel/random/boot_id");
        let _ = self.feed("sudo -n reboot", "");
        until("the reboot", || {
            let output = self.feed(BOOT, "");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let mut lines = text.lines();
            lines.next().is_some_and(|id| id != boot) && matches!(lines.next(), Some("running" | "degraded"))
        });
    }
}

/// Waits for a condition, a minute at most.
#[track_caller]
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(50));
    }
}
