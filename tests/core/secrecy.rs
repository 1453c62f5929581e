//! What `check --diff` shows of an environment whose template is the user's own.

use std::collections::BTreeMap;

use provision::model::{EnvValue, Init, Target};
use provision::report;

use crate::fixture::{after, bare, desired_with, plan, target};

const OLD: &str = "hunter-old";
const NEW: &str = "hunter-new";

/// Templates that say nothing of what is secret, the last two of which do more with a secret than write it.
const TEMPLATES: [&str; 4] = [
    "{% for variable in variables %}{{ variable.name }}={{ variable.value | env_file }}\n{% endfor %}",
    "{% for variable in variables %}# one more\n{{ variable.name }}={{ variable.value | env_file }}\n\n{% endfor %}",
    "{% for variable in variables %}URL_{{ variable.name }}=\"x://me:{{ variable.value }}@h\"\n{% endfor %}",
    "{% for variable in variables %}# {{ variable.value }}\n\
     {{ variable.name }}={{ variable.value | env_file }}\n{% endfor %}",
];

/// `target()`, whose first app has these variables; those that come from the environment name where.
fn with(variables: &[(&str, &str, Option<&str>)]) -> Target {
    let mut target = target();
    for (name, value, from) in variables {
        let value = EnvValue { value: (*value).to_owned(), secret: from.map(|from| from.parse().unwrap()) };
        target.apps[0].env.insert(name.parse().unwrap(), value);
    }
    target
}

/// What `check --diff` shows of a host that `before` was rendered for, with another template, and that is to be `now`.
fn diff(template: (&str, &str), before: &Target, now: &Target) -> String {
    let desired = |template: &str, target: &Target| {
        desired_with(&BTreeMap::from([("env.tera".to_owned(), template.to_owned())]), target, Init::Systemd)
    };
    let before = desired(template.0, before);
    let facts = after(&before, &plan(&before, &bare()).unwrap(), &bare());
    let plan = plan(&desired(template.1, now), &facts).unwrap();
    report::changes(&plan, "web-01  ", true)
}

#[test]
fn neither_an_old_secret_nor_a_new_one_is_shown_whatever_the_template_says() {
    let before = with(&[("PASSWORD", OLD, Some("APP_PASSWORD")), ("MODE", "test", None)]);
    let goals = [
        with(&[("PASSWORD", NEW, Some("APP_PASSWORD")), ("MODE", "test", None)]),
        with(&[("PASSWORD", "plain now", None), ("MODE", "test", None)]),
        with(&[("TOKEN", NEW, Some("APP_TOKEN")), ("MODE", "live", None)]),
        with(&[("MODE", "live", None)]),
    ];
    for old in TEMPLATES {
        for new in TEMPLATES {
            for now in &goals {
                let shown = diff((old, new), &before, now);
                assert!(shown.contains("/etc/provision/hello/env"), "{shown}");
                assert!(!shown.contains(OLD) && !shown.contains(NEW), "{old}{new}{shown}");
            }
        }
    }
}

#[test]
fn what_is_not_secret_is_shown() {
    let template = (TEMPLATES[0], TEMPLATES[0]);
    let before = with(&[("PASSWORD", OLD, Some("APP_PASSWORD")), ("MODE", "test", None)]);
    let now = with(&[("PASSWORD", NEW, Some("APP_PASSWORD")), ("MODE", "live", None)]);
    let shown = anstream::adapter::strip_str(&diff(template, &before, &now)).to_string();
    assert!(shown.contains(" PASSWORD=********\n-MODE=********\n+MODE=\"live\"\n"), "{shown}");
}
