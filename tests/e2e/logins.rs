//! Who logs in: users of any shell, with start-up files that get in the way, and those whom sudo asks or refuses.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::inventory::{APP, Inventory};
use super::project::Project;
use super::run::Run;
use crate::skip::shout;

/// What hosts of the sandbox have not, and what that needs.
const PACKAGES: [&str; 4] = ["csh", "tcsh", "libbsd0", "libmd0"];

/// Brings the shells of C to the host. Those of this machine's release, which may be another than the host's.
fn bring_shells(project: &Project) -> bool {
    let folder = project.path("packages");
    fs::create_dir(&folder).expect("a folder");
    let options = ["--quiet", "--quiet", "--option=APT::Sandbox::User=root", "download"];
    let loaded = Command::new("apt-get").args(options).args(PACKAGES).current_dir(&folder).status();
    if !loaded.is_ok_and(|status| status.success()) {
        return false;
    }
    for file in fs::read_dir(&folder).expect("a folder").flatten() {
        let (name, bytes) = (file.file_name(), fs::read(file.path()).expect("a package"));
        project.host().put(&format!("/root/{}", name.to_string_lossy()), &BASE64.encode(bytes));
    }
    let install =
        "cd /root; for file in *.deb; do base64 --decode \"$file\" >\"$file.new\"; mv \"$file.new\" \"$file\"; done
        dpkg --install *.deb >/dev/null 2>&1 && echo yes || echo no";
    project.host().bash(install) == "yes"
}

/// Checks as that user.
fn check_as(project: &Project, user: &str) -> Run {
    project.inventory(&inventory());
    project.edit("user: ubuntu", &format!("user: {user}"));
    project.check(&[])
}

fn inventory() -> Inventory {
    Inventory::default().app("blue", &format!("{APP}, bind: 0.0.0.0:5001"))
}

#[test]
fn whoever_logs_in_is_served_or_told_why_not() {
    let Some(mut project) = Project::open(&["logins-01"]) else { return };
    let mut shells = vec!["sh", "dash"];
    if bring_shells(&project) {
        shells.extend(["bsd-csh", "tcsh"]);
    } else {
        shout("no csh for this host by apt: only unit tests try the shells that are here");
    }
    project.host().bash(include_str!("scripts/logins.sh"));
    check_as(&project, "curious").exits(3).shows("something on the host read what was meant for").shows("~/.bashrc");
    project.environment("PROVISION_BECOME_PASSWORD", "correct horse");
    // A minute, meanwhile.
    project.write("hungry.yml", &inventory().text(project.host()).replace("user: ubuntu", "user: hungry"));
    let hung = project.start(&["check", "-i", "hungry.yml"]);
    any_shell_will_do(&project, &shells);
    start_up_files_get_in_the_way(&project);
    sudo_says_why(&mut project);
    a_changed_key_is_a_sentence(&project);
    hung.wait().exits(3).shows("the host started no command within 45 seconds").shows("hungry");
}

fn any_shell_will_do(project: &Project, shells: &[&str]) {
    for shell in shells {
        check_as(project, &format!("of-{shell}")).exits(2).shows("+ user blue");
    }
    let last = shells.last().expect("there are some");
    project.inventory(&inventory());
    project.edit("user: ubuntu", &format!("user: of-{last}"));
    project.up(&[]).exits(0);
    // Nobody needs sudo who is root.
    check_as(project, "root").exits(0);
}

fn start_up_files_get_in_the_way(project: &Project) {
    check_as(project, "noisy").exits(0);
    check_as(project, "closed").exits(3).shows("and said: This account is currently not available.");
}

fn sudo_says_why(project: &mut Project) {
    let tries = "journalctl --output cat _COMM=sudo | grep -c 'typist.*incorrect password attempt' || true";
    check_as(project, "typist").exits(0);
    assert_eq!(project.host().bash(tries), "0");
    project.host().bash("rm -rf /var/lib/sudo/lectured/* /run/sudo/ts/*");
    project.environment("PROVISION_BECOME_PASSWORD", "wrong");
    check_as(project, "typist").exits(3).shows("sudo does not accept the password").hides("lecture");
    assert_eq!(project.host().bash(tries), "1");
    let all = project.host().bash("journalctl --output cat _COMM=sudo | grep typist | tail -n 1");
    assert!(all.contains(" 1 incorrect password attempt"), "each try more can lock an account: {all}");
    project.forget("PROVISION_BECOME_PASSWORD");
    project.environment("PROVISION_BECOME_PASSWORD", "correct horse");
    check_as(project, "stranger").exits(3).shows("stranger is not in the sudoers file").hides("lecture");
    check_as(project, "seated").exits(3).shows("asks for a terminal").shows("!requiretty");
}

fn a_changed_key_is_a_sentence(project: &Project) {
    let key = project.path("another");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    assert!(made.is_ok_and(|status| status.success()), "ssh-keygen makes a key");
    let public = fs::read_to_string(key.with_extension("pub")).expect("its public half");
    project.write("another_known", &format!("{} {public}", project.host().address));
    project.inventory(&inventory());
    project.edit(&project.host().known_hosts(), "another_known");
    let run = project.check(&[]).exits(4).hides("@@@").hides("NASTY");
    run.shows("unreachable: the host's key has changed").shows("another_known -R ");
}
