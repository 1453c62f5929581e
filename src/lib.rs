//! `provision` reads a YAML inventory, renders commented configuration and makes hosts match it over SSH:
//! one look, one plan, one transaction. `docs/architecture.md` shows the house on one page.

// Programs are started by `process` alone. Tests may.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

// The words.
pub mod diagnostic;
pub mod digest;
pub mod fault;
pub mod format;
pub mod model;
pub mod outside;
pub mod runtime;

// The pure stages, in the order in which data passes them.
pub mod inventory;
pub mod resolve;
pub mod platform;
pub mod template;
pub mod encode;
pub mod render;
pub mod health;
pub mod lint;
pub mod desired;
pub mod generation;
pub mod mask;
pub mod plan;

// The outside: one module for each thing.
pub mod process;
pub mod apply;
pub mod probe;
pub mod sandbox;
pub mod source;
pub mod ssh;
pub mod status;

// What happens, and what is shown of it.
pub mod event;
pub mod report;
pub mod run;
