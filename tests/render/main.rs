//! Rendered files, as a user and the programs of a host read them.

// A test that cannot go on says so by panicking, and one that skips says so out loud.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod across;
mod directives;
mod encoded;
mod fixture;
mod live;
mod plain;
mod requests;
mod sites;
#[path = "../support/skip.rs"]
mod skip;
mod snapshots;
mod tera_text;
mod tools;
