//! What `docs/architecture.md` says of the parts of the house.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::house::House;

/// One part, as the page has it.
struct Part {
    name: String,
    may_use: Vec<String>,
}

/// The page.
pub struct Page {
    text: String,
    rows: Vec<Part>,
}

impl Page {
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
        Self::parse(&fs::read_to_string(path).expect("the page"))
    }

    /// Reads the list of parts under `The house`.
    pub fn parse(text: &str) -> Self {
        let section = text.lines().skip_while(|line| *line != "## The house").skip(1);
        let mut parts: Vec<Vec<String>> = vec![];
        for line in section.take_while(|line| !line.starts_with("## ")) {
            if line.starts_with("- ") {
                parts.push(vec![line.to_owned()]);
            } else if let (Some(items), Some(said)) = (parts.last_mut(), line.strip_prefix("  ")) {
                match (said.strip_prefix("- "), items.last_mut()) {
                    (Some(item), _) => items.push(item.to_owned()),
                    (None, Some(item)) => *item = format!("{item} {}", said.trim_start()),
                    (None, None) => unreachable!("a part begins with an item"),
                }
            }
        }
        assert!(!parts.is_empty(), "the page lists parts");
        Self { text: text.to_owned(), rows: parts.iter().map(|items| row(items)).collect() }
    }

    /// In what the house is not as the page says.
    pub fn faults(&self, house: &House) -> Vec<String> {
        let uses = house.uses();
        let parts = house.parts();
        let mut faults = vec![];
        for part in &parts {
            if self.rows.iter().all(|row| row.name != **part) {
                faults.push(format!("docs/architecture.md does not list `{part}`"));
            }
        }
        for ((part, other), file) in &uses {
            let allowed = self.rows.iter().any(|row| row.name == *part && row.may_use.iter().any(|name| name == other));
            if !allowed {
                faults.push(format!("{file} uses `{other}`, which docs/architecture.md does not allow `{part}`"));
            }
        }
        for row in &self.rows {
            if !parts.contains(row.name.as_str()) {
                faults.push(format!("docs/architecture.md lists `{}`, which is not there", row.name));
            }
            for other in row.may_use.iter().filter(|other| !uses.contains_key(&(row.name.as_str(), other.as_str()))) {
                let name = &row.name;
                faults.push(format!(
                    "docs/architecture.md allows `{name}` to use `{other}`, which it does not: take it out"
                ));
            }
        }
        faults
    }

    /// Parts that use what stands below them.
    pub fn order_faults(&self) -> Vec<String> {
        let place = |name: &str| self.rows.iter().position(|row| row.name == name);
        let below = |row: &Part, other: &&String| place(other) >= place(&row.name);
        let faults = self.rows.iter().flat_map(|row| {
            let wrong = row.may_use.iter().filter(move |other| below(row, other));
            wrong.map(|other| format!("`{}` uses `{other}`, which stands below it", row.name))
        });
        faults.collect()
    }

    /// The paths of the table under `On a host`.
    pub fn host_paths(&self) -> BTreeSet<&str> {
        let section = self.text.lines().skip_while(|line| *line != "## On a host").skip(1);
        let rows = section.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with('|'));
        rows.flat_map(|row| quoted(cells(row)[0])).collect()
    }

    /// The files that the page calls tables, which may be long.
    pub fn tables(&self) -> Vec<String> {
        let line = self.text.lines().find(|line| line.starts_with("Long tables:")).expect("the line `Long tables: …`");
        quoted(line).map(|path| format!("src/{path}")).collect()
    }
}

/// A part of its items: its name and what it does, `may use: …`, and, if there is anything, `must not know: …`.
fn row(items: &[String]) -> Part {
    let (head, rest) = items.split_first().expect("a part");
    let (name, does) = head.split_once(": ").unwrap_or_else(|| panic!("{head}: says what it does"));
    let name = quoted(name).next().unwrap_or_else(|| panic!("{head}: a name between backticks"));
    assert!(!does.is_empty(), "{head}: says what it does");
    let may_use = match rest {
        [uses] => uses,
        [uses, knows] if knows.starts_with("must not know: ") => uses,
        _ => panic!("`{name}`: one item `may use: …`, and at most one more, `must not know: …`"),
    };
    let may_use = may_use.strip_prefix("may use: ").unwrap_or_else(|| panic!("`{name}` says what it may use"));
    assert!(may_use == "nothing" || may_use.contains('`'), "`{name}` may use `parts`, or nothing");
    Part {
        name: name.trim_end_matches('/').trim_end_matches(".rs").to_owned(),
        may_use: quoted(may_use).map(ToOwned::to_owned).collect(),
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').map(str::trim).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}
