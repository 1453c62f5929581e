//! No line of the repository is wider than 120 columns, so that two files fit side by side.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const WIDEST: usize = 120;

/// What may be wider, by the beginning or the end of its path, and why.
const EXCEPTIONS: &[(Place, &str)] = &[
    (Place::Ending(".snap"), "what the program wrote, as it wrote it"),
    (Place::Below("tests/fixtures/stored/"), "what hosts have stored, as they stored it"),
    (Place::Below("tests/fixtures/probe/"), "what hosts have reported, a line each"),
    (Place::Below("fuzz/corpus/"), "recorded data, a line each"),
];

enum Place {
    Below(&'static str),
    Ending(&'static str),
}

impl Place {
    fn holds(&self, path: &str) -> bool {
        match self {
            Self::Below(folder) => path.starts_with(folder),
            Self::Ending(ending) => path.ends_with(ending),
        }
    }
}

/// Text files that git knows, or would take. What is not UTF-8 has no columns.
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let output = Command::new("git").arg("-C").arg(root).args(list).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("names are UTF-8");
    let texts = names.split_terminator('\0').filter_map(|name| {
        let text = String::from_utf8(fs::read(root.join(name)).ok()?).ok()?;
        Some((name.to_owned(), text))
    });
    texts.collect()
}

/// Numbers and widths of the lines that are too wide.
fn wide_lines(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let widths = text.lines().map(|line| line.chars().count());
    widths.enumerate().filter(|(_, width)| *width > WIDEST).map(|(index, width)| (index + 1, width))
}

#[test]
fn no_line_is_wider_than_120_columns() {
    let mut faults = vec![];
    let mut needed = BTreeSet::new();
    let texts = texts();
    assert!(texts.len() > 500, "git lists {} texts", texts.len());
    for (path, text) in &texts {
        for (line, width) in wide_lines(text) {
            match EXCEPTIONS.iter().find(|(place, _)| place.holds(path)) {
                Some((_, why)) => drop(needed.insert(*why)),
                None => faults.push(format!("{path}:{line} has {width} columns, more than {WIDEST}")),
            }
        }
    }
    let idle = EXCEPTIONS.iter().filter(|(_, why)| !needed.contains(why));
    faults.extend(idle.map(|(_, why)| format!("nothing needs the exception for {why}: take it out")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn columns_are_characters() {
    let text = format!("{}\n{}\n{}…\n", "é".repeat(120), "a".repeat(121), "a".repeat(120));
    assert_eq!(wide_lines(&text).collect::<Vec<_>>(), [(2, 121), (3, 121)]);
}
