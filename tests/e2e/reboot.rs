//! A host comes back by itself.

use std::time::Instant;

use super::host::until;
use super::lab::say;
use super::project::Project;
use super::{http, routes};

pub fn brings_everything_back(project: &Project) {
    let host = project.host();
    let begin = Instant::now();
    host.reboot();
    until("the site after a reboot", || http::get(host.port(80), "/").is_ok_and(|answer| answer.status == 200));
    routes::all_answer(project);
    say(&format!("reboot until every route answers: {:.1} s", begin.elapsed().as_secs_f64()));
    project.check(&["web-01"]).exits(0).shows("in sync");
}
