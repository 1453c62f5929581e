//! The one place that names `tera`: expressions in inventory strings, and template files.

pub mod engine;
pub mod expression;
