//! `provision` reads a YAML inventory, renders commented configuration and makes hosts match it over SSH:
//! one look, one plan, one transaction. `docs/architecture.md` shows the house on one page.

pub mod apply;
pub mod desired;
pub mod digest;
pub mod diagnostic;
pub mod encode;
pub mod plan;
pub mod probe;
pub mod render;
pub mod source;
pub mod ssh;
pub mod model;
pub mod sandbox;
pub mod template;
