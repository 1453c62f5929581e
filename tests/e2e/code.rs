//! Code of any size on its way to hosts: what it costs the controller, and what happens if it changes meanwhile.

use std::time::Duration;
use std::{fs, thread};

use super::inventory::{APP, ssh};
use super::lab::say;
use super::project::Project;

const MIB: usize = 1 << 20;

/// Code of one app, in MiB: files of which each alone is more than the controller may hold.
const FILES: usize = 2;
const SIZE: usize = 12;

/// What all of it may cost beside what a small app costs, in KiB.
const ROOM: u64 = 8 << 10;

#[test]
fn code_is_streamed_and_a_file_that_changes_meanwhile_stops_the_run() {
    let Some(project) = Project::open(&["code-01", "code-02"]) else { return };
    let hosts: Vec<_> =
        project.hosts().iter().map(|host| format!("{}: {{ address: {} }}", host.name, host.address)).collect();
    project.write(
        "inventory.yml",
        &format!(
            "version: 1\n{}\napps: {{ blue: {{ {APP}, bind: 0.0.0.0:5001 }} }}\ngroups: {{ both: {{ hosts: [code-01, \
             code-02], apps: [blue] }} }}\nhosts: {{ {} }}\n",
            ssh(project.host(), 0),
            hosts.join(", ")
        ),
    );
    let small = peak_of_up(&project);
    for file in 0..FILES {
        // Nothing that could be compressed.
        let mut state = file as u32 + 1;
        let noise = (0..SIZE * MIB).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        });
        fs::write(project.path(&format!("code/noise-{file}")), noise.collect::<Vec<_>>()).expect("a file");
    }
    let large = peak_of_up(&project);
    say(&format!("{} MiB of code on two hosts: {large} KiB at most, {small} KiB without", FILES * SIZE));
    assert!(large < small + ROOM, "{large} KiB, and {small} KiB for a small app");
    for host in project.hosts() {
        let last = FILES - 1;
        assert_eq!(host.bash(&format!("stat -c %s /srv/blue/current/noise-{last}")), (SIZE * MIB).to_string());
        host.get_from(5001, "/").says("blue runs release one");
    }

    // The last file changes while the host does not take the payload yet.
    project.code("two");
    let mut run = project.start(&["up", "code-01", "-v", "--pause", "door:locked"]);
    run.until_it_says("paused at");
    let changed = project.path(&format!("code/noise-{}", FILES - 1));
    let mut bytes = fs::read(&changed).expect("the file");
    bytes[SIZE * MIB - 1] ^= 1;
    fs::write(&changed, bytes).expect("the file");
    let host = project.host();
    host.bash(": >/var/lib/provision/resume");
    run.wait()
        .exits(3)
        .shows("noise-1` is no longer what it was when the app's folder was read")
        .shows("nothing was changed");
    host.bash("cd /var/lib/provision && test ! -e incoming && test ! -e transaction && test ! -e generations/3");
    host.get_from(5001, "/").says("blue runs release one");
    project.up(&["code-01"]).exits(0);
    host.get_from(5001, "/").says("blue runs release two");
}

/// The most memory, in KiB, that a run holds that ends well.
#[track_caller]
fn peak_of_up(project: &Project) -> u64 {
    let mut run = project.start(&["up"]);
    let mut most = 0;
    while run.runs() {
        most = run.peak().unwrap_or_default().max(most);
        thread::sleep(Duration::from_millis(10));
    }
    run.wait().exits(0);
    most
}
