//! A host from the side of the machine that carries it: its files, processes and namespaces can be reached while its
//! network is cut, and without a login that would disturb it.

use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use provision::digest::Digest;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::host::{Host, until};

/// How the door's Bash begins; sudo and the login shell above it begin otherwise.
const DOOR: [&str; 3] = ["bash", "--norc", "-c"];
const DOOR_WORD: &str = "echo; echo provision-begins; IFS= read -r line; ";
const TRANSACTION: [&str; 2] = ["/bin/bash", "/var/lib/provision/transaction/run"];

/// The names that the sandbox gives to a host's parts.
#[derive(Debug, Clone)]
pub struct Inside {
    /// Where the host's root can be seen while it runs.
    pub root: PathBuf,
    /// Its network namespace.
    pub network: PathBuf,
    address: SocketAddr,
    cable: String,
    bridge: String,
}

/// A process of the host, by this machine's numbers.
#[derive(Debug, Clone)]
pub struct Process {
    pub id: i32,
    parent: i32,
    group: i32,
    /// Its number in the host.
    inner: i32,
    words: Vec<String>,
}

impl Inside {
    pub fn of(host: &Host) -> Self {
        let identity = PathBuf::from(host.identity());
        let directory = identity.parent().expect("the sandbox's folder");
        let digest = Digest::of(directory.as_os_str().as_encoded_bytes());
        let (key, address) = (digest.short(6), host.address.to_string());
        let index = address.rsplit('.').next().expect("an IPv4 address");
        Self {
            root: directory.join("hosts").join(host.name.as_str()).join("root"),
            network: Path::new("/run/netns").join(format!("provision-sandbox-{key}-{index}")),
            address: host.port(22),
            cable: format!("pvs{key}-{index}"),
            bridge: format!("pvs{key}"),
        }
    }

    /// A path of the host as this machine sees it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Lets a transaction go on that stands still.
    pub fn resume(&self) {
        fs::write(self.path("/var/lib/provision/resume"), "").expect("the file can be written");
    }

    /// What a disk may do to the journal of a host that is off: it is empty, ends in the middle, or has garbage there;
    /// or the copy of what was there before is empty.
    pub fn damage_journal(&self, which: usize) {
        let transaction = self.root.with_file_name("upper").join("var/lib/provision/transaction");
        let path = transaction.join(if which % 4 == 3 { "before" } else { "journal" });
        // Before the first step there is none, and none once it was put aside.
        let Ok(mut bytes) = fs::read(&path) else { return };
        let middle = bytes.len() / 2;
        match which % 4 {
            0 | 3 => bytes.clear(),
            1 => bytes.truncate(middle),
            _ => bytes[middle..].iter_mut().take(40).for_each(|byte| *byte = 0),
        }
        fs::write(&path, bytes).expect("it can be written");
    }

    /// Pulls the cable: packets go nowhere, and nobody is told.
    pub fn unplug(&self) {
        ip(&["link", "set", &self.cable, "nomaster"]);
    }

    /// Plugs it in again, and waits until this machine has found out.
    pub fn plug_in(&self) {
        ip(&["link", "set", &self.cable, "master", &self.bridge, "up"]);
        until("the host behind its cable", || TcpStream::connect(self.address).is_ok());
    }

    /// Runs Bash as root in the host, and returns what it prints; an error with all of its output if it fails.
    pub fn bash(&self, script: &str) -> Result<String, String> {
        let init = self.processes().into_iter().find(|process| process.inner == 1).ok_or("the host has no init")?;
        let mut command = Command::new("nsenter");
        command.args(["--all", "--target", &init.id.to_string(), "--", "/bin/bash", "-s"]);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("nsenter: {error}"))?;
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(script.as_bytes()).map_err(|error| error.to_string())?;
        drop(stdin);
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        if output.status.success() {
            return Ok(text);
        }
        Err(format!("in the host, {}: {text}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
    }

    /// The processes of the host.
    pub fn processes(&self) -> Vec<Process> {
        let Ok(network) = fs::metadata(&self.network).map(|metadata| metadata.ino()) else { return vec![] };
        let entries = fs::read_dir("/proc").expect("/proc").flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        numbers.filter_map(|id| process(id, network)).collect()
    }

    /// The Bash that runs the transaction: the main process of its unit.
    pub fn transaction(&self) -> Option<Process> {
        let processes = self.processes();
        let init = processes.iter().find(|process| process.inner == 1)?.id;
        processes.iter().find(|process| process.words == TRANSACTION && process.parent == init).cloned()
    }

    /// Kills the first program that a transaction starts from now on, or the subshell that would have started it. It
    /// may start none for a while, and then none dies.
    pub fn kill_next_child(&self, transaction: &Process) {
        let deadline = Instant::now() + Duration::from_secs(2);
        // What it stands still with, for the tests.
        let pause = ["sleep", "0.05"];
        while Instant::now() < deadline {
            let children = self.processes().into_iter().filter(|process| process.parent == transaction.id);
            if let Some(child) = children.into_iter().find(|child| child.words != pause) {
                return child.kill();
            }
        }
    }

    /// The Bash that handed it over and follows it.
    pub fn door(&self) -> Option<Process> {
        let processes = self.processes();
        let mut doors = processes.iter().filter(|process| process.is_door());
        doors.find(|door| !processes.iter().any(|other| other.id == door.parent && other.is_door())).cloned()
    }
}

impl Process {
    fn is_door(&self) -> bool {
        self.words.len() == 4 && self.words[..3] == DOOR && self.words[3].starts_with(DOOR_WORD)
    }

    /// Its command line.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    pub fn parent(&self) -> i32 {
        self.parent
    }

    pub fn kill(&self) {
        // It may have ended by itself meanwhile.
        let _ = kill_process(Pid::from_raw(self.id).expect("a process"), Signal::KILL);
    }

    pub fn kill_group(&self) {
        let _ = kill_process_group(Pid::from_raw(self.group).expect("a group"), Signal::KILL);
    }
}

/// The process of that number, if it is in that network and in a process namespace below this one.
fn process(id: i32, network: u64) -> Option<Process> {
    let namespace = fs::metadata(format!("/proc/{id}/ns/net")).ok()?;
    if namespace.ino() != network {
        return None;
    }
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let numbers: Vec<i32> = field("NSpid")?.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let inner = *numbers.get(1)?;
    // Fields count from behind the name in parentheses, which may hold anything.
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let words = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
    let words = words.split_terminator('\0').map(ToOwned::to_owned).collect();
    Some(Process { id, parent: fields.get(1)?.parse().ok()?, group: fields.get(2)?.parse().ok()?, inner, words })
}

fn ip(arguments: &[&str]) {
    let status = Command::new("ip").args(arguments).status().expect("`ip` runs");
    assert!(status.success(), "ip {}", arguments.join(" "));
}
