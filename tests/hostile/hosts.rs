//! One hostile host among honest ones: these converge, nothing hangs, no terminal is commanded, and the controller
//! stays small.

use std::fs;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::inventory::{APP, ssh};
use super::lab::say;
use super::project::Project;
use super::run::{Run, Running};

/// What the controller may take, whatever one of its hosts sends, in KiB.
const ROOM: u64 = 100 * 1024;

/// What each host may cost in time, beyond what the honest ones take: the limit of a look and some more.
const PATIENCE: Duration = Duration::from_secs(120 + 60);

/// How a host is hostile.
struct Manner {
    /// The function of `bash.py`.
    name: &'static str,
    /// What is said of the host; empty where it gets its way, which is to harm itself alone.
    words: &'static str,
    /// It takes a minute or more.
    slow: bool,
}

const fn manner(name: &'static str, words: &'static str) -> Manner {
    Manner { name, words, slow: false }
}

const MANNERS: [Manner; 11] = [
    manner("endless_line", "the host answered a line of more than 8 MiB"),
    manner("endless_lines", "the host answered more than 32768 lines"),
    manner("junk", "the host answered more than "),
    manner("complaints", "the host answered more than 16 MiB"),
    manner("bomb", ""),
    manner("costly", "a line that is not understood: `surprise`"),
    manner("escapes", ""),
    manner("forged", ""),
    manner("flood", "provision stopped listening to the host while the host was being changed"),
    Manner { name: "silence", words: "the host said nothing for 60 seconds", slow: true },
    Manner { name: "drip", words: "the host said nothing for 60 seconds", slow: true },
];

#[test]
fn a_hostile_host_among_honest_ones_harms_nobody() {
    const DAY: u64 = 24 * 60 * 60;
    let day = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set").as_secs() / DAY;
    let quick: Vec<&Manner> = MANNERS.iter().filter(|manner| !manner.slow).collect();
    let first = usize::try_from(day).expect("a small number") * 3;
    let some: Vec<&Manner> = (first..first + 3).map(|number| quick[number % quick.len()]).collect();
    trials("honest", 4, &some);
}

#[test]
#[ignore = "boots twenty hosts and takes minutes: make hostile"]
fn a_hostile_host_among_twenty_harms_nobody() {
    trials("many", 20, &MANNERS.iter().collect::<Vec<_>>());
}

/// Both tests may run at once, so each calls its hosts by a `name` of its own.
fn trials(name: &str, hosts: usize, manners: &[&Manner]) {
    let names: Vec<String> = (1..=hosts).map(|number| format!("{name}-{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Some(mut project) = Project::open(&names) else { return };
    // A pipe gets no colours, and so would lose what this is about.
    project.environment("NO_COLOR", "");
    project.environment("CLICOLOR_FORCE", "1");
    let fleet = Fleet { project };
    fleet.wants("0");
    let (run, peak) = fleet.up();
    run.exits(0);
    say(&format!("hostile hosts: {hosts} honest ones, controller at most {} MiB", peak / 1024));
    let hostile = &fleet.project.hosts()[hosts - 1];
    hostile.put("/usr/local/sbin/bash", include_str!("scripts/bash.py"));
    hostile.bash("chmod 0755 /usr/local/sbin/bash");
    for (number, manner) in manners.iter().enumerate() {
        fleet.wants(&format!("{}", number + 1));
        fleet.trial(manner);
    }
    fleet.project.hosts()[hosts - 1].bash("rm /usr/local/sbin/bash");
    let (run, _) = fleet.up();
    run.exits(0);
    say(&format!("hostile hosts: {} trials, 0 harmed, 0 hung", manners.len()));
}

struct Fleet {
    project: Project,
}

impl Fleet {
    /// Makes every host want something else than it has.
    fn wants(&self, mark: &str) {
        let hosts = self.project.hosts();
        // So many hosts on a machine of two processors let nobody in at once.
        let ssh = ssh(&hosts[0], 0).replace("connect_timeout: 3s", "connect_timeout: 60s");
        let mut text = format!("version: 1\n{ssh}\n");
        text.push_str(&format!("apps:\n  web: {{ {APP}, bind: 127.0.0.1:5001 }}\n"));
        text.push_str(&format!(
            "sites:\n  front: {{ headers: {{ X-Mark: m{mark} }}, routes: {{ /: {{ app: web }} }} }}\nhosts:\n"
        ));
        for host in hosts {
            let (name, address) = (&host.name, host.address);
            text.push_str(&format!("  {name}: {{ address: {address}, apps: [web], sites: [front] }}\n"));
        }
        self.project.write("inventory.yml", &text);
    }

    fn up(&self) -> (Run, u64) {
        let running = self.project.start(&["up", "--forks", "10"]);
        let watch = watch(&running);
        let run = running.wait();
        (run, watch.join().expect("the memory can be watched"))
    }

    fn trial(&self, manner: &Manner) {
        let hosts = self.project.hosts();
        let (hostile, honest) = hosts.split_last().expect("hosts");
        hostile.bash(&format!("echo {} >/run/hostile", manner.name));
        let (run, peak) = self.up();
        let name = manner.name;
        say(&format!(
            "hostile hosts: {name:13} {:5.1} s, controller at most {} MiB",
            run.took.as_secs_f64(),
            peak / 1024
        ));
        let plain = anstream::adapter::strip_str(&run.text).to_string();
        for host in honest {
            // Its line in the recap.
            let changed = |line: &str| line.starts_with(host.name.as_str()) && line.contains("  changed      ok=");
            assert!(plain.lines().any(changed), "{name}: {}:\n{}", host.name, short(&run.text));
        }
        assert!(peak < ROOM, "{name}: {peak} KiB");
        assert!(run.took < PATIENCE, "{name}: {:?}", run.took);
        // Colours of ours are sequences that end with `m`.
        for command in ["\x1b]", "\x1b[2J", "\u{7}", "\u{9b}", "\u{202e}"] {
            assert!(!run.text.contains(command), "{name}: {command:?} reaches the terminal:\n{:?}", short(&run.text));
        }
        assert!(run.text.contains(manner.words), "{name}: `{}` is not said:\n{}", manner.words, short(&run.text));
        if !manner.words.is_empty() {
            run.exits(3);
        }
    }
}

/// The most memory that a process ever had, in KiB, as long as it runs.
fn watch(running: &Running) -> thread::JoinHandle<u64> {
    let status = format!("/proc/{}/status", running.id());
    thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            // One that has ended and not been waited for has no memory.
            let Some(size) = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()) else { break };
            peak = size.max(peak);
            thread::sleep(Duration::from_millis(5));
        }
        peak
    })
}

/// The end of a long text, where the recap is.
fn short(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
