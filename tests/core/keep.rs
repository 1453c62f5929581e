//! `record_generation` of `clear.sh` as a host runs it, in a folder of this machine: what the live generation uses is
//! kept, and nothing else, wherever it is cut and done again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use provision::generation::Kept;
use tempfile::TempDir;

use crate::bash::bashes;
use crate::fixture::{desired, target};

const CLEAR: &str = include_str!("../../src/apply/host/clear.sh");
const KEPT: &str = include_str!("../../src/apply/host/kept.sh");
const GONE: &str = include_str!("../../src/apply/host/gone.py");
const FIRST_FORMAT: &str = include_str!("../fixtures/stored/before-0.1.0/generations/1/desired.json");

fn write(folder: &Path, path: &str, content: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A host on which number 5 is about to be the live generation.
fn host() -> TempDir {
    let state = TempDir::new().unwrap();
    let json = Kept::of(&desired(&target())).json;
    for (number, secrets) in
        [("1", &[("A", "old"), ("B", "same"), ("GONE", "x")][..]), ("2", &[("A", "new"), ("C", "then")]), ("4", &[])]
    {
        write(state.path(), &format!("generations/{number}/desired.json"), &json);
        for (name, value) in secrets {
            write(state.path(), &format!("generations/{number}/secrets/{name}"), value);
        }
    }
    write(state.path(), "generations/1/secrets/mask.json", "{}");
    // What another project has is its own.
    write(state.path(), "generations/6/record", "project\tshop\nresult\tcommitted\n");
    write(state.path(), "generations/6/secrets/SHOP", "its own");
    // As an earlier version kept it, with a secret and without one.
    write(state.path(), "generations/0/desired.json", FIRST_FORMAT);
    write(state.path(), "generations/3/desired.json", &FIRST_FORMAT.replace("[\"s3cret\"]", "[]"));
    write(state.path(), "generations/5/record", "goal\tup\n");
    std::os::unix::fs::symlink("generations/2", state.path().join("generation")).unwrap();
    for (path, content) in
        [("desired.json", json.as_str()), ("checks.json", "[]"), ("secrets/A", "new"), ("secrets/B", "same")]
    {
        write(state.path(), &format!("transaction/{path}"), content);
    }
    write(state.path(), "transaction/secrets/mask.json", "{\"texts\":[]}");
    state
}

/// Runs it, as far as `commands`; whether it came to its end.
fn record(state: &TempDir, commands: usize, removed: Option<&str>) -> bool {
    let script = format!(
        "{CLEAR}{KEPT}\nsync() {{ :; }}\nmake_room() {{ :; }}\n\
         run_python() {{ python3 -I -S \"$work/$1\" \"${{@:2}}\"; }}\n\
         set -Eeuo pipefail\nproject=default own=\nstate=$1 work=$1/transaction generation=5 left=$2\n\
         set -T\ntrap '((left--)) || exit 9' DEBUG\nrecord_generation ${{3-}}\ntrap - DEBUG\n"
    );
    // One after the other: the end is the same, whichever version was cut.
    let all = bashes();
    let mut bash = Command::new(&all[commands % all.len()]);
    let ended = bash.args(["-c", &script, "bash"]).arg(state.path()).arg(commands.to_string()).args(removed).output();
    let ended = ended.expect("bash runs");
    let code = ended.status.code();
    assert!(matches!(code, Some(0 | 9)), "{code:?}: {}", String::from_utf8_lossy(&ended.stderr));
    code == Some(0)
}

/// Every file of the generations, and what the link says.
fn kept(state: &TempDir) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut folders = vec![state.path().join("generations")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(state.path().join("generations")).unwrap().display().to_string();
                all.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    let live = fs::read_link(state.path().join("generation")).unwrap();
    all.insert("live".to_owned(), live.display().to_string());
    all
}

#[test]
fn only_what_is_in_use_is_kept_wherever_it_is_cut() {
    let state = host();
    assert!(record(&state, usize::MAX >> 1, None));
    let wanted = kept(&state);
    let secrets: Vec<&str> = wanted.keys().filter(|name| name.contains("/secrets/")).map(String::as_str).collect();
    assert_eq!(
        secrets,
        ["1/secrets/B", "2/secrets/A", "5/secrets/A", "5/secrets/B", "5/secrets/mask.json", "6/secrets/SHOP"],
        "what has another value now, or is wanted no more, is gone"
    );
    let readable: Vec<&str> = wanted.keys().filter(|name| name.ends_with("desired.json")).map(String::as_str).collect();
    assert_eq!(readable, ["1", "2", "3", "4", "5"].map(|number| format!("{number}/desired.json")));
    assert_eq!(wanted["live"], "generations/5");
    let mut commands = 0;
    loop {
        let state = host();
        let whole = record(&state, commands, None);
        let before = kept(&state);
        // What is live has its secrets at every moment.
        let live = before["live"].trim_start_matches("generations/");
        for name in if live == "2" { ["A", "C"] } else { ["A", "B"] } {
            assert!(
                before.contains_key(&format!("{live}/secrets/{name}")),
                "{live} lacks {name} after {commands} commands"
            );
        }
        assert!(record(&state, usize::MAX >> 1, None));
        assert_eq!(kept(&state), wanted, "cut after {commands} commands");
        if whole {
            break;
        }
        commands += 1;
    }
    assert!(commands > 20, "{commands} cuts");
}

/// The same host, on which the app `green` goes with this attempt, and with it a file that had the secret `C`. A is the
/// live generation's as well, with another value.
fn host_that_loses_an_app() -> TempDir {
    let state = host();
    let file = |path: &str, variable: &str| {
        format!(
            r#"{{"path":"{path}","content":[{{"text":"x="}},{{"secret":{{"variable":"{variable}","form":"pem"}}}}]}}"#
        )
    };
    let wanted = |files: &[String]| format!(r#"{{"format":3,"desired":{{"files":[{}]}}}}"#, files.join(","));
    let web = file("/etc/provision/web/env", "A");
    let green = [file("/etc/provision/green/env", "C"), file("/etc/green", "A"), file("/etc/odd", "../../owned")];
    let former = [std::slice::from_ref(&web), &green[..]].concat();
    write(state.path(), "generations/2/desired.json", &wanted(&former));
    write(state.path(), "generations/2/secrets/A", "rotated");
    write(state.path(), "generations/1/secrets/C", "then");
    write(state.path(), "generations/4/secrets/C", "another");
    // What no file had that went is nothing to bring back.
    write(state.path(), "generations/2/secrets/E", "dropped");
    write(state.path(), "transaction/desired.json", &wanted(&[web]));
    write(state.path(), "transaction/gone.py", GONE);
    write(state.path(), "transaction/owned.final", "kept\tgreen until=99\tdefault\nformat\t3\n");
    state
}

#[test]
fn the_secrets_of_a_removed_app_stay_until_it_is_kept_no_longer_wherever_that_is_cut() {
    let secrets = |state: &TempDir| -> Vec<String> {
        kept(state).into_keys().filter(|name| name.contains("/secrets/") && !name.starts_with('6')).collect()
    };
    let live = ["5/secrets/A", "5/secrets/B", "5/secrets/mask.json"];
    let with_green = [&["1/secrets/B", "1/secrets/C", "2/secrets/C"][..], &live].concat();
    let mut commands = 0;
    loop {
        let state = host_that_loses_an_app();
        let whole = record(&state, commands, Some("green"));
        assert!(record(&state, usize::MAX >> 1, Some("green")));
        assert_eq!(secrets(&state), with_green, "cut after {commands} commands");
        let green = state.path().join("kept/green");
        assert!(green.join("C").exists() && !green.join("A").exists(), "one that has another value now is gone");
        if !whole {
            // Each run starts Python twice; so every seventh cut is tried.
            commands += 7;
            continue;
        }
        // By the record that an attempt ends with.
        write(state.path(), "transaction/owned.final", "format\t3\n");
        assert!(record(&state, usize::MAX >> 1, None));
        assert_eq!(secrets(&state), [&["1/secrets/B"][..], &live].concat());
        assert!(!green.exists());
        break;
    }
    assert!(commands > 20, "{commands} cuts");
}
