//! What a host tells of its generations: read line by line, and shown.

use provision::generation::{Closed, Generation, HISTORY, History, Kept, WayBack, Which, parse_stored, stored_script};
use provision::model::Verdict;
use provision::report;

use crate::fixture::{desired, target, usual};
use crate::generation::answer;

/// Five attempts: one whose release is gone, one that can be gone back to, a refused one, the live one, and one at
/// work.
pub const REPORT: &str = include_str!("../fixtures/history/report.txt");

fn history() -> History {
    History::parse(REPORT).expect("a report")
}

fn generation(number: u32) -> Generation {
    history().generation(number).expect("a generation").clone()
}

fn gone(app: &str, release: &str) -> WayBack {
    WayBack::Closed(Closed::ReleaseGone { app: app.to_owned(), release: release.to_owned() })
}

#[track_caller]
fn check_way_back(number: u32, expected: &WayBack) {
    assert_eq!(history().way_back(&generation(number)), *expected);
}

#[test]
fn a_record_is_read_key_by_key() {
    let record = generation(3).record.expect("a record");
    assert_eq!((record.person(), record.verdict.as_ref()), ("bob on desk", Some(&Verdict::Refused)));
    assert_eq!((record.began, record.ended), (Some(1_763_820_200), Some(1_763_820_203)));
    assert_eq!(record.reason, "app `web` cannot be imported\nImportError: no module");
    assert_eq!(record.changes, ["release web bbbbbbbbbbbb", "reload web.service"]);
    assert_eq!(generation(5).record.expect("a record").verdict, None);
}

#[test]
fn only_what_was_live_and_is_whole_can_be_gone_back_to() {
    check_way_back(1, &gone("web", "cccccccccccc"));
    check_way_back(2, &WayBack::Open);
    check_way_back(3, &WayBack::Closed(Closed::NeverLive));
    check_way_back(4, &WayBack::Live);
    check_way_back(5, &WayBack::Closed(Closed::NeverLive));
    let without = REPORT.replace("stored\t", "record\t");
    let history = History::parse(&without).expect("a report");
    let back = history.way_back(history.generation(2).expect("a generation"));
    assert_eq!(back, WayBack::Closed(Closed::NotStored));
}

#[test]
fn releases_are_those_of_what_is_stored() {
    let json = Kept::of(&desired(&target())).json;
    let line = json.lines().nth(1).expect("a second line");
    let report = format!(
        "Welcome!\nhistory\nlive\t2\ngeneration\t1\nrecord\tresult\tcommitted\nstored\t{line}\n\
         complete\tweb\taaaaaaaaaaaa\nend\n"
    );
    let history = History::parse(&report).expect("a report");
    let back = history.way_back(&history.generations[0]);
    assert_eq!(back, gone("hello", "aaaaaaaaaaaa"));
}

#[track_caller]
fn check_refused(report: &str, words: &str) {
    let error = History::parse(report).expect_err("a refusal");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn a_history_that_cannot_be_trusted_is_refused() {
    check_refused("", "ends early");
    check_refused(REPORT.strip_suffix("end\n").expect("an end"), "ends early");
    check_refused("history\nnot-root\tdeploy\n", "`deploy` is not root");
    check_refused("history\nsurprise\t1\nend\n", "`surprise 1`");
    assert_eq!(History::parse("history\nend\n").expect("a report"), History::default());
}

#[test]
fn what_is_stored_arrives_with_its_number() {
    let stored = parse_stored(&answer(&Kept::of(&desired(&target())))).expect("an answer");
    assert_eq!(stored.expect("something stored").number, 3);
    assert!(parse_stored("desired\nend\n").expect("an answer").is_none());
    let secret = "aHVudGVyMg==";
    for wrong in [
        "".to_owned(),
        "desired\n".to_owned(),
        "desired\nstored\t7\t%%\nend\n".to_owned(),
        "desired\nstored\t7\te30K\nend\n".to_owned(),
        "desired\nsecret\tX\t%%\nend\n".to_owned(),
        format!("desired\nsecret\tX\tY\t{secret}\nend\n"),
    ] {
        let error = format!("{:#}", parse_stored(&wrong).expect_err("a refusal"));
        assert!(!error.contains(secret), "{error}");
    }
}

#[test]
fn scripts_that_look_back_write_nothing() {
    for script in [HISTORY, &stored_script(Which::Number(3)), &stored_script(Which::Live(&usual()))] {
        for line in script.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let harmless = line.replace("2>/dev/null", "");
            assert!(!harmless.contains('>') && !harmless.contains("<<"), "{line}");
        }
    }
    assert!(stored_script(Which::Number(3)).starts_with("wanted=generations/3\n"));
    assert!(stored_script(Which::Live(&usual())).starts_with("wanted=generation\n"));
}

#[test]
fn a_history_is_shown_in_short_and_in_full() {
    insta::assert_snapshot!(report::history(&history(), false));
    insta::assert_snapshot!(report::history(&history(), true));
    let json = report::history_json(&"web-01".parse().unwrap(), &history());
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!((&lines[3]["live"], &lines[1]["rollback"]), (&true.into(), &true.into()));
    assert_eq!(lines[0]["rollback_impossible"], "release cccccccccccc of web is gone");
}

#[track_caller]
fn check_choice(history: &History, to: Option<u32>, expected: Result<u32, [&str; 2]>) {
    match (history.choose(&usual(), to), expected) {
        (Ok(generation), Ok(number)) => assert_eq!(generation.number, number),
        (Err(error), Err(words)) => {
            let text = report::error(&error.into());
            assert!(words.iter().all(|words| text.contains(words)), "{words:?} in {text}");
        }
        (chosen, expected) => panic!("{chosen:?} instead of {expected:?}"),
    }
}

#[test]
fn a_rollback_goes_to_the_last_generation_that_was_live_before_or_to_the_one_that_is_named() {
    let history = history();
    check_choice(&history, None, Ok(2));
    check_choice(&history, Some(2), Ok(2));
    check_choice(&history, Some(4), Ok(4));
    let has = "generations 1 to 5, and can go back to 2";
    check_choice(&history, Some(1), Err(["release cccccccccccc of web is gone; `keep_releases` says", has]));
    check_choice(&history, Some(3), Err(["generation 3 was never live; its result is `refused`", has]));
    check_choice(&history, Some(5), Err(["generation 5 was never live; its result is `unfinished`", has]));
    check_choice(&history, Some(6), Err(["there is no generation 6", has]));
}

#[test]
fn without_an_earlier_generation_there_is_no_way_back() {
    let nothing = History::parse("history\nend\n").expect("a report");
    check_choice(&nothing, None, Err(["no generation is live", "provision has not changed this host yet"]));
    let first = History::parse("history\nlive\t1\ngeneration\t1\nrecord\tresult\tcommitted\nend\n").expect("a report");
    let has = "the host has generation 1, and can go back to none";
    check_choice(&first, None, Err(["no generation before 1, the live one, was ever live", has]));
}
