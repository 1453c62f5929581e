//! What of a plan somebody has to agree to: what destroys, and nothing else.

use provision::model::{Install, Target};
use provision::plan::{Destroyed, Loss};

use crate::fixture::{app, bare, converged, desired, plan, site, target, usual};

/// What a change of the inventory destroys on a host that matched it before.
#[track_caller]
fn check(change: impl Fn(&mut Target), expected: &[Destroyed]) {
    let mut changed = target();
    change(&mut changed);
    let plan = plan(&desired(&changed), &converged(&target())).unwrap();
    assert!(!plan.in_sync());
    assert_eq!(plan.destroyed, expected);
}

fn gone(name: &str) -> Destroyed {
    Destroyed::App(name.parse().unwrap(), target().keep_removed)
}

fn user(name: &str) -> Destroyed {
    Destroyed::User(name.to_owned())
}

#[test]
fn additions_code_and_settings_need_no_consent() {
    let first = plan(&desired(&target()), &bare()).unwrap();
    assert_eq!(first.destroyed, []);
    check(|target| target.apps.push(app("more", 5002)), &[]);
    check(|target| target.apps[0].workers = Some(7), &[]);
    check(|target| target.apps[0].python.install = Install::Venv, &[]);
    check(|target| target.sites[0].routes.truncate(1), &[]);
}

#[test]
fn what_goes_and_another_user_of_an_app_need_consent() {
    let without_web = |target: &mut Target| {
        target.apps.truncate(1);
        target.sites = vec![site(&["hello"])];
    };
    check(without_web, &[gone("web"), user("web")]);
    let everything = |target: &mut Target| (target.apps, target.sites) = (vec![], vec![]);
    let main = Destroyed::Site("airbnb".parse().unwrap());
    // The user that builds packages owns nothing.
    check(everything, &[gone("hello"), gone("web"), user("hello"), user("web"), main.clone()]);
    check(|target| target.sites.clear(), &[main]);
    let given =
        Destroyed::UserOf { app: "web".parse().unwrap(), from: "web".parse().unwrap(), to: "hello".parse().unwrap() };
    assert_eq!((given.kind(), gone("web").kind()), (Loss::User, Loss::Remove));
    check(|target| target.apps[1].user = "hello".parse().unwrap(), &[user("web"), given]);
}

/// What another project has is not lost with this one.
#[test]
fn what_another_project_has_is_not_destroyed() {
    let nothing = Target { apps: vec![], sites: vec![], project: "shop".parse().unwrap(), ..target() };
    assert_ne!(nothing.project, usual());
    let plan = plan(&desired(&nothing), &converged(&target())).unwrap();
    assert!(plan.in_sync() && plan.destroyed.is_empty(), "{:?}", plan.changes);
}
