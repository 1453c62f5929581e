//! Whoever is deployed and whoever is visited gains nothing: hostile apps, repositories, requirements, hosts and clients on
//! sandbox hosts, and what may be seen of them afterwards. `make hostile` makes every trial; the normal tests make some, which
//! change from day to day.

// The e2e tests need more of these than are needed here.
#[path = "../e2e/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "../e2e/http.rs"]
#[allow(dead_code)]
mod http;
#[path = "../e2e/inventory.rs"]
#[allow(dead_code)]
mod inventory;
#[path = "../e2e/lab.rs"]
#[allow(dead_code)]
mod lab;
#[path = "../e2e/project.rs"]
#[allow(dead_code)]
mod project;
#[path = "../e2e/run.rs"]
#[allow(dead_code)]
mod run;
#[path = "../support/skip.rs"]
#[allow(dead_code)]
mod skip;

mod hosts;
