//! Boots real hosts and lives a life with them. Needs root and the programs that `docs/sandbox.md` lists; without them
//! it says that it was skipped. The first run builds the base, which takes about a minute and the internet.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking and explains itself on stderr"
)]

#[path = "support/skip.rs"]
#[allow(dead_code)]
mod skip;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use provision::model::HostName;
use provision::sandbox::{Options, Sandbox, SandboxHost, State};

/// A sandbox of its own on the bases that all share, gone when dropped, whatever the test comes to.
struct Lab {
    sandbox: Sandbox,
    directory: PathBuf,
}

impl Lab {
    /// `None`, loudly, where hosts cannot be booted.
    fn open(purpose: &str) -> Option<Self> {
        let directory = PathBuf::from(format!("/var/lib/provision-sandbox-test-{purpose}"));
        let bases = env::var_os("PROVISION_SANDBOX_BASES").unwrap_or_else(|| "/var/lib/provision-sandbox/bases".into());
        let usable = Sandbox::open_in(&directory, bases.into()).and_then(|sandbox| sandbox.check().map(|()| sandbox));
        match usable {
            Ok(sandbox) => Some(Self { sandbox, directory }),
            Err(error) => {
                skip::skip(&format!("{error:#}"));
                None
            }
        }
    }

    fn up(&self, names: &[HostName]) -> Vec<SandboxHost> {
        self.sandbox.up(names, &Options::default(), &mut |news| eprintln!("{news}")).unwrap()
    }

    fn state(&self, name: &HostName) -> State {
        self.sandbox.host(name).unwrap().state
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Err(error) = self.sandbox.down_all(&mut |_| {}) {
            eprintln!("left behind: {error:#}");
        }
        // Without hosts there are only keys left in it.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn names<const N: usize>(names: [&str; N]) -> [HostName; N] {
    names.map(|name| name.parse().unwrap())
}

/// What the remote command prints, without the final newline.
#[track_caller]
fn ask(host: &SandboxHost, command: &str) -> String {
    let output = host.ssh().arg(command).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{command}` on {}: {}\n{errors}", host.name, output.status);
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What the kernel still has of the sandbox: its network, its mounts, its processes.
fn kernel_objects(address: IpAddr, directory: &Path) -> String {
    let network = address.to_string().rsplit_once('.').unwrap().0.to_owned();
    let shell = format!(
        "ip -4 address | grep -F {network}.; grep -F {0}/ /proc/mounts; pgrep -af '[s]ystemd-nspawn.*{0}/'; true",
        directory.display()
    );
    let output = Command::new("bash").args(["-c", &shell]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn two_hosts_live_and_leave_nothing_behind() {
    let Some(lab) = Lab::open("life") else { return };
    let [first, second] = names(["sbx-01", "sbx-02"]);
    let hosts = lab.up(&[first.clone(), second.clone()]);
    let [host, other] = hosts.as_slice() else { panic!("two hosts were asked for: {hosts:?}") };
    assert_ne!(host.address, other.address);
    assert_eq!((host.state, other.state), (State::Running, State::Running));

    assert_eq!(
        ask(host, "hostname; whoami; sudo id -un; systemctl is-system-running"),
        "sbx-01\nubuntu\nroot\nrunning"
    );
    assert_eq!(ask(other, "hostname"), "sbx-02");
    let stranger = SandboxHost { address: other.address, known_hosts: "/dev/null".into(), ..host.clone() };
    assert!(!stranger.ssh().arg("true").status().unwrap().success(), "a host key was trusted that is not pinned");

    ask(host, "sudo apt-get update && sudo apt-get install -y nginx");
    assert_eq!(ask(host, "systemctl is-active nginx"), "active");
    ask(other, "sudo apt-get update && sudo apt-get install -y python3-venv");
    ask(other, "python3 -m venv app && app/bin/pip install flask gunicorn && app/bin/gunicorn --version");

    let boot = ask(host, "cat /proc/sys/kernel/random/boot_id");
    // The connection may end before the command does.
    let _ = host.ssh().arg("sudo reboot").output();
    until("the reboot", || {
        let output = host.ssh().arg("cat /proc/sys/kernel/random/boot_id").output().unwrap();
        output.status.success() && String::from_utf8_lossy(&output.stdout).trim_end() != boot
    });
    until("nginx after the reboot", || host.ssh().arg("systemctl is-active nginx").status().unwrap().success());

    assert_eq!(lab.up(std::slice::from_ref(&first)), std::slice::from_ref(host), "a running host is returned as it is");

    let _ = host.ssh().arg("sudo poweroff").output();
    until("the end of a host that was switched off", || lab.state(&first) == State::Stopped);
    lab.sandbox.stop(std::slice::from_ref(&second), &mut |_| {}).unwrap();
    assert_eq!(lab.state(&second), State::Stopped);
    let started = lab.sandbox.start(&[first.clone(), second.clone()], &mut |_| {}).unwrap();
    assert_eq!(started, hosts, "hosts come back with their addresses and keys");
    assert_eq!(ask(host, "systemctl is-active nginx"), "active", "the disk survives");

    assert_ne!(kernel_objects(host.address, &lab.directory), "");
    assert_eq!(lab.sandbox.down_all(&mut |_| {}).unwrap(), [first.clone(), second]);
    assert_eq!(kernel_objects(host.address, &lab.directory), "");
    assert_eq!(fs::read_dir(lab.directory.join("hosts")).unwrap().count(), 0);
    assert_eq!(lab.sandbox.down(&[first], &mut |_| {}).unwrap(), [], "what is down stays down");
}

#[test]
fn the_network_stays_for_a_host_whose_cable_is_out() {
    let Some(lab) = Lab::open("cable") else { return };
    let [first, second] = names(["sbx-01", "sbx-02"]);
    let hosts = lab.up(&[first.clone(), second]);
    let ports = bridge_ports(hosts[0].address);
    let [bridge, cable, _] = ports.as_slice() else { panic!("a bridge and two cables: {ports:?}") };
    ip(&["link", "set", cable, "nomaster"]);
    assert_eq!(bridge_ports(hosts[0].address).len(), 2);
    lab.sandbox.down(&[hosts[1].name.clone()], &mut |_| {}).unwrap();
    ip(&["link", "set", cable, "master", bridge, "up"]);
    until("the host behind its cable", || hosts[0].ssh().arg("true").status().unwrap().success());
    assert_eq!(lab.sandbox.down(std::slice::from_ref(&first), &mut |_| {}).unwrap(), [first]);
    assert_eq!(kernel_objects(hosts[0].address, &lab.directory), "");
}

/// The bridge of a host's network, and then its cables in the order of their hosts.
fn bridge_ports(host: IpAddr) -> Vec<String> {
    let network = host.to_string().rsplit_once('.').unwrap().0.to_owned();
    let shell = format!(
        "bridge=$(ip -4 -oneline address | grep -F ' {network}.' | cut -d ' ' -f 2); echo \"$bridge\"; \
        ls --sort=version \"/sys/class/net/$bridge/brif\""
    );
    let output = Command::new("bash").args(["-c", &shell]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(ToOwned::to_owned).collect()
}

fn ip(arguments: &[&str]) {
    assert!(Command::new("ip").args(arguments).status().unwrap().success(), "ip {}", arguments.join(" "));
}
