//! Rendered files, as a user and the programs of a host read them.

mod directives;
mod encoded;
mod fixture;
mod snapshots;
mod tools;
