//! Values that stay out of the inventory: `{ from_env: NAME }`.

use super::decode::Decoder;
use super::node::Node;
use super::schema::Section;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::EnvName;

/// The value of the variable that `node`, a mapping with the keys of `section`, names; and where it is named.
pub fn from_env(node: &Node, section: &'static Section, decoder: &Decoder<'_>) -> Option<(String, Span)> {
    let fields = decoder.fields(node, section)?;
    let variable: EnvName = fields.required("from_env")?;
    let place = fields.place_of("from_env");
    match (decoder.inputs.environment)(variable.as_str()) {
        // A CI system gives an empty text for a secret that it does not have.
        Some(value) if value.is_empty() => {
            let mistake = Diagnostic::new(format!("`{variable}` is empty in your environment"), place);
            decoder.report(mistake.hint("set it, or write `\"\"` here if it is meant to be empty"))
        }
        Some(value) => Some((value, place)),
        None => {
            let mistake = Diagnostic::new(format!("`{variable}` is not set in your environment"), place);
            decoder.report(mistake.hint(format!("set it before the run: `export {variable}=…`")))
        }
    }
}
