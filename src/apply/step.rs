//! One step of a transaction as data: a function of `host/*.sh` with its words, and a title for people.

use crate::encode::shell;

/// One step of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does, for people.
    pub title: String,
    /// The function of `host/*.sh`, then its arguments.
    pub words: Vec<String>,
    /// What is live has begun to change by the time this step runs.
    pub live: bool,
}

impl Step {
    /// A step that calls `function` with `arguments`.
    pub fn new<A: AsRef<str>>(
        title: impl Into<String>,
        function: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let mut words = vec![function.to_owned()];
        words.extend(arguments.into_iter().map(|word| word.as_ref().to_owned()));
        Self { title: title.into(), words, live: false }
    }

    /// The line of the script that runs it.
    #[must_use]
    pub fn line(&self, number: usize) -> String {
        let words: Vec<String> = self.words.iter().map(|word| shell::quote(word)).collect();
        format!("step {number} {}\n", words.join(" "))
    }
}
