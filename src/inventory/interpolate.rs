//! Expressions in the tree: every scalar with `{{ … }}` becomes the text that it stands for on one host.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::node::{Entry, Node, Scalar, ScalarKind, Value};
use crate::diagnostic::{Diagnostic, Span, did_you_mean};
use crate::template::expression::{self, ExpressionError};

/// A tree with its expressions evaluated.
pub struct Interpolated {
    /// The tree; what has no value is unknown.
    pub node: Node,
    /// Each expression's value, by its place.
    pub evaluated: BTreeMap<Span, String>,
    /// Expressions without a value.
    pub mistakes: Vec<Diagnostic>,
}

impl Node {
    /// The tree with every expression replaced by its value.
    #[must_use]
    pub fn interpolated(&self, values: &Json) -> Interpolated {
        let mut mistakes = Vec::new();
        let mut evaluated = BTreeMap::new();
        let node = self.replaced(&mut |text, node| match expression::interpolate(text, values) {
            Ok(text) => {
                evaluated.insert(node.span, text.clone());
                Value::Scalar(Scalar { text, kind: ScalarKind::Text })
            }
            Err(error) => {
                mistakes.push(mistake(&error, node));
                Value::Unknown
            }
        });
        Interpolated { node, evaluated, mistakes }
    }

    /// The tree with every expression made unknown, so that the rest can be checked without a host.
    #[must_use]
    pub fn without_expressions(&self) -> Self {
        self.replaced(&mut |_, _| Value::Unknown)
    }

    fn replaced(&self, replace: &mut dyn FnMut(&str, &Self) -> Value) -> Self {
        let value = match &self.value {
            Value::Scalar(scalar) if expression::is_expression(&scalar.text) => replace(&scalar.text, self),
            Value::List(items) => Value::List(items.iter().map(|item| item.replaced(replace)).collect()),
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|entry| Entry { key: entry.key.clone(), value: entry.value.replaced(replace) })
                    .collect(),
            ),
            other => other.clone(),
        };
        Self { value, span: self.span }
    }
}

fn mistake(error: &ExpressionError, node: &Node) -> Diagnostic {
    let Some(undefined) = &error.undefined else {
        return Diagnostic::new(format!("the expression has no value: {}", error.message), node.span)
            .hint("write `{{ host.name }}`, `{{ vars.x }}` or any Tera expression");
    };
    let known = error.known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let known =
        if known.is_empty() { "nothing is defined there".to_owned() } else { format!("defined there: {known}") };
    let guess = did_you_mean(undefined, error.known.iter().map(String::as_str));
    let hint =
        guess.map_or_else(|| format!("{known}; define variables below `vars:`"), |guess| format!("{guess} {known}"));
    Diagnostic::new(error.message.clone(), node.span).hint(hint)
}
