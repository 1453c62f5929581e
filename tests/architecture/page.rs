//! What `docs/architecture.md` says of the parts of the house.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::house::House;

/// One part.
struct Row {
    name: String,
    may_use: Vec<String>,
}

/// The page.
pub struct Page {
    text: String,
    rows: Vec<Row>,
}

impl Page {
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
        Self::parse(&fs::read_to_string(path).expect("the page"))
    }

    /// Reads the table with the column `may use`.
    pub fn parse(text: &str) -> Self {
        let mut rows = vec![];
        let mut lines = text.lines().skip_while(|line| !line.starts_with("| place |"));
        let header = cells(lines.next().expect("the table of the house"));
        let column = header.iter().position(|cell| *cell == "may use").expect("the column `may use`");
        for line in lines.skip(1).take_while(|line| line.starts_with('|')) {
            let cells = cells(line);
            for name in quoted(cells[0]) {
                let name = name.trim_end_matches('/').trim_end_matches(".rs").to_owned();
                rows.push(Row { name, may_use: quoted(cells[column]).map(ToOwned::to_owned).collect() });
            }
        }
        assert!(!rows.is_empty(), "the table has rows");
        Self { text: text.to_owned(), rows }
    }

    /// In what the house is not as the page says.
    pub fn faults(&self, house: &House) -> Vec<String> {
        let uses = house.uses();
        let parts = house.parts();
        let mut faults = vec![];
        for part in &parts {
            if self.rows.iter().all(|row| row.name != **part) {
                faults.push(format!("docs/architecture.md has no row for `{part}`"));
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
                faults.push(format!("docs/architecture.md has a row for `{}`, which is not there", row.name));
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

    /// Rows that use what stands below them.
    pub fn order_faults(&self) -> Vec<String> {
        let place = |name: &str| self.rows.iter().position(|row| row.name == name);
        let below = |row: &Row, other: &&String| place(other) >= place(&row.name);
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

fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').map(str::trim).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}
