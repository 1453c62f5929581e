//! `sync_everything` of `journal.sh` as a host runs it: what an app has put in the place of its folders is passed
//! over.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::bash::bashes;

const SCRIPT: &str =
    concat!(include_str!("../../src/apply/host/lib.sh"), include_str!("../../src/apply/host/journal.sh"));

#[test]
fn nothing_but_folders_is_opened_when_disks_are_synced() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("logs")).unwrap();
    let _listener = UnixListener::bind(at("socket")).unwrap();
    symlink("loop", at("loop")).unwrap();
    symlink("/etc", at("etc")).unwrap();
    let touches: String =
        ["socket", "loop", "etc", "gone", "logs"].map(|name| format!("directory\t{}\n", at(name).display())).concat();
    fs::write(at("touches"), touches).unwrap();
    // Each path counts as a disk of its own, and only those of this test are really synced.
    let script = format!(
        "{SCRIPT}\nstate=$1 work=$1\nstat() {{ command stat \"${{@/\\%d/%i}}\"; }}\n\
         sync() {{ [[ $2 != \"$state\"/* ]] || {{ command sync \"$@\" && printf '%s\\n' \"${{2##*/}}\"; }}; }}\n\
         sync_everything\n"
    );
    for program in bashes() {
        let output = Command::new(&program).args(["-c", &script, "bash"]).arg(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {said}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "logs\n", "{program}: {said}");
    }
}
