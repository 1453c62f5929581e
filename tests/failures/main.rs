//! What goes wrong on real hosts: each failure is made on a sandbox host that serves a site, and the run that meets it
//! must say what is wrong and where the host stands, end with the right exit code, leave nothing half done, and let the
//! next run converge once the cause is gone. Prints one line a failure; `make failures` runs the long ones as well.

#[path = "../support/real.rs"]
mod real;
use real::{host, http, inventory, lab, project, run, skip};

mod app;
mod clock;
mod disk_full;
mod exec_start;
mod failure;
mod init_busy;
mod others;
mod packages;
mod port_taken;
mod probation;
mod read_only;
mod rehearsal;
mod short;
mod signals;
mod site;
mod stranger;
mod traffic;
mod two_runs;
