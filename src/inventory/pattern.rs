//! Which hosts a command is for: `web`, `web-*`, `web:&eu`, `all:!web-03`, `web-[01:10]`, `@hosts.txt`.
//!
//! Terms stand in a row, parted by `,`, `:` or blanks between arguments. Plain terms add hosts, `&` terms keep only
//! theirs, and `!` terms take theirs away, in this order however they are written. Without a plain term all hosts are
//! meant.

use globset::GlobBuilder;
use indexmap::{IndexMap, IndexSet};

use super::range;
use crate::diagnostic::did_you_mean;
use crate::fault::Fault;
use crate::model::{GroupName, HostName};

/// The names that patterns can speak of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// All hosts, in the order of the inventory.
    pub hosts: Vec<HostName>,
    /// The hosts of each group, those of its children included.
    pub groups: IndexMap<GroupName, Vec<HostName>>,
}

/// Why patterns select nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// What is wrong; lowercase, no final period.
    pub message: String,
    /// What to do about it.
    pub hint: Hint,
}

/// What to do about patterns that select nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// A name of the inventory was misspelt, most likely; a question to the user.
    Misspelt(String),
    /// Anything else, as a phrase.
    Other(String),
}

impl From<PatternError> for Fault {
    fn from(PatternError { message, hint }: PatternError) -> Self {
        let (Hint::Misspelt(hint) | Hint::Other(hint)) = hint;
        Self::misuse(message).hint(hint)
    }
}

/// Yields the text of a pattern file.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<String, String>;

impl Roster {
    /// The hosts that `patterns` mean, of those that `limit` means, in the order of the inventory.
    ///
    /// # Errors
    /// When a name is not known, the file of a pattern cannot be read, or no host is left.
    pub fn select(
        &self,
        patterns: &[String],
        limit: Option<&str>,
        read: ReadFile<'_>,
    ) -> Result<Vec<&HostName>, PatternError> {
        let mut selected = self.matching(patterns, read)?;
        if let Some(limit) = limit {
            let limited = self.matching(&[limit.to_owned()], read)?;
            selected.retain(|host| limited.contains(host));
        }
        if selected.is_empty() {
            let limited = limit.map_or_else(String::new, |limit| format!(" within `{limit}`"));
            return Err(PatternError {
                message: format!("no host is left of `{}`{limited}", patterns.join(" ")),
                hint: Hint::Other("show what a pattern means with `--list-hosts`".to_owned()),
            });
        }
        Ok(self.hosts.iter().filter(|host| selected.contains(host)).collect())
    }

    fn matching(&self, patterns: &[String], read: ReadFile<'_>) -> Result<IndexSet<&HostName>, PatternError> {
        let terms = terms(patterns, read)?;
        let mut added: Option<IndexSet<&HostName>> = None;
        for term in terms.iter().filter(|term| !term.starts_with(['&', '!'])) {
            added.get_or_insert_default().extend(self.named(term)?);
        }
        let mut selected = added.unwrap_or_else(|| self.hosts.iter().collect());
        for term in &terms {
            if let Some(kept) = term.strip_prefix('&') {
                let kept = self.named(kept)?;
                selected.retain(|host| kept.contains(host));
            } else if let Some(removed) = term.strip_prefix('!') {
                let removed = self.named(removed)?;
                selected.retain(|host| !removed.contains(host));
            }
        }
        Ok(selected)
    }

    /// The hosts that one term without its sign means.
    fn named(&self, term: &str) -> Result<Vec<&HostName>, PatternError> {
        if term == "all" {
            return Ok(self.hosts.iter().collect());
        }
        if let Some((_, members)) = self.groups.iter().find(|(group, _)| group.as_str() == term) {
            return Ok(members.iter().collect());
        }
        if term.contains(['*', '?']) {
            return self.globbed(term);
        }
        let names = range::expand(term)
            .map_err(|error| PatternError { message: error.message, hint: Hint::Other(error.hint) })?;
        names
            .iter()
            .map(|name| self.hosts.iter().find(|host| host.as_str() == name).ok_or_else(|| self.unknown(name)))
            .collect()
    }

    fn globbed(&self, term: &str) -> Result<Vec<&HostName>, PatternError> {
        let glob = GlobBuilder::new(term).literal_separator(false).build().map_err(|error| PatternError {
            message: format!("`{term}` is not a pattern: {}", error.kind()),
            hint: Hint::Other("`*` stands for any letters and `?` for one, as in `web-*`".to_owned()),
        })?;
        let matcher = glob.compile_matcher();
        let groups = self.groups.iter().filter(|(group, _)| matcher.is_match(group.as_str()));
        let mut matched: Vec<&HostName> = groups.flat_map(|(_, members)| members).collect();
        matched.extend(self.hosts.iter().filter(|host| matcher.is_match(host.as_str())));
        if matched.is_empty() { Err(self.unknown(term)) } else { Ok(matched) }
    }

    fn unknown(&self, name: &str) -> PatternError {
        let known = self.hosts.iter().map(HostName::as_str).chain(self.groups.keys().map(GroupName::as_str));
        PatternError {
            message: format!("no host or group matches `{name}`"),
            hint: match did_you_mean(name, known) {
                Some(question) => Hint::Misspelt(question),
                None => Hint::Other("show all hosts with `provision check --list-hosts`".to_owned()),
            },
        }
    }
}

/// The terms of all arguments; the lines of a file are arguments too.
fn terms(patterns: &[String], read: ReadFile<'_>) -> Result<Vec<String>, PatternError> {
    let mut terms = Vec::new();
    for pattern in patterns {
        let Some(file) = pattern.strip_prefix('@') else {
            terms.extend(split(pattern));
            continue;
        };
        let text = read(file).map_err(|why| PatternError {
            message: format!("cannot read `{file}`: {why}"),
            hint: Hint::Other("name a file with one pattern on each line after the `@`".to_owned()),
        })?;
        terms.extend(text.lines().flat_map(|line| split(line.split('#').next().unwrap_or_default())));
    }
    Ok(terms)
}

/// Splits at `,`, `:` and blanks, but not inside the brackets of a range.
fn split(pattern: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut inside_brackets = false;
    for letter in pattern.chars() {
        match letter {
            '[' => inside_brackets = true,
            ']' => inside_brackets = false,
            _ => {}
        }
        let parts = matches!(letter, ',' | ':') || letter.is_whitespace();
        match terms.last_mut() {
            Some(term) if !parts || inside_brackets => term.push(letter),
            _ => terms.push(String::new()),
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster() -> Roster {
        let names = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<HostName>>();
        let group = |name: &str, members: &[&str]| (name.parse().unwrap(), names(members));
        Roster {
            hosts: names(&["web-01", "web-02", "web-03", "db-a"]),
            groups: [group("web", &["web-01", "web-02", "web-03"]), group("eu", &["web-02", "db-a"])]
                .into_iter()
                .collect(),
        }
    }

    fn read(file: &str) -> Result<String, String> {
        if file == "hosts.txt" {
            Ok("# the first\nweb-01\ndb-a # the second\n\n".to_owned())
        } else {
            Err("no such file".to_owned())
        }
    }

    fn select(patterns: &[&str], limit: Option<&str>) -> Result<Vec<String>, PatternError> {
        let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        let hosts = roster().select(&patterns, limit, &read)?.into_iter().map(ToString::to_string).collect();
        Ok(hosts)
    }

    #[track_caller]
    fn check(patterns: &[&str], expected: &[&str]) {
        assert_eq!(select(patterns, None).unwrap(), expected);
    }

    #[track_caller]
    fn check_error(patterns: &[&str], message: &str, hint: &str) {
        let error = select(patterns, None).expect_err("no hosts");
        let (Hint::Misspelt(told) | Hint::Other(told)) = &error.hint;
        assert_eq!((error.message.as_str(), told.as_str()), (message, hint));
        assert_eq!(matches!(error.hint, Hint::Misspelt(_)), hint.starts_with("did you mean"));
    }

    #[test]
    fn patterns() {
        check(&["all"], &["web-01", "web-02", "web-03", "db-a"]);
        check(&["*"], &["web-01", "web-02", "web-03", "db-a"]);
        check(&["web"], &["web-01", "web-02", "web-03"]);
        check(&["db-a", "web-01"], &["web-01", "db-a"]);
        check(&["db-a,web-01"], &["web-01", "db-a"]);
        check(&["web-0*"], &["web-01", "web-02", "web-03"]);
        check(&["w?b"], &["web-01", "web-02", "web-03"]);
        check(&["web:&eu"], &["web-02"]);
        check(&["web:!web-03"], &["web-01", "web-02"]);
        check(&["web", "!web-03"], &["web-01", "web-02"]);
        check(&["!eu"], &["web-01", "web-03"]);
        check(&["web-[01:02]"], &["web-01", "web-02"]);
        check(&["web-[01:03]:&eu"], &["web-02"]);
        check(&["@hosts.txt"], &["web-01", "db-a"]);
    }

    #[test]
    fn limits() {
        assert_eq!(select(&["web"], Some("eu")).unwrap(), ["web-02"]);
        assert_eq!(select(&["web"], Some("db-a")).unwrap_err().message, "no host is left of `web` within `db-a`");
    }

    #[test]
    fn mistakes() {
        check_error(&["wbe"], "no host or group matches `wbe`", "did you mean `web`?");
        check_error(&["web:!wep-03"], "no host or group matches `wep-03`", "did you mean `web-03`?");
        check_error(&["x*"], "no host or group matches `x*`", "show all hosts with `provision check --list-hosts`");
        check_error(&["web-[01:04]"], "no host or group matches `web-04`", "did you mean `web-03`?");
        check_error(&["web:!web"], "no host is left of `web:!web`", "show what a pattern means with `--list-hosts`");
        check_error(
            &["@none"],
            "cannot read `none`: no such file",
            "name a file with one pattern on each line after the `@`",
        );
    }
}
