//! Values that stay out of the inventory: `{ from_env: NAME }`.

use super::decode::Decoder;
use super::node::Node;
use super::schema::Section;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::EnvName;

/// A value of the controller's environment.
pub struct FromEnv {
    /// The variable.
    pub variable: EnvName,
    /// What it holds.
    pub value: String,
    /// Where it is named.
    pub place: Span,
}

/// What the variable holds that `node`, a mapping with the keys of `section`, names.
pub fn from_env(node: &Node, section: &'static Section, decoder: &Decoder<'_>) -> Option<FromEnv> {
    let fields = decoder.fields(node, section)?;
    let variable: EnvName = fields.required("from_env")?;
    let place = fields.place_of("from_env");
    match (decoder.inputs.environment)(variable.as_str()) {
        // A CI system gives an empty text for a secret that it does not have.
        Some(value) if value.is_empty() => {
            let mistake = Diagnostic::new(format!("`{variable}` is empty in your environment"), place);
            decoder.report(mistake.hint("set it, or write `\"\"` here if it is meant to be empty"))
        }
        Some(value) => Some(FromEnv { variable, value, place }),
        None => {
            let mistake = Diagnostic::new(format!("`{variable}` is not set in your environment"), place);
            decoder.report(mistake.hint(format!("set it before the run: `export {variable}=…`")))
        }
    }
}
