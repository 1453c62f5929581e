//! An app that left the inventory is kept for a while: no drift, nobody else's, and gone with a later change.

use std::time::Duration;

use provision::apply::{Options, transaction};
use provision::desired::Desired;
use provision::model::Target;
use provision::plan::{Destroyed, Operation, Plan, purge};
use provision::probe::{Facts, Owned};

use crate::fixture::{after, app, converged, desired, plan, site, target};

const MONTH: u64 = 30 * 24 * 3600;

/// The target without the app `web`.
fn less() -> Target {
    let mut less = target();
    less.apps.truncate(1);
    less.sites = vec![site(&["hello"])];
    less
}

/// A host from which the app `web` was removed.
fn without_web() -> Facts {
    let facts = converged(&target());
    let desired = desired(&less());
    after(&desired, &plan(&desired, &facts).unwrap(), &facts)
}

fn titles(desired: &Desired, plan: &Plan) -> Vec<String> {
    let steps = transaction(desired, plan, Options::default()).steps;
    steps.into_iter().map(|step| step.title).collect()
}

fn record(desired: &Desired, plan: &Plan) -> String {
    transaction(desired, plan, Options::default()).payload.owned
}

#[test]
fn a_removed_app_is_kept_and_no_drift_even_when_its_time_is_up() {
    let mut facts = without_web();
    let until = facts.now as u64 + MONTH;
    let kept = Owned::Kept { app: "web".to_owned(), until };
    assert!(facts.owned.iter().any(|holding| holding.owned == kept), "{:?}", facts.owned);
    assert_eq!(facts.releases["web"].len(), 1);
    let unchanged = plan(&desired(&less()), &facts).unwrap();
    assert!(unchanged.in_sync() && unchanged.expired.is_empty(), "{:?}", unchanged.changes);
    facts.now = until as f64;
    assert!(plan(&desired(&less()), &facts).unwrap().in_sync());

    // A change of something else clears it away, and asks nobody.
    let mut changed = less();
    changed.apps[0].workers = Some(7);
    let desired = desired(&changed);
    let plan = plan(&desired, &facts).unwrap();
    assert_eq!(plan.destroyed, []);
    let titles = titles(&desired, &plan);
    for title in ["remove the releases of web", "remove /srv/web/releases", "remove /srv/web"] {
        assert!(titles.iter().any(|one| one == title), "no `{title}` in {titles:?}");
    }
    assert!(!record(&desired, &plan).contains("web\t"), "{}", record(&desired, &plan));
}

#[test]
fn an_app_that_comes_back_takes_up_what_is_kept_of_it() {
    let facts = without_web();
    let desired = desired(&target());
    let plan = plan(&desired, &facts).unwrap();
    let again = |operation: &Operation| {
        matches!(operation, Operation::AddRelease(..)) || operation.to_string().contains("directory /srv/web")
    };
    assert!(!plan.changes.iter().any(|change| again(&change.operation)), "{:?}", plan.changes);
    let owned = record(&desired, &plan);
    assert!(!owned.contains("kept") && owned.contains("directory\t/srv/web\t"), "{owned}");
}

#[test]
fn what_is_kept_is_no_other_projects() {
    let mut other = target();
    other.project = "shop".parse().unwrap();
    other.sites = vec![];
    other.apps = vec![app("web", 6000)];
    other.apps[0].user = "shop".parse().unwrap();
    let refusal = plan(&desired(&other), &without_web()).unwrap_err();
    assert!(refusal.message.contains("claims the app `web`"), "{refusal:?}");
}

#[test]
fn an_app_that_is_not_to_be_kept_goes_at_once() {
    let mut less = less();
    less.keep_removed = Duration::ZERO;
    let desired = desired(&less);
    let plan = plan(&desired, &converged(&target())).unwrap();
    assert!(titles(&desired, &plan).contains(&"remove the releases of web".to_owned()));
    assert!(!record(&desired, &plan).contains("kept"));
}

#[test]
fn a_purge_ends_what_is_kept_and_touches_nothing_else() {
    let mut facts = without_web();
    let live = desired(&less());
    // Drift of something else is not its business.
    facts.nodes.remove("/usr/local/bin/reload-hello");
    let plan = purge(&live, &facts, None).unwrap();
    assert_eq!(plan.destroyed, [Destroyed::App("web".parse().unwrap(), Duration::ZERO)]);
    let titles = titles(&live, &plan);
    assert!(titles.contains(&"remove the releases of web".to_owned()), "{titles:?}");
    assert!(!titles.iter().any(|title| title.contains("health") || title.contains("hello ")), "{titles:?}");
    assert_eq!(purge(&live, &facts, Some(&"web".parse().unwrap())).unwrap(), plan);
    let refusal = purge(&live, &facts, Some(&"hello".parse().unwrap())).unwrap_err();
    assert!(refusal.hints[0].contains("take it out"), "{refusal:?}");
    let facts = after(&live, &plan, &facts);
    assert!(purge(&live, &facts, None).unwrap().in_sync());
}

#[test]
fn a_renamed_app_goes_on_as_its_user_and_nobody_is_asked() {
    let mut renamed = less();
    renamed.apps.push(app("shop", 5001));
    renamed.apps[1].bind = target().apps[1].bind.clone();
    renamed.apps[1].user = "web".parse().unwrap();
    renamed.sites = vec![site(&["hello", "shop"])];
    renamed.sites[0].name = "market".parse().unwrap();
    let facts = converged(&target());
    assert_eq!(plan(&desired(&renamed), &facts).unwrap().destroyed.len(), 2, "an app and a site");
    renamed.apps[1].renamed_from = Some("web".parse().unwrap());
    renamed.sites[0].renamed_from = Some("airbnb".parse().unwrap());
    let desired = desired(&renamed);
    let plan_now = plan(&desired, &facts).unwrap();
    assert_eq!(plan_now.destroyed, []);
    let facts = after(&desired, &plan_now, &facts);
    assert!(plan(&desired, &facts).unwrap().in_sync(), "done, the key changes nothing");
    assert!(facts.owned.iter().any(|holding| matches!(&holding.owned, Owned::Kept { app, .. } if app == "web")));
}
