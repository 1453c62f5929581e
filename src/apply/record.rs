//! What the host writes into its history about an attempt to change it.

use crate::plan::Plan;

/// Who changes a host, and why. The host adds when, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// User, machine and process.
    pub who: String,
    /// The inventory's file name.
    pub inventory: String,
    /// Digest of the inventory's text.
    pub digest: String,
    /// `up`, or `rollback to N`.
    pub goal: String,
}

impl Record {
    /// Lines of a key, a tabulator and a value.
    #[must_use]
    pub fn lines(&self, plan: &Plan) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: &str| {
            let plain: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            text.push_str(&format!("{key}\t{plain}\n"));
        };
        line("who", &self.who);
        line("inventory", &self.inventory);
        line("digest", &self.digest);
        line("version", env!("CARGO_PKG_VERSION"));
        line("goal", &self.goal);
        for change in &plan.changes {
            line("change", &change.operation.to_string());
        }
        text
    }
}
