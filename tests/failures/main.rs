//! What goes wrong on real hosts: each failure is made on a sandbox host that serves a site, and the run that meets it
//! must say what is wrong and where the host stands, end with the right exit code, leave nothing half done, and let the
//! next run converge once the cause is gone. Prints one line a failure; `make failures` runs the long ones as well.

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

mod app;
mod clock;
mod disk_full;
mod exec_start;
mod failure;
mod init_busy;
mod packages;
mod port_taken;
mod read_only;
mod signals;
mod site;
mod stranger;
mod traffic;
mod two_runs;
