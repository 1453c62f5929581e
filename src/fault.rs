//! Why something did not work, as data: what kind of failure it is, what is wrong, and what to do about it.
//!
//! A [`Fault`] travels inside an [`anyhow::Error`], whose contexts say what was being done. `report` alone gives it a
//! shape.

use std::fmt;

use crate::diagnostic::Diagnostics;

/// What a failure means to whoever asked; it decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Something on this machine or on a host is not as it must be.
    #[default]
    Failed,
    /// The command line, the inventory or a template has a mistake.
    Misuse,
    /// A host cannot be reached.
    Unreachable,
    /// A host wanted more than it may cost, and is not listened to any more.
    Excess,
    /// The user asked for an end.
    Interrupted,
}

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fault {
    /// What it means to whoever asked.
    pub kind: Kind,
    /// What is wrong; lowercase, no final period. Empty where the mistakes say it.
    pub message: String,
    /// What to do about it, a phrase each.
    pub hints: Vec<String>,
    /// The mistakes of a text, each with its place.
    pub mistakes: Option<Box<Diagnostics>>,
}

impl Fault {
    /// Something is not as it must be.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self::of(Kind::Failed, message)
    }

    /// The command line, the inventory or a template has a mistake.
    #[must_use]
    pub fn misuse(message: impl Into<String>) -> Self {
        Self::of(Kind::Misuse, message)
    }

    /// A failure of that kind.
    #[must_use]
    pub fn of(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), ..Self::default() }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<Diagnostics> for Fault {
    fn from(mistakes: Diagnostics) -> Self {
        Self { kind: Kind::Misuse, mistakes: Some(Box::new(mistakes)), ..Self::default() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mistakes {
            Some(mistakes) => mistakes.fmt(f),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Fault {}

/// The fault behind an error, whatever contexts it has.
#[must_use]
pub fn behind(error: &anyhow::Error) -> Option<&Fault> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

/// What an error means to whoever asked.
#[must_use]
pub fn kind(error: &anyhow::Error) -> Kind {
    behind(error).map(|fault| fault.kind).unwrap_or_default()
}

/// What to do about an error, a phrase each.
#[must_use]
pub fn hints(error: &anyhow::Error) -> &[String] {
    behind(error).map(|fault| fault.hints.as_slice()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_say_what_was_done_and_hide_nothing() {
        let fault = Fault::of(Kind::Unreachable, "no route").hint("is it up?");
        let error = anyhow::Error::from(fault).context("asking").context("web-01");
        assert_eq!(format!("{error:#}"), "web-01: asking: no route");
        assert_eq!(kind(&error), Kind::Unreachable);
        assert_eq!(hints(&error), ["is it up?"]);
        assert_eq!(kind(&anyhow::anyhow!("else")), Kind::Failed);
    }
}
