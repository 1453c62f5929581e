//! What hosts keep of what was wanted: back from JSON it makes the same plans, and nothing in it is taken on trust.

use std::path::Path;

use proptest::prelude::*;
use provision::desired::Desired;
use provision::generation::{from_json, to_json};
use provision::model::{EnvValue, Init, Install};
use provision::source::Pinned;

use crate::converge::some_target;
use crate::fixture::{after, bare, converged, desired, desired_on, plan, target};

fn stored(desired: &Desired) -> Desired {
    from_json(&to_json(desired)).expect("what was written can be read")
}

/// What is stored of `target()`, with `what` replaced.
#[track_caller]
fn check_refused(what: &str, instead: &str, words: &str) {
    let json = to_json(&desired(&target()));
    assert!(json.contains(what), "{what} in {json}");
    let error = from_json(&json.replace(what, instead)).expect_err("a refusal");
    assert!(format!("{error:#}").contains(words), "{error:#}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_was_stored_makes_the_same_plan(wanted in any::<u8>(), host in any::<u8>()) {
        let fresh = desired(&some_target(wanted));
        let stored = stored(&fresh);
        prop_assert_eq!(to_json(&stored), to_json(&fresh));
        // The host had it once, and went on to something else; its releases are still there.
        let then = converged(&some_target(wanted));
        let other = desired(&some_target(host));
        let mut now = after(&other, &plan(&other, &then).unwrap(), &then);
        now.releases = then.releases.clone();
        now.python.extend(then.python.clone());
        let back = plan(&stored, &now).unwrap();
        prop_assert_eq!(&back, &plan(&fresh, &now).unwrap());
        prop_assert!(plan(&stored, &after(&stored, &back, &now)).unwrap().in_sync());
    }
}

#[test]
fn jobs_of_upstart_are_stored_as_such() {
    let fresh = desired_on(&target(), Init::Upstart);
    let stored = stored(&fresh);
    assert_eq!((stored.init, &stored.services), (Init::Upstart, &fresh.services));
    let refusal = plan(&stored, &converged(&target())).expect_err("a refusal");
    assert!(refusal.message.contains("made for Upstart, and the host runs systemd now"), "{refusal}");
}

#[test]
fn what_may_not_be_shown_is_still_known() {
    let mut target = target();
    let secret = EnvValue { value: "s3cret".to_owned(), secret: true };
    target.apps[0].env.insert("PASSWORD".parse().unwrap(), secret);
    let fresh = desired(&target);
    let stored = stored(&fresh);
    assert!(stored.files == fresh.files, "the files differ");
    assert!(stored.files.iter().any(|file| file.secrets == ["s3cret"]), "the secret is not marked as one");
}

#[test]
fn a_release_that_the_host_has_no_more_is_refused() {
    let stored = stored(&desired(&target()));
    assert!(stored.apps.iter().all(|app| matches!(app.release.source, Pinned::OnHost(_))));
    let mut facts = converged(&target());
    facts.releases.get_mut("web").unwrap().clear();
    let refusal = plan(&stored, &facts).expect_err("a refusal");
    assert!(refusal.message.contains("release aaaaaaaaaaaa of app `web` is not complete"), "{refusal}");
    assert!(refusal.help.contains("keep_releases"), "{refusal}");
    assert!(plan(&stored, &bare()).is_err(), "a bare host has no release at all");
}

#[test]
fn dependencies_are_installed_again_for_a_release_that_is_there() {
    let mut target = target();
    target.apps[0].python.install = Install::Venv;
    let mut facts = converged(&target);
    facts.python.clear();
    let plan = plan(&stored(&desired(&target)), &facts).expect("no refusal");
    let changes: Vec<String> = plan.changes.iter().map(|change| change.operation.to_string()).collect();
    assert!(changes.contains(&"python dependencies of hello".to_owned()), "{changes:?}");
}

#[test]
fn another_format_is_refused_by_its_number() {
    check_refused("\"format\":1", "\"format\":2", "format 2, and this version of provision knows format 1");
    for text in ["", "{}", "[]", "{\"format\": \"one\"}"] {
        let error = from_json(text).expect_err("a refusal");
        assert!(error.to_string().contains("not JSON with a `format`"), "{error:#}");
    }
}

#[test]
fn no_name_path_or_mode_is_taken_on_trust() {
    check_refused("\"/srv/web\"", "\"/srv/../etc\"", "`..` part");
    check_refused("\"name\":\"web\"", "\"name\":\"web; reboot\"", "is not a valid");
    check_refused("\"mode\":\"0640\"", "\"mode\":\"rw\"", "is not a file mode");
    check_refused("\"id\":\"aaaaaaaaaaaa\"", "\"id\":\"../../etc\"", "does not name a release");
    check_refused("\"wsgi\":\"app:app\"", "\"wsgi\":\"app\"", "WSGI application");
    check_refused("\"restart\":\"", "\"restart\":\"x", "SHA-256");
    check_refused("\"replaces_welcome\"", "\"something_else\"", "something_else");
}

/// `PROVISION_UPDATE_SEEDS=1` writes it anew.
#[test]
fn the_seed_of_the_fuzz_targets_is_what_is_written_today() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/stored/wanted.json");
    let json = to_json(&desired(&target()));
    if std::env::var_os("PROVISION_UPDATE_SEEDS").is_some() {
        std::fs::write(&seed, &json).expect("the seed can be written");
    }
    assert_eq!(std::fs::read_to_string(seed).expect("the seed"), json);
}
