//! The words of messages, help and pages: `CONTRIBUTING.md` says which to take and which not, and here nobody takes
//! those.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::house::House;

/// Each old word, with what to say instead.
fn old_words() -> BTreeMap<String, String> {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("the page");
    let (_, table) = page.split_once("| Say | Not |\n|---|---|\n").expect("the table of words");
    let rows = table.lines().map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    rows.flat_map(|(new, old)| old.split(", ").map(move |old| (old.to_lowercase(), new.to_owned()))).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What of `text` is old, as lines for a person.
fn faults(place: &str, text: &str, old: &BTreeMap<String, String>) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let found = old.iter().filter(|(old, _)| text.contains(old.as_str()));
    found.map(|(old, new)| format!("{place}: say {new}, not {old}: {text:.90}")).collect()
}

#[test]
fn nobody_takes_words_that_stop_a_reader() {
    let old = old_words();
    assert!(old.len() >= 12, "{old:?}");
    let mut all = vec![];
    for file in House::of_this_repository().files() {
        all.extend(file.texts.iter().flat_map(|text| faults(&file.path, text, &old)));
    }
    let mut pages = 0;
    let mut folders = vec![root().join("docs"), root().join("src/cli")];
    let mut files = vec![root().join("README.md")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() { folders.push(entry) } else { files.push(entry) }
        }
    }
    for path in files.iter().filter(|path| path.extension().is_some_and(|kind| kind == "md" || kind == "rs")) {
        let text = fs::read_to_string(path).expect("a text");
        let name = path.strip_prefix(root()).expect("below the root").display().to_string();
        // A phrase may go over the end of a line; of the command line's files, help is in the comments.
        let help = path.extension().is_some_and(|kind| kind == "rs");
        let paragraphs = text.split("\n\n").map(|lines| {
            let lines = lines.lines().filter(|line| !help || line.trim_start().starts_with("///"));
            lines.collect::<Vec<_>>().join(" ")
        });
        all.extend(paragraphs.flat_map(|paragraph| faults(&name, &paragraph, &old)));
        pages += 1;
    }
    assert!(pages > 20, "{pages} pages are few");
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn an_old_word_is_found() {
    let old = old_words();
    assert_eq!(faults("here", "it is No Longer\nwanted", &old).len(), 1);
    assert!(faults("here", "it is no longer in the inventory", &old).is_empty());
}
