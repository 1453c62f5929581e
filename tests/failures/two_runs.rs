//! Two controllers that change one host at once, with one inventory and with different ones.

use super::inventory::Inventory;
use super::project::Project;
use super::run::Run;
use super::site::Site;

#[test]
fn of_two_runs_at_once_one_wins_and_the_other_knows_whose() {
    let Some(site) = Site::open("two-01") else { return };
    one_inventory(&site);
    another_inventory(&site);
    the_second_waits(&site);
    the_second_waits_with_another_inventory(&site);
    both_at_the_same_moment(&site);
}

fn one_inventory(site: &Site) {
    let failure = site.failure("two runs at once, one inventory");
    let running = failure.up_to("check that blue");
    let second = site.project.up(&[]);
    turned_away(&second, running.id());
    failure.told(&second, 6, &["a change is in progress there", "`--lock-wait 60s` waits for it"]);
    failure.either_may_answer();
    failure.go_on();
    running.wait().exits(0);
    failure.kept_serving_either();
    site.converged();
}

/// Who, from where, since when.
fn turned_away(run: &Run, process: u32) {
    let line = run.text.lines().find(|line| line.starts_with("error")).unwrap_or_default();
    for text in [&format!("process {process}"), " on ", ", since 20", " UTC"] {
        assert!(line.contains(text), "no `{text}` in: {line}");
    }
}

/// The same host with another header, and without a change of the app.
fn other(site: &Site, mark: &str) -> Inventory {
    let release = format!("headers: {{ X-Mark: {mark} }}, routes: {{ /: {{ app: blue }} }}");
    let _ = site;
    Site::usual().site("front", &release)
}

fn with_other<'a>(site: &'a Site, mark: &str) -> &'a Project {
    site.project.write("other.yml", &other(site, mark).text(site.host()));
    &site.project
}

fn another_inventory(site: &Site) {
    let failure = site.failure("two runs at once, different inventories");
    let running = failure.up_to("check that blue");
    let second = with_other(site, "m1").up(&["--inventory", "other.yml"]);
    turned_away(&second, running.id());
    failure.told(&second, 6, &["a change is in progress there"]);
    failure.either_may_answer();
    failure.go_on();
    running.wait().exits(0);
    assert_eq!(site.host().get("/").header("X-Mark"), None);
    failure.kept_serving_either();
    site.converged();
}

fn the_second_waits(site: &Site) {
    let failure = site.failure("the second run waits, one inventory");
    let running = failure.up_to("check that blue");
    let mut second = site.project.start(&["up", "--lock-wait", "60s"]);
    second.until_it_says("waiting: a change is in progress");
    failure.either_may_answer();
    failure.go_on();
    running.wait().exits(0);
    let second = second.wait();
    failure.told(&second, 0, &["changed=0"]);
    failure.kept_serving_either();
    site.converged();
}

/// It looks again, and makes what it wants of what the first one left.
fn the_second_waits_with_another_inventory(site: &Site) {
    let failure = site.failure("the second run waits, different inventories");
    let running = failure.up_to("check that blue");
    let mut second = with_other(site, "m2").start(&["up", "--lock-wait", "60s", "--inventory", "other.yml"]);
    second.until_it_says("waiting: a change is in progress");
    failure.either_may_answer();
    failure.go_on();
    running.wait().exits(0);
    let second = second.wait();
    failure.told(&second, 0, &["reload nginx.service", "changed="]);
    assert_eq!(site.host().get("/").header("X-Mark"), Some("m2"));
    site.project.check(&["--inventory", "other.yml"]).exits(0);
    failure.kept_serving_either();
    site.project.up(&[]).exits(0);
    site.converged();
}

fn both_at_the_same_moment(site: &Site) {
    for name in ["both runs start at the same moment", "and again", "and once more"] {
        let failure = site.failure(name);
        failure.either_may_answer();
        let runs = [site.project.start(&["up"]), with_other(site, "m3").start(&["up", "--inventory", "other.yml"])];
        let mut codes = vec![];
        for run in runs {
            let run = run.wait();
            failure.told(&run, run.code, &[]);
            codes.push(run.code);
        }
        codes.sort_unstable();
        assert!(codes == [0, 6] || codes == [0, 0], "{codes:?}");
        failure.kept_serving_either();
        site.project.up(&[]).exits(0);
        site.converged();
    }
}
