//! Every rule finds fault with its wrong example and not with its right one.

use std::collections::BTreeSet;

use provision::lint::{Example, Host, rule, rules};

use crate::{Text, findings};

fn ids(examples: &[Example], host: &Host) -> BTreeSet<&'static str> {
    let texts: Vec<Text<'_>> = examples.iter().map(|one| (one.path, one.mode, one.text)).collect();
    findings(&texts, host).iter().map(|finding| finding.rule.id).collect()
}

#[test]
fn every_rule_has_an_example_that_it_finds_and_one_that_it_accepts() {
    let mut wrong = vec![];
    for rule in rules() {
        for host in [Host::default(), Host::XENIAL] {
            if !ids(rule.wrong, &host).contains(rule.id) {
                wrong.push(format!("{} does not find its wrong example", rule.id));
            }
            let found = ids(rule.right, &host);
            if rule.right.is_empty() || found.contains(rule.id) {
                wrong.push(format!("{} does not accept its right example", rule.id));
            }
            // The right example is right, apart from what an excerpt leaves out.
            let left: Vec<_> = found
                .iter()
                .filter(|id| {
                    !id.starts_with("file/") && **id != "nginx/version-disclosure" && **id != "upstart/kill-timeout"
                })
                .collect();
            if !left.is_empty() {
                wrong.push(format!("the right example of {} has {left:?}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ids_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for one in rules() {
        let (group, name) = one.id.split_once('/').unwrap();
        let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(word(group) && word(name), "{}", one.id);
        assert!(seen.insert(one.id), "{} is there twice", one.id);
        assert_eq!(rule(one.id).unwrap().id, one.id);
        let sentence = |text: &str| text.ends_with(['.', '`']) && !text.contains("  ");
        assert!(sentence(one.why) && sentence(one.remedy), "{}", one.id);
        assert!(!one.title.ends_with('.') && !one.title.is_empty(), "{}", one.id);
    }
}
