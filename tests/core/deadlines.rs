//! What the transaction asks of systemd ends, whatever pid 1 or a service does.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bash::bashes;

const SCRIPT: &str =
    concat!(include_str!("../../src/apply/host/lib.sh"), include_str!("../../src/apply/host/evidence.sh"));
const SYSTEMD: &str = include_str!("../../src/apply/host/init/systemd.sh");
const UPSTART: &str = include_str!("../../src/apply/host/init/upstart.sh");

#[test]
fn a_service_manager_that_never_answers_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    // No host can be made to have a pid 1 that hangs for ever, and to be looked at all the same.
    for name in ["systemctl", "journalctl", "initctl"] {
        let program = folder.path().join(name);
        fs::write(&program, "#!/usr/bin/env bash\n# Hangs.\nexec sleep 600\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (init, call, words) in [
        (SYSTEMD, "state_of web.service", "systemctl show --property=LoadState,ActiveState -- web.service did not end"),
        (SYSTEMD, "restart_service web.service", "systemctl restart web.service did not end within 1 seconds"),
        (SYSTEMD, "reload_manager", "systemctl daemon-reload did not end within 1 seconds"),
        (SYSTEMD, "reload_other web.service", "systemctl --quiet is-active web.service did not end within 1 seconds"),
        (UPSTART, "restart_service web", "initctl stop web did not end within 1 seconds"),
        (UPSTART, "start_again web", "initctl start web did not end within 1 seconds"),
    ] {
        let script = format!(
            "{SCRIPT}\n{init}\nPATH=$1:$PATH answers_within=1 acts_within=1\n\
             timeout() {{ command timeout \"${{@/#30/1}}\"; }}\n{call}\n"
        );
        let began = Instant::now();
        let run = |program: &String| {
            let mut command = Command::new(program);
            command.args(["-c", &script, "bash"]).arg(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let runs: Vec<_> = bashes().iter().map(run).collect();
        for run in runs {
            let said = String::from_utf8(run.wait_with_output().unwrap().stderr).unwrap();
            assert!(said.contains(words), "{call}: {said}");
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{call}: {:?}", began.elapsed());
    }
}
