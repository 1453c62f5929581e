//! Texts.

use crate::inventory::decode::{Decode, Decoder, FromText};
use crate::inventory::node::{Name, Node};
use crate::model::NameError;

/// A text of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(pub String);

impl FromText for Line {
    const FORM: &'static str = "one line of text";

    fn from_text(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::new("the text is empty", "write a text, or remove the key"));
        }
        if text.chars().any(char::is_control) {
            return Err(NameError::new(
                "the text has a line break or control character",
                "write it as one line of plain text",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// One line that a program takes as an argument, and so must not take for an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument(pub String);

impl FromText for Argument {
    const FORM: &'static str = "one line of text that does not begin with `-`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let Line(text) = Line::from_text(text)?;
        if text.starts_with('-') {
            let message = format!("`{text}` begins with `-` and would be taken for an option");
            return Err(NameError::new(message, "write it without the leading `-`"));
        }
        Ok(Self(text))
    }
}

/// Any text without NUL bytes, which no environment or file name can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl FromText for Text {
    const FORM: &'static str = "a text";

    fn from_text(text: &str) -> Result<Self, NameError> {
        if text.contains('\0') {
            return Err(NameError::new("the text has a NUL byte", "remove it"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Decode for Name {
    fn decode(node: &Node, decoder: &Decoder<'_>) -> Option<Self> {
        let Text(text) = Decode::decode(node, decoder)?;
        Some(Self { text, span: node.span })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::decode::check_text as check;

    #[test]
    fn arguments_are_not_options() {
        check::<Argument>("flask>=2", Ok("Argument(\"flask>=2\")"));
        check::<Argument>(
            "-r x",
            Err("`-r x` begins with `-` and would be taken for an option; write it without the leading `-`"),
        );
        assert!(Argument::from_text("a\nb").is_err());
    }
}
