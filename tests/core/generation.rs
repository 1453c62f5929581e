//! What hosts keep of what was wanted: back from JSON it makes the same plans, nothing in it is taken on trust, and a
//! secret that is no longer in use comes from the environment or not at all.

use base64::Engine as _;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use proptest::prelude::*;
use provision::apply;
use provision::desired::Desired;
use provision::event::EventKind;
use provision::generation::{Kept, Stored, parse_stored};
use provision::model::{EnvValue, Init, Install, Pem, Secrecy, Target, Tls};
use provision::plan::Change;
use provision::report;
use provision::source::Pinned;

use crate::converge::some_target;
use crate::fixture::{after, bare, converged, desired, desired_on, desired_with, file_node, plan, target};
use crate::plan::motd;

const FIRST_FORMAT: &str = include_str!("../fixtures/stored/before-0.1.0/generations/1/desired.json");

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\nYQ==\n-----END PRIVATE KEY-----";

/// What a host answers that has kept that, as number 3.
pub fn answer(kept: &Kept) -> String {
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let secret = |(name, value): (&String, &String)| format!("secret\t{name}\t{}\n", encode(value));
    let secrets: String = kept.secrets.iter().map(secret).collect();
    format!("hello\ndesired\n{secrets}stored\t3\t{}\nend\n", encode(&kept.json))
}

fn read(json: &str) -> anyhow::Result<Stored> {
    let kept = Kept { json: json.to_owned(), secrets: [].into() };
    Ok(parse_stored(&answer(&kept))?.expect("something is stored"))
}

fn opened(kept: &Kept, environment: &[(&str, &str)]) -> anyhow::Result<Desired> {
    let stored = parse_stored(&answer(kept))?.expect("something is stored");
    let of = |name: &str| environment.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned());
    stored.open("web-01", &of)
}

fn stored(desired: &Desired) -> Desired {
    opened(&Kept::of(desired), &[]).expect("what was written can be read")
}

/// What is stored of `target()`, with `what` replaced.
#[track_caller]
fn check_refused(what: &str, instead: &str, words: &str) {
    let json = Kept::of(&desired(&target())).json;
    assert!(json.contains(what), "{what} in {json}");
    let error = read(&json.replace(what, instead)).expect_err("a refusal");
    assert!(format!("{error:#}").contains(words), "{error:#}");
}

/// `target()` with an app's password, and a site's key.
fn with_secrets(password: &str, key: &str) -> Target {
    let mut target = target();
    let secret = EnvValue { value: password.to_owned(), secret: Some("APP_PASSWORD".parse().unwrap()) };
    target.apps[0].env.insert("PASSWORD".parse().unwrap(), secret);
    target.sites[0].tls = Some(Tls {
        certificate: Pem::Path("/etc/ssl/site.pem".parse().unwrap()),
        key: Pem::Content { variable: "SITE_KEY".parse().unwrap(), text: key.to_owned() },
        listen: vec![provision::model::Listen::Port(443)],
        redirect: true,
        hsts: None,
        acme: None,
    });
    target
}

/// `kept` without the secret of that name.
fn without(mut kept: Kept, name: &str) -> Kept {
    assert!(kept.secrets.remove(name).is_some(), "{name} among {:?}", kept.secrets.keys());
    kept
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_was_stored_makes_the_same_plan(wanted in any::<u8>(), host in any::<u8>()) {
        let fresh = desired(&some_target(wanted));
        let stored = stored(&fresh);
        prop_assert_eq!(Kept::of(&stored).json, Kept::of(&fresh).json);
        prop_assert_eq!(&stored.services, &fresh.services);
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
fn secrets_are_kept_apart_and_come_back() {
    let password = "pa$s \"w\"\nord";
    let fresh = desired(&with_secrets(password, KEY));
    let kept = Kept::of(&fresh);
    for shape in ["pa$s", "pa\\\\$s", "bm90IGEga2V5", "YQ=="] {
        assert!(!kept.json.contains(shape), "{shape} in {}", kept.json);
    }
    assert_eq!(kept.secrets.keys().collect::<Vec<_>>(), ["APP_PASSWORD", "SITE_KEY"]);
    assert_eq!(kept.secrets["APP_PASSWORD"], password);
    let stored = stored(&fresh);
    assert!(stored.files == fresh.files, "the files differ");
    assert_eq!(stored.services, fresh.services);
    assert!(stored.files.iter().any(|file| file.secrets.iter().any(|secret| secret == "ord")), "what may not be shown");
}

#[test]
fn nothing_in_what_is_stored_follows_from_a_secret() {
    let json = |password, key: &str| Kept::of(&desired(&with_secrets(password, key))).json;
    assert_eq!(json("hunter2", KEY), json("another", &KEY.replace("bm90", "YmFk")), "a digest would help to guess it");
}

#[test]
fn a_secret_that_is_gone_comes_from_the_environment() {
    let kept = without(Kept::of(&desired(&with_secrets("then", KEY))), "APP_PASSWORD");
    let now = opened(&kept, &[("APP_PASSWORD", "no$w\n"), ("SITE_KEY", "what is kept comes first")]).unwrap();
    // As if the inventory had been rendered with it.
    let fresh = desired(&with_secrets("no$w\n", KEY));
    assert!(now.files == fresh.files, "the files differ");
    assert_eq!(now.services, fresh.services, "what services loaded follows from the value that is there");
    assert_eq!(Kept::of(&now).secrets["APP_PASSWORD"], "no$w\n");
    let kept = without(Kept::of(&fresh), "SITE_KEY");
    let key = KEY.replace("bm90", "YmFk");
    // Bag attributes, as `openssl pkcs12` prints them.
    let now = opened(&kept, &[("SITE_KEY", &format!("Bag Attributes\n{key}\n"))]).unwrap();
    let file = now.files.iter().find(|file| file.path.as_str().ends_with("/key.pem")).unwrap();
    assert!(file.content.ends_with(&format!("\n{key}\n")), "{}", file.content);
}

#[test]
fn what_is_missing_is_asked_for_by_its_name() {
    let kept = || without(Kept::of(&desired(&with_secrets("then", KEY))), "APP_PASSWORD");
    for environment in [&[][..], &[("PASSWORD", "x")], &[("APP_PASSWORD", "")]] {
        let error = report::error(&opened(&kept(), environment).expect_err("a refusal"));
        for words in [
            "generation 3 needs secrets",
            "`APP_PASSWORD` (for /etc/provision/hello/env)",
            "help: ",
            "`export APP_PASSWORD=…; provision rollback web-01 --to 3`",
        ] {
            assert!(error.contains(words), "{words} in {error}");
        }
        assert!(!error.contains("SITE_KEY"), "{error}");
    }
    let error = report::error(&opened(&without(kept(), "SITE_KEY"), &[]).expect_err("a refusal"));
    assert!(error.contains("/hello/env), `SITE_KEY` (for /etc/nginx/provision/airbnb/key.pem)"), "{error}");
    assert!(error.contains("`export APP_PASSWORD=…; export SITE_KEY=…; provision"), "{error}");
}

#[test]
fn a_value_that_a_file_cannot_hold_is_refused_without_being_shown() {
    let kept = Kept::of(&desired(&with_secrets("then", KEY)));
    let kept = without(without(kept, "APP_PASSWORD"), "SITE_KEY");
    for environment in
        [[("APP_PASSWORD", "hunter2\u{1}"), ("SITE_KEY", KEY)], [("APP_PASSWORD", "x"), ("SITE_KEY", "hunter2")]]
    {
        let error = report::error(&opened(&kept, &environment).expect_err("a refusal"));
        assert!(error.contains("generation 3 cannot be brought back: `") && error.contains("\n  = help: "), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

/// A template of the user's own may do anything with a secret.
#[test]
fn a_file_that_nobody_can_write_anew_is_kept_as_a_whole() {
    let mut fresh = desired(&with_secrets("hunter2", KEY));
    let env = fresh.files.iter_mut().find(|file| file.path.as_str() == "/etc/provision/hello/env").unwrap();
    env.secrecy = Secrecy::Whole;
    let kept = Kept::of(&fresh);
    assert!(!kept.json.contains("hunter2"));
    assert!(stored(&fresh).files == fresh.files, "the files differ");
    let name = kept.secrets.keys().find(|name| name.starts_with("file-")).expect("a file").clone();
    let error = opened(&without(kept, &name), &[("APP_PASSWORD", "hunter2")]).expect_err("a refusal");
    let error = report::error(&error);
    assert!(
        error.contains("secrets in /etc/provision/hello/env") && error.contains("run `provision up web-01`"),
        "{error}"
    );
}

#[test]
fn the_first_format_is_read_and_not_written_any_more() {
    let first = read(FIRST_FORMAT).unwrap().open("web-01", &|_| None).unwrap();
    let env = &first.files[0];
    assert!(env.content.contains("PASSWORD=\"s3cret\"\n") && env.secrets == ["s3cret"], "{}", env.content);
    assert!(first.services.iter().any(|service| service.name == "hello.service" && !service.restart_paths.is_empty()));
    let kept = Kept::of(&first);
    assert!(kept.json.starts_with("{\"format\":3,\n") && !kept.json.contains("s3cret"), "{}", kept.json);
    assert!(opened(&kept, &[]).unwrap().files == first.files, "the files differ");
    for (what, instead) in [("\"restart\":\"", "\"restart\":\"x"), ("\"mode\":\"0640\"", "\"mode\":\"rw\"")] {
        read(&FIRST_FORMAT.replace(what, instead)).expect_err("a refusal");
    }
}

#[test]
fn a_release_that_the_host_has_no_more_is_refused() {
    let stored = stored(&desired(&target()));
    assert!(stored.apps.iter().all(|app| matches!(app.release.source, Pinned::OnHost(_))));
    let mut facts = converged(&target());
    facts.releases.get_mut("web").unwrap().clear();
    let refusal = plan(&stored, &facts).expect_err("a refusal");
    assert!(refusal.message.contains("release aaaaaaaaaaaa of app `web` is not complete"), "{refusal}");
    assert!(refusal.hints[0].contains("keep_releases"), "{refusal}");
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
    check_refused("\"format\":3", "\"format\":4", "format 4, and this version of provision knows formats 1 to 3");
    for text in ["", "{}", "[]", "{\"format\": \"one\"}"] {
        let error = format!("{:#}", read(text).expect_err("a refusal"));
        assert!(error.contains("not JSON with a `format`"), "{error}");
    }
}

#[test]
fn what_was_stored_before_there_were_hashes_and_a_limit_is_still_read() {
    let json = Kept::of(&desired(&target())).json;
    let older =
        json.replace(r#","require_hashes":false"#, "").replace(r#""release_timeout":{"secs":600,"nanos":0},"#, "");
    assert!(
        older.len() < json.len() && !older.contains("require_hashes") && !older.contains("release_timeout"),
        "{older}"
    );
    let kept = Kept { json: older, secrets: [].into() };
    assert_eq!(Kept::of(&opened(&kept, &[]).expect("it can be read")).json, json);
}

#[test]
fn no_name_path_or_mode_is_taken_on_trust() {
    check_refused("\"/srv/web\"", "\"/srv/../etc\"", "`..` part");
    check_refused("\"name\":\"web\"", "\"name\":\"web; reboot\"", "is not a valid");
    check_refused("\"mode\":\"0640\"", "\"mode\":\"rw\"", "is not a file mode");
    check_refused("\"id\":\"aaaaaaaaaaaa\"", "\"id\":\"../../etc\"", "does not name a release");
    check_refused("\"wsgi\":\"app:app\"", "\"wsgi\":\"app\"", "WSGI application");
    check_refused("\"python\":\"", "\"python\":\"x", "SHA-256");
    check_refused("\"content\":[{\"text\":", "\"content\":[{\"code\":", "unknown variant `code`");
    check_refused("\"replaces_welcome\"", "\"something_else\"", "something_else");
}

/// Of texts that are not declared secret either: whoever wrote a template may have written a password into it.
#[test]
fn no_content_is_in_what_is_printed_for_programmers() {
    let canary = |text: &str| BTreeMap::from([("motd.tera".to_owned(), format!("canary {text}\n"))]);
    let mut wanted = with_secrets("hunter2", KEY);
    wanted.files.push(motd(vec![]));
    let fresh = desired_with(&canary("hunter1"), &wanted, Init::Systemd);
    let mut facts = converged(&with_secrets("hunter3", KEY));
    facts.nodes.insert("/etc/motd".to_owned(), file_node("canary hunter5"));
    let plan = plan(&fresh, &facts).unwrap();
    for content in ["hunter3", "hunter5"] {
        let before = |change: &Change| change.before.as_ref().is_some_and(|before| before.contains(content));
        assert!(plan.changes.iter().any(before), "{content}");
    }
    let apply::Transaction { steps, payload } = apply::transaction(&fresh, &plan, apply::Options::default());
    let stored = parse_stored(&answer(&Kept::of(&fresh))).unwrap();
    let secrecy: Vec<_> = fresh.files.iter().map(|file| &file.secrecy).collect();
    let event = EventKind::Planned(Rc::new(plan.clone()));
    let all = format!(
        "{fresh:?} {secrecy:?} {facts:?} {plan:?} {event:?} {steps:?} {payload:?} {stored:?} {:?}",
        with_secrets("hunter4", KEY)
    );
    for secret in ["hunter", "canary", "bm90"] {
        assert!(!all.contains(secret), "{all}");
    }
}

/// `PROVISION_UPDATE_SEEDS=1` writes it anew, for a format that has changed. What templates render in it may be older.
#[test]
fn the_seed_of_the_fuzz_targets_can_be_read() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/stored/wanted.json");
    if std::env::var_os("PROVISION_UPDATE_SEEDS").is_some() {
        std::fs::write(&seed, Kept::of(&desired(&target())).json).expect("the seed can be written");
    }
    let json = std::fs::read_to_string(seed).expect("the seed");
    opened(&Kept { json, secrets: [].into() }, &[]).expect("the seed is whole");
}
