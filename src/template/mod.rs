//! Template files: the built-in ones, and those beside the inventory that override them by name.
//! `{{ host.name }}` and `{{ vars.x }}` in inventory strings.
//! The one place that names `tera`: expressions in inventory strings, and template files.

pub mod engine;
pub mod error;
pub mod expression;

pub use engine::Engine;
pub use error::{Place, TemplateError};
