//! The name that an app or a site had before.

use std::str::FromStr;

use super::decode::{Decoder, Fields};
use super::node::{Name, Node, Value};
use crate::diagnostic::Diagnostic;
use crate::model::{NameError, UserName};

/// The user of an app that had that name; a mistake in it is reported elsewhere.
pub fn former_user(node: &Node) -> Option<UserName> {
    if let Value::Scalar(scalar) = &node.value { scalar.text.parse().ok() } else { None }
}

/// The name that an app or a site had before, which nobody has now.
pub fn renamed_from<T: FromStr<Err = NameError>>(
    kind: &str,
    fields: &Fields<'_>,
    taken: &[String],
    decoder: &Decoder<'_>,
) -> Option<Option<T>> {
    let Some(former) = fields.optional::<Name>("renamed_from")? else { return Some(None) };
    if taken.contains(&former.text) {
        let mistake = Diagnostic::new(format!("the {kind} `{}` is in the inventory", former.text), former.span);
        return decoder.report(mistake.hint("`renamed_from` has the name that it had before, which is free now"));
    }
    decoder.check(former.text.parse(), former.span).map(Some)
}
