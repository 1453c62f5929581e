//! One mistake in a text.

use std::fmt;

/// A range of bytes in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// How bad a mistake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Severity {
    /// It works, and somebody will regret it.
    Warning,
    /// It is refused, or does not do what it says.
    #[default]
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One mistake: what is wrong, where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong; lowercase, no final period, user values in backticks.
    pub message: String,
    /// Where.
    pub place: Span,
    /// A few words at the carets.
    pub label: Option<Box<str>>,
    /// Other places that explain the mistake, such as where a name was first defined.
    pub related: Vec<Related>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The rule that it breaks, if it has a name. Without one it is an error.
    pub rule: Option<Box<Broken>>,
    /// What stands at the place may be a secret: the source line is shown without it.
    pub secret: bool,
}

/// A rule with a name that somebody broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// How bad that is.
    pub severity: Severity,
    /// The rule's name.
    pub name: &'static str,
    /// What else is to be known, such as why there is this rule.
    pub notes: Vec<String>,
}

/// A place that explains a mistake elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Span,
    /// A few words at the place, such as "first defined here".
    pub label: String,
}

impl Diagnostic {
    /// A mistake at `place`.
    #[must_use]
    pub fn new(message: impl Into<String>, place: Span) -> Self {
        Self { message: message.into(), place, label: None, related: Vec::new(), hint: None, rule: None, secret: false }
    }

    /// Says which rule it breaks.
    #[must_use]
    pub fn breaks(mut self, rule: Broken) -> Self {
        self.rule = Some(Box::new(rule));
        self
    }

    /// Says that what stands there may be a secret.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Says a few words at the carets.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into().into_boxed_str());
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Points at another place too.
    #[must_use]
    pub fn related(mut self, place: Span, label: impl Into<String>) -> Self {
        self.related.push(Related { place, label: label.into() });
        self
    }
}
