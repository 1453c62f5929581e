//! `provision` on real hosts: every test boots sandbox hosts, runs the built program on them, and looks at the hosts
//! and their sites from outside. Needs root and what `docs/sandbox.md` lists; without them each test says that it was
//! skipped, and with `PROVISION_REQUIRE_E2E=1` that is a failure.

#[path = "../support/skip.rs"]
#[allow(dead_code)]
mod skip;

mod host;
mod http;
mod inventory;
mod lab;
mod processes;
mod project;
mod projects;
mod run;

mod airbnb;
mod bare;
mod clients;
mod code;
mod connections;
mod consent;
mod contention;
mod cut;
mod damaged;
mod drift;
mod fleet;
mod history;
mod idempotence;
mod interrupt;
mod logins;
mod matrix;
mod names;
mod reboot;
mod releases;
mod reload;
mod removal;
mod routes;
mod secrets;
mod slow;
mod sources;
mod undo;
mod unread;
