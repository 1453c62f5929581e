//! One inventory for each mistake: the message is compared to the letter.

use std::fs;
use std::path::Path;

use super::load;

#[test]
fn every_mistake_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/inventories/wrong");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 25, "the fixtures are there");
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let name = format!("{stem}.yml");
        let Err(mistakes) = load(&name, &text) else { panic!("{name} is accepted") };
        let shown = mistakes.to_string();
        for mistake in mistakes.as_slice() {
            let (line, column) = mistakes.position(mistake);
            assert!(shown.contains(&format!("--> {name}:{line}:{column}\n")), "{name} names the place:\n{shown}");
            assert!(!mistake.secret || !shown.contains("hunter2"), "{name} keeps the password to itself:\n{shown}");
            let source = text.lines().nth(line - 1).unwrap_or_default().trim();
            assert!(mistake.secret || shown.contains(&source.replace('\t', "    ")), "{name} shows the line:\n{shown}");
            assert!(mistake.hint.is_some(), "{name} gives a hint:\n{shown}");
        }
        insta::with_settings!({
            omit_expression => true,
            prepend_module_to_snapshot => false,
            snapshot_path => "../snapshots/inventory",
        }, {
            insta::assert_snapshot!(stem, shown);
        });
    }
}
