//! The files under `src/`, and which of them uses which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use super::imports::{Imports, Written};

/// One file.
pub struct SourceFile {
    /// Its path in the repository.
    pub path: String,
    pub lines: usize,
    /// Its functions with their lines.
    pub functions: Vec<(String, usize)>,
    /// Its strings.
    pub texts: Vec<String>,
    imports: Imports,
}

/// All of them, by the path of their module: `inventory`, `scalar`.
pub struct House {
    files: BTreeMap<Vec<String>, SourceFile>,
}

impl House {
    /// Read once: that takes a moment.
    pub fn of_this_repository() -> &'static Self {
        static HOUSE: LazyLock<House> = LazyLock::new(House::read);
        &HOUSE
    }

    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = vec![];
        collect(&root, &root, &mut files);
        assert!(files.len() > 100, "the sources were found");
        Self::of(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
    }

    /// Of files with their paths below `src/`.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| {
            let mut imports = Imports::read(text);
            let functions = std::mem::take(&mut imports.functions);
            let texts = std::mem::take(&mut imports.texts);
            let (path_in_repository, lines) = (format!("src/{path}"), text.lines().count());
            let file = SourceFile { path: path_in_repository, lines, functions, texts, imports };
            (module(path), file)
        });
        Self { files: files.collect() }
    }

    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.values()
    }

    /// The parts of the house: the first words of all modules.
    pub fn parts(&self) -> BTreeSet<&str> {
        self.files.keys().filter_map(|module| module.first()).map(String::as_str).collect()
    }

    /// Which part uses which, and a file that does.
    pub fn uses(&self) -> BTreeMap<(&str, &str), &str> {
        let mut uses = BTreeMap::new();
        for (module, file) in &self.files {
            let Some(part) = module.first() else { continue };
            for path in &file.imports.paths {
                let other = self.absolute(module, path).into_iter().next();
                let other = other.and_then(|other| self.parts().get(other.as_str()).copied());
                if let Some(other) = other.filter(|other| other != part) {
                    uses.entry((part.as_str(), other)).or_insert(file.path.as_str());
                }
            }
        }
        uses
    }

    /// Which file uses which others, each as its path. What only passes names on is not used itself.
    pub fn arrows(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let arrow = |(module, file): (&Vec<String>, &SourceFile)| {
            let used = file.imports.paths.iter().filter_map(|path| self.home(&self.absolute(module, path), 0));
            let used = used.filter(|other| *other != module);
            used.filter_map(|other| self.files.get(other)).map(|other| other.path.as_str()).collect()
        };
        self.files.iter().map(|entry| (entry.1.path.as_str(), arrow(entry))).collect()
    }

    /// A path from the root of the crate.
    fn absolute(&self, module: &[String], written: &Written) -> Vec<String> {
        let mut base = module.to_vec();
        let mut rest = written.as_slice();
        while let Some((first, more)) = rest.split_first() {
            match first.as_str() {
                "crate" | "provision" => base.clear(),
                "super" => drop(base.pop()),
                "self" => {}
                _ => break,
            }
            rest = more;
        }
        [base, rest.to_vec()].concat()
    }

    /// The module in which what a path names is defined.
    fn home(&self, path: &[String], hops: usize) -> Option<&Vec<String>> {
        assert!(hops < 20, "{path:?} is passed on in a circle");
        let length = (1..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length]))?;
        let (module, file) = self.files.get_key_value(&path[..length])?;
        match path.get(length).and_then(|name| file.imports.passed_on.get(name)) {
            Some(further) => {
                let further = [self.absolute(module, further), path[length + 1..].to_vec()].concat();
                // A macro is passed on by the file that defines it.
                if further == path { Some(module) } else { self.home(&further, hops + 1) }
            }
            None => Some(module),
        }
    }
}

/// The module that a file is.
fn module(path: &str) -> Vec<String> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let mut words: Vec<String> = path.split('/').map(ToOwned::to_owned).collect();
    if words.last().is_some_and(|word| word == "mod") {
        words.pop();
    }
    words
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            collect(root, &entry, files);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let path = entry.strip_prefix(root).expect("a path below").to_str().expect("a text").to_owned();
            files.push((path, fs::read_to_string(&entry).expect("a text")));
        }
    }
}
