//! The core with no host: facts from reports, plans from facts, steps from plans, and the programs that travel.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod admit;
mod apply;
#[path = "../support/bash.rs"]
mod bash;
mod boxed;
mod calls;
mod consent;
mod converge;
mod damaged;
mod deadlines;
mod disks;
mod fixture;
mod follow;
mod generation;
mod health;
mod history;
mod journal;
mod keep;
mod kept;
mod logs;
mod mask;
mod numbers;
mod plan;
mod probation;
mod rehearsal;
mod probe;
mod projects;
#[path = "../support/skip.rs"]
mod skip;
mod runtime;
mod said;
mod secrecy;
mod shells;
mod sockets;
mod status;
mod stay;
mod stored;
mod tls;
mod users;
mod watch;
