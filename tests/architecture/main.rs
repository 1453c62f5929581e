//! The house is as `docs/architecture.md` says: which part may use which, no circles, small files and functions.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod circles;
mod columns;
mod house;
mod imports;
mod layout;
mod manifest;
mod page;
mod printing;
mod prose;
mod runtime;
mod words;

use house::House;
use page::Page;

/// Lines of a file. What is longer is a table, which a second file would not make easier to read.
const LONGEST_FILE: usize = 300;
/// Lines of a function.
const LONGEST_FUNCTION: usize = 60;

#[test]
fn parts_use_what_the_page_allows() {
    let faults = Page::read().faults(House::of_this_repository());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_the_page_does_not_allow_is_found() {
    let page = Page::parse(
        "## The house\n- `words/`: words\n  - may use: nothing\n\
         - `plan/`: plans\n  - may use: `words`\n  - must not know: hosts\n\
         - `ssh/`: what hosts\n  say\n  - may use:\n    `words`\n",
    );
    let check = |files: &[(&str, &str)], expected: &[&str]| {
        assert_eq!(page.faults(&House::of(files)), expected, "{files:?}");
    };
    let words = ("words/mod.rs", "pub struct Word;");
    let plan = "use crate::words::Word;\n";
    let ssh = ("ssh/mod.rs", "fn greet() -> crate::words::Word { vec![super::words::Word] }");
    check(&[words, ("plan/mod.rs", plan), ssh], &[]);
    let knows = format!("{plan}\nmod tests {{ use crate::ssh::Session; }}");
    check(
        &[words, ("plan/mod.rs", &knows), ssh],
        &["src/plan/mod.rs uses `ssh`, which docs/architecture.md does not allow `plan`"],
    );
    let tested = format!("{plan}\n#[cfg(test)]\nmod tests {{ use crate::ssh::Session; }}");
    check(&[words, ("plan/mod.rs", &tested), ssh], &[]);
    let hidden = format!("{plan}fn plan() {{ println!(\"{{}}\", super::ssh::ask()); }}");
    check(
        &[words, ("plan/mod.rs", &hidden), ssh],
        &["src/plan/mod.rs uses `ssh`, which docs/architecture.md does not allow `plan`"],
    );
    check(
        &[words, ("plan/mod.rs", ""), ssh],
        &["docs/architecture.md allows `plan` to use `words`, which it does not: take it out"],
    );
    check(&[words, ("plan/mod.rs", plan), ssh, ("new.rs", "")], &["docs/architecture.md does not list `new`"]);
}

#[test]
fn a_part_uses_only_parts_above_it() {
    let faults = Page::read().order_faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_file_depends_on_itself_by_way_of_others() {
    let circles = circles::of(House::of_this_repository());
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn a_circle_is_found() {
    let house = House::of(&[
        ("a/mod.rs", "mod one; mod two; mod three; pub use two::Two;"),
        ("a/one.rs", "use super::Two; pub struct One;"),
        ("a/two.rs", "use super::one::One; pub struct Two;"),
        ("a/three.rs", "use super::one::One;"),
    ]);
    assert_eq!(circles::of(&house), ["src/a/one.rs → src/a/two.rs → src/a/one.rs"]);
}

#[test]
fn files_and_functions_are_small() {
    let tables = Page::read().tables();
    let house = House::of_this_repository();
    let mut faults = vec![];
    for file in house.files() {
        if file.lines > LONGEST_FILE && !tables.contains(&file.path) {
            faults.push(format!("{} has {} lines, more than {LONGEST_FILE}", file.path, file.lines));
        }
        for (name, lines) in &file.functions {
            if *lines > LONGEST_FUNCTION {
                faults.push(format!("{}: `{name}` has {lines} lines, more than {LONGEST_FUNCTION}", file.path));
            }
        }
    }
    for table in tables {
        if house.files().all(|file| file.path != table || file.lines <= LONGEST_FILE) {
            faults.push(format!("docs/architecture.md calls {table} a long table, which it is not"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
