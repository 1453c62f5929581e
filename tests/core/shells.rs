//! The scripts of the hosts under every version of Bash that hosts have.

use std::process::Command;
use std::time::Duration;

use provision::apply::{self, Visitor};
use provision::generation::{HISTORY, Which, stored_script};
use provision::model::Init;
use provision::probe::Request;

use crate::bash::{OLD, bashes};
use crate::fixture::usual;

#[test]
fn each_version_is_the_one_that_it_is_called() {
    for program in bashes().iter().skip(1) {
        let said = Command::new(program).args(["-c", "echo ${BASH_VERSINFO[0]}.${BASH_VERSINFO[1]}"]).output().unwrap();
        let version = String::from_utf8(said.stdout).unwrap();
        assert!(OLD.contains(&version.trim()) && program.contains(version.trim()), "{program}: {version}");
    }
}

#[test]
fn every_version_can_read_every_script() {
    let app = "web".parse().unwrap();
    let wait = Duration::from_secs(1);
    for init in [Init::Systemd, Init::Upstart] {
        let visitor = Visitor { init, who: "it's me", wait, end_probation: None };
        let scripts = [
            apply::script(init, &usual(), &[], Some("here")),
            visitor.hand_over(5, 3, None),
            visitor.take_up(),
            apply::reload("it's me", wait, std::slice::from_ref(&app)),
            Request::default().script(),
            HISTORY.to_owned(),
            stored_script(Which::Number(3)),
        ];
        for (program, script) in bashes().iter().flat_map(|program| scripts.iter().map(move |script| (program, script)))
        {
            let read = Command::new(program).args(["-n", "-c", script]).output().unwrap();
            assert!(read.status.success(), "{program}: {}", String::from_utf8_lossy(&read.stderr));
        }
    }
}
