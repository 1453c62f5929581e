//! How a location of Nginx fits a request.

use super::read::Directive;

/// How a location is compared with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// By the beginning of the path.
    Prefix,
    /// As a whole.
    Exact,
    /// By a regular expression.
    Pattern,
    /// Not at all: others lead to it.
    Named,
}

/// How a location fits, and to what.
pub(super) fn location(block: &Directive) -> Option<(Fit, &str)> {
    if !block.is("location") {
        return None;
    }
    let (sign, path) = match block.arguments.as_slice() {
        [sign, path] => (sign.as_str(), path.as_str()),
        [path] => ["=", "~*", "~", "^~"]
            .into_iter()
            .find_map(|sign| path.strip_prefix(sign).map(|path| (sign, path)))
            .unwrap_or(("", path.as_str())),
        _ => return None,
    };
    match sign {
        "" if path.starts_with('@') => Some((Fit::Named, path)),
        "" | "^~" => Some((Fit::Prefix, path)),
        "=" => Some((Fit::Exact, path)),
        "~" | "~*" => Some((Fit::Pattern, path)),
        _ => None,
    }
}
