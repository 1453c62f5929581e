//! The box where no systemd makes it, as a host with Upstart runs it: needs root, and a machine without systemd.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::skip::shout;

const BOX: &str = concat!(
    include_str!("../../src/apply/host/box/output.py"),
    include_str!("../../src/apply/host/box/inside.py"),
    include_str!("../../src/apply/host/box/unit.py"),
    include_str!("../../src/apply/host/box/kernel.py"),
    include_str!("../../src/apply/host/box/main.py"),
);

#[test]
fn a_box_has_as_many_open_files_as_the_job() {
    if !rustix::process::getuid().is_root() || Path::new("/run/systemd/system").exists() {
        shout("the box of the kernel alone needs root, and a machine without systemd");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let program = at("box.py", BOX);
    let files = |unit: &Path| {
        let mut python = Command::new("python3");
        python.args(["-I", "-S", "-B", "-W", "ignore"]).arg(&program).arg("--user=nobody").arg("--unit").arg(unit);
        let run = python.args(["--", "bash", "-c", "ulimit -Sn; ulimit -Hn"]).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    assert_eq!(files(&at("web.conf", "# limit nofile 1 1\nsetuid nobody\nlimit nofile 777 888\n")), "777\n888\n");
    let own = Command::new("bash").args(["-c", "ulimit -Sn; ulimit -Hn"]).output().unwrap();
    assert_eq!(files(&at("build.service", "[Service]\n")), String::from_utf8(own.stdout).unwrap());
}
