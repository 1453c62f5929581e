//! `remove_user` as a host runs it: a number is not given away while anything has it.

use std::fs;
use std::path::Path;
use std::process::Command;

use provision::plan::Operation;
use provision::probe::{Facts, Owned};
use tempfile::TempDir;

use crate::bash::bashes;
use crate::fixture::{after, app, converged, desired, held, plan, site, target};

const USERS: &str = include_str!("../../src/apply/host/users.sh");

/// Nobody here has that number.
const NOBODYS: u32 = 3_999_999_999;

/// Removes the user `green`, who has that number, on a host whose only file system is `disk`; what was said and done.
fn remove(program: &str, state: &Path, disk: &Path, uid: u32) -> String {
    let script = format!(
        "{USERS}\nset -Eeuo pipefail\nstate=$1/state work=$1 project=default disk=$2\n\
         is_user() {{ [[ ! -e $work/gone ]]; }}\nunless_killed() {{ \"$@\"; }}\n\
         end_processes_of() {{ :; }}\nid() {{ printf '%s\\n' {uid}; }}\n\
         own_file_systems() {{ printf '%s\\n' \"$disk\"; }}\n\
         userdel() {{ : >\"$work/gone\"; printf 'gone %s\\n' \"$1\"; }}\n\
         say() {{ printf 'said %s\\n' \"$*\"; }}\nremove_user green\n"
    );
    let output = Command::new(program).args(["-c", &script, "bash"]).arg(state).arg(disk).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_user_to_whom_something_belongs_stays_and_is_recorded_once() {
    for program in bashes() {
        let (state, disk) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let ours = rustix::process::getuid().as_raw();
        let folder = disk.path().to_str().unwrap();
        assert_eq!(remove(&program, state.path(), disk.path(), ours), format!("said reserved green {folder}\n"));
        // Done again, as after a cut, or by a later change: it is said once, and stands in the record once.
        assert_eq!(remove(&program, state.path(), disk.path(), ours), "");
        for record in ["owned.final", "owned.kept"] {
            let text = fs::read_to_string(state.path().join(record)).unwrap();
            assert_eq!(text, "reserved\tgreen\tdefault\n", "{program}");
        }
        // What was found is gone: the rest is searched again.
        assert_eq!(remove(&program, state.path(), disk.path(), NOBODYS), "gone green\n");
        assert!(!state.path().join("state/reserved/green").exists());
    }
}

/// A host with a user whose number is reserved.
fn reserving(name: &str) -> Facts {
    let mut facts = converged(&target());
    facts.users.insert(name.to_owned());
    facts.owned.push(held(Owned::Reserved(name.to_owned())));
    facts
}

#[test]
fn a_reserved_number_is_no_drift_and_each_change_looks_again() {
    let facts = reserving("green");
    let unchanged = plan(&desired(&target()), &facts).unwrap();
    assert!(unchanged.in_sync() && unchanged.destroyed.is_empty(), "{:?}", unchanged.changes);
    let mut changed = target();
    changed.apps[0].workers = Some(7);
    let desired = desired(&changed);
    let plan = plan(&desired, &facts).unwrap();
    assert_eq!(plan.reserved, ["green"]);
    let transaction = provision::apply::transaction(&desired, &plan, provision::apply::Options::default());
    let titles: Vec<&str> = transaction.steps.iter().map(|step| step.title.as_str()).collect();
    assert!(titles.contains(&"remove user green if nothing is its own"), "{titles:?}");
    // The host itself says whether it stays.
    assert!(!transaction.payload.owned.contains("reserved"), "{}", transaction.payload.owned);
}

#[test]
fn an_app_that_comes_back_has_its_user_again_and_another_project_has_not() {
    let facts = reserving("green");
    let mut back = target();
    back.apps.push(app("green", 5002));
    back.sites = vec![site(&["hello", "web", "green"])];
    let desired_back = desired(&back);
    let plan_back = plan(&desired_back, &facts).unwrap();
    let creates = |operation: &Operation| matches!(operation, Operation::CreateUser(_));
    assert!(!plan_back.changes.iter().any(|change| creates(&change.operation)));
    let facts_back = after(&desired_back, &plan_back, &facts);
    assert!(facts_back.owned.contains(&held(Owned::User("green".to_owned()))));
    assert!(!facts_back.owned.contains(&held(Owned::Reserved("green".to_owned()))));
    back.project = "shop".parse().unwrap();
    back.apps = vec![app("green", 5002)];
    back.sites.clear();
    let fault = plan(&desired(&back), &facts).expect_err("a refusal");
    assert!(fault.message.contains("claims the user `green`, which belongs to project `default`"), "{}", fault.message);
}
