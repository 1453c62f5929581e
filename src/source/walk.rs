//! The paths of a folder that are sent. The one place that names `ignore`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

use super::leave_out::{goes_without_saying, is_left_out, is_never_sent};
use crate::model::LocalFolder;

/// What was found, in the order of the paths, which are relative to the folder.
pub(super) struct Walked {
    /// What is sent; a folder stands before what is in it.
    pub paths: BTreeSet<PathBuf>,
    /// What is not, though `.gitignore` does not say so: the outermost paths.
    pub left_out: Vec<PathBuf>,
}

/// Walks the folder by the rules of `.gitignore` and of what is left out, and what is named without them.
pub(super) fn walk(folder: &LocalFolder) -> Result<Walked> {
    let LocalFolder { path: root, include, inventory } = folder;
    // Compared as the walk finds it, whatever way the two were written.
    let inventory = match (inventory.canonicalize(), root.canonicalize()) {
        (Ok(inventory), Ok(real)) => inventory.strip_prefix(real).ok().map(|path| root.join(path)),
        _ => None,
    };
    let named: Vec<PathBuf> = include.iter().map(|path| root.join(path.as_str())).collect();
    let left_out = Arc::new(Mutex::new(BTreeSet::new()));
    let (noted, kept) = (Arc::clone(&left_out), named.clone());
    let mut rules = ignore::WalkBuilder::new(root);
    rules.standard_filters(false).git_ignore(true).parents(true).require_git(false);
    rules.filter_entry(move |entry| {
        let name = entry.file_name().to_string_lossy();
        if is_never_sent(&name) {
            return false;
        }
        if entry.depth() == 0 || !is_left_out(entry.path(), &name, inventory.as_deref()) {
            return true;
        }
        if !goes_without_saying(&name) && kept.iter().all(|path| path != entry.path()) {
            noted.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.path().to_owned());
        }
        false
    });
    let mut paths = BTreeSet::new();
    add(&mut paths, root, &rules)?;
    for path in &named {
        add_named(&mut paths, root, path)?;
    }
    let left_out = std::mem::take(&mut *left_out.lock().unwrap_or_else(PoisonError::into_inner));
    let relative = |path: PathBuf| path.strip_prefix(root).map(Path::to_owned).unwrap_or(path);
    Ok(Walked { paths, left_out: left_out.into_iter().map(relative).collect() })
}

/// All of `path`, and the folders that lead there. A link on the way would lead elsewhere.
fn add_named(paths: &mut BTreeSet<PathBuf>, root: &Path, path: &Path) -> Result<()> {
    let between: Vec<&Path> = path.ancestors().skip(1).take_while(|above| *above != root).collect();
    for above in between {
        if above.is_symlink() {
            bail!(
                "the link `{}` leads outside the app's folder, or elsewhere in it; name the path that it leads to",
                above.display()
            );
        }
        paths.extend(above.strip_prefix(root).map(Path::to_owned));
    }
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => {
            paths.extend(path.strip_prefix(root).map(Path::to_owned));
            return Ok(());
        }
        Ok(_) => {}
        // Who asked for it says so.
        Err(_) => return Ok(()),
    }
    let mut all = ignore::WalkBuilder::new(path);
    all.standard_filters(false).filter_entry(|entry| !is_never_sent(&entry.file_name().to_string_lossy()));
    add(paths, root, &all)
}

fn add(paths: &mut BTreeSet<PathBuf>, root: &Path, rules: &ignore::WalkBuilder) -> Result<()> {
    for entry in rules.build() {
        let entry = entry.with_context(|| format!("`{}` cannot be read", root.display()))?;
        if let Ok(path) = entry.path().strip_prefix(root)
            && !path.as_os_str().is_empty()
        {
            paths.insert(path.to_owned());
        }
    }
    Ok(())
}
