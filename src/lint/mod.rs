//! Rules over rendered files: what a service would accept, or ignore in silence, and somebody would regret. Pure: the
//! files of one host and its versions go in, findings come out. Knows nothing of inventories, templates' sources or
//! terminals.
//!
//! Each language has a small reader that keeps line numbers and reads past what it does not understand; each group of
//! rules is a file with its texts, its examples and its check beside each other. `docs/lint.md` is made from the same
//! texts.

pub mod host;
pub mod rule;
pub mod source;

mod allow;
mod file;
mod found;
mod gather;
mod gunicorn;
mod lines;
mod logrotate;
mod nginx;
mod script;
mod systemd;
mod upstart;
mod versions;

pub use found::Finding;
pub use gather::{Gathered, gather};
pub use gunicorn::bound;
pub use host::Host;
pub use nginx::{Listener, Server, servers};
pub use rule::{Example, Rule, Severity};
pub use source::{Language, Source};

use found::Found;

/// The rules by group, in the order in which they are documented.
static GROUPS: [&[&Rule]; 8] = [
    file::RULES,
    allow::RULES,
    nginx::RULES,
    systemd::RULES,
    upstart::RULES,
    gunicorn::RULES,
    logrotate::RULES,
    script::RULES,
];

/// Every rule, grouped as they are documented.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().flat_map(|group| group.iter().copied())
}

/// The rule with this id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

/// A rule in Markdown, in lines of 100 columns, for people: what it finds, why, what to do, and an example of each
/// kind.
#[must_use]
pub fn document(rule: &Rule) -> String {
    let lines = textwrap::Options::new(100).word_splitter(textwrap::WordSplitter::NoHyphenation);
    let why = textwrap::fill(rule.why, &lines);
    let instead = textwrap::fill(&format!("**Instead:** {}", rule.remedy), lines);
    let mut text = format!("## {}\n**{}:** {}.\n\n{why}\n\n{instead}\n", rule.id, rule.severity, rule.title);
    for (heading, examples) in [("Found", rule.wrong), ("Accepted", rule.right)] {
        for example in examples {
            let mode = if example.mode == 0o644 { String::new() } else { format!(", mode {:04o}", example.mode) };
            // What cannot be seen would not be understood.
            let shown = example.text.replace('\t', "→   ").replace('\r', "␍").replace(" \n", "·\n");
            let (end, unended) =
                if shown.ends_with('\n') { ("", "") } else { ("\n", ", without a line break at the end") };
            text.push_str(&format!("\n{heading}, in `{}`{mode}{unended}:\n```\n{shown}{end}```\n", example.path));
        }
    }
    text
}

/// What is wrong in the files of one host, in the order of the files and of their lines.
#[must_use]
pub fn lint(sources: &[Source<'_>], host: &Host) -> Vec<Finding> {
    let mut found: Vec<Found<'_>> = sources.iter().map(Found::new).collect();
    for found in &mut found {
        file::check(found);
        script::check(found);
        logrotate::check(found);
    }
    nginx::check(&mut found, host);
    let services = systemd::check(&mut found, host);
    let jobs = upstart::check(&mut found);
    gunicorn::check(&mut found, host, &[services, jobs].concat());
    found.into_iter().flat_map(allow::settle).collect()
}
