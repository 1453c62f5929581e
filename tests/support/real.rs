//! What the suites on real hosts share with the end-to-end tests: hosts, projects, runs of the program, requests.

// Each suite needs some of it.
#![allow(dead_code)]

#[path = "../e2e/host.rs"]
pub mod host;
#[path = "../e2e/http.rs"]
pub mod http;
#[path = "../e2e/inventory.rs"]
pub mod inventory;
#[path = "../e2e/lab.rs"]
pub mod lab;
#[path = "numbers.rs"]
pub mod numbers;
#[path = "../e2e/project.rs"]
pub mod project;
#[path = "../e2e/run.rs"]
pub mod run;
#[path = "skip.rs"]
pub mod skip;
