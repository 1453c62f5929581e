//! `provision` reads a YAML inventory, renders commented configuration and makes hosts match it over SSH:
//! one look, one plan, one transaction. `docs/architecture.md` shows the house on one page.

pub mod diagnostic;
pub mod encode;
pub mod model;
pub mod render;
pub mod template;
