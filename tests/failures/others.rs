//! Somebody else acts in the middle of a switch: what runs has read new files before this run asked it to, and the way
//! back does not believe that nothing happened.

use super::host::until;
use super::http;
use super::inventory::{APP, Inventory};
use super::site::Site;

#[test]
fn what_others_reload_in_the_middle_goes_back_as_well() {
    let Some(site) = Site::open("others-01") else { return };
    with_mark(&site, "old");
    site.project.up(&[]).exits(0);
    let old = site.next_release();
    with_mark(&site, "new");

    let point = site.project.point("reload blue.service");
    let mut running = site.project.start(&["up", "--pause", &point]);
    running.until_it_says(&format!("paused at {point}"));
    // As whoever renews certificates does; and a worker that ends is replaced.
    site.host().bash("nginx -s reload; pid=$(systemctl show -P MainPID blue.service); kill $(pgrep -P \"$pid\")");
    until("the mark and the code that nobody was to see yet", || serves(&site, "new", &site.answer()));
    site.host().bash("kill -KILL $(systemctl show -P MainPID provision-transaction.service)");
    let run = running.wait().exits(7);

    assert!(serves(&site, "old", &old), "{}", run.text);
    // Not for a moment, either.
    for _ in 0..20 {
        assert!(serves(&site, "old", &old));
    }
    site.project.up(&[]).exits(0);
    site.converged();
    assert!(serves(&site, "new", &site.answer()));
}

fn with_mark(site: &Site, mark: &str) {
    let app = format!("{APP}, bind: 127.0.0.1:5001, workers: 1, health: {{ path: /, timeout: 5s }}");
    let front = format!("headers: {{ X-Mark: {mark} }}, routes: {{ /: {{ app: blue }} }}");
    site.inventory(&Inventory::default().app("blue", &app).site("front", &front));
}

fn serves(site: &Site, mark: &str, answer: &str) -> bool {
    let got = http::get(site.host().port(80), "/").expect("an answer");
    got.header("x-mark") == Some(mark) && got.body.contains(answer)
}
