//! What a runtime is called and how it works stands in its own folder: elsewhere the code asks the description.

use super::house::House;
use provision::runtime;

/// Who else may name one, and why.
const NAMED: [(&str, &str); 7] = [
    ("src/cli/mod.rs", "is help for people, who want to know what they get"),
    ("src/inventory/schema/", "has examples of what users write"),
    ("src/lint/", "has rules that users allow by name, and reads files that are not ours"),
    ("src/platform/feature.rs", "is the table of features, by the names that templates of users ask for"),
    ("src/platform/mod.rs", "has the version of Debian's package, which the rules look at"),
    ("src/platform/release.rs", "is the table of those versions"),
    ("src/probe/facts.rs", "fills that version in"),
];

#[test]
fn no_other_file_names_a_runtime() {
    let mut used = std::collections::BTreeSet::new();
    let mut faults = vec![];
    for runtime in runtime::ALL {
        let home = format!("src/runtime/{}/", runtime.name);
        // The list of all has the name of each.
        let others = |path: &str| !path.starts_with(&home) && path != "src/runtime/mod.rs";
        for file in House::of_this_repository().files().filter(|file| others(&file.path)) {
            let text = std::fs::read_to_string(format!("{}/{}", env!("CARGO_MANIFEST_DIR"), file.path)).unwrap();
            let named = text.lines().position(|line| line.to_lowercase().contains(runtime.name));
            let Some(line) = named else { continue };
            match NAMED.iter().find(|(place, _)| file.path.starts_with(place)) {
                Some((place, _)) => drop(used.insert(place)),
                None => faults.push(format!("{}:{} names {}: ask src/runtime", file.path, line + 1, runtime.name)),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(used.len(), NAMED.len(), "an exception that nobody needs");
}

#[test]
fn scripts_of_hosts_leave_a_runtime_to_its_own_files() {
    /// Programs that pip may put on the path of a host: a list of names.
    const LIST: &str = "src/apply/host/packages.py";
    let mut folders = vec![std::path::PathBuf::from("src/apply/host")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy() != LIST {
                let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
                assert!(runtime::ALL.iter().all(|runtime| !text.contains(runtime.name)), "{}", path.display());
            }
        }
    }
}
