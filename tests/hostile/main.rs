//! Whoever is deployed, and whoever is visited, gains nothing: hostile tenants, repositories, requirements, clients and
//! hosts, on real sandbox hosts. After each trial nothing outside the allowed places has another owner, mode, content
//! or link, no canary is in any output, record or log, and nothing hung. `make hostile` makes every trial; the normal
//! tests make a sample, another one each day. `docs/threats.md` says what is promised.
//!
//! `PROVISION_HOSTILE=pipe:error-log` makes the trials whose names begin so; `PROVISION_HOSTILE_ROTATION=3` repeats the
//! choice of a run, `PROVISION_HOSTILE_ALL=1` makes all.

#[path = "../faults/inside.rs"]
#[allow(dead_code)]
mod inside;
#[path = "../support/real.rs"]
mod real;
use real::{host, inventory, lab, project, run, skip};

mod boxed;
mod canary;
mod endless;
mod hosts;
mod object;
mod operation;
mod repository;
mod requirement;
mod rotation;
mod snapshot;
mod tenant;
