//! The roots that hosts share, one per suite and recipe, built once and then only read.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::requirements;
use super::script::BASE;
use super::suite::Suite;
use crate::runtime;

/// What new hosts are made of. A host that exists keeps what it has.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The release to run.
    pub suite: Suite,
    /// Where the base's packages come from; if `None`, the distribution's own mirror.
    pub mirror: Option<String>,
}
/// Where bases are kept. Several sandboxes may share one.
#[derive(Debug, Clone)]
pub(super) struct Bases {
    directory: PathBuf,
}

impl Bases {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Fails unless there is a base of the suite, or one can be built.
    pub(super) fn check(&self, suite: &Suite) -> Result<()> {
        if self.directory.join(directory_name(suite)).is_dir() { Ok(()) } else { requirements::check_for_build(suite) }
    }

    /// The base for the options, which is built if there is none of today's recipe.
    pub(super) fn ensure(&self, options: &Options, progress: &mut dyn FnMut(&str)) -> Result<PathBuf> {
        fs::create_dir_all(&self.directory).with_context(|| format!("cannot create `{}`", self.directory.display()))?;
        let base = self.directory.join(directory_name(&options.suite));
        if base.is_dir() {
            return Ok(base);
        }
        let _lock = self.lock(progress)?;
        // The other one may have built just this base.
        if !base.is_dir() {
            requirements::check_for_build(&options.suite)?;
            progress(&format!("building the base for {}, once, in a minute or two", options.suite));
            self.build(&base, options, progress)?;
        }
        Ok(base)
    }

    fn lock(&self, progress: &mut dyn FnMut(&str)) -> Result<File> {
        let lock = File::create(self.directory.join(".lock"))?;
        if lock.try_lock().is_err() {
            progress("waiting for another `provision` that builds a base");
            lock.lock()?;
        }
        Ok(lock)
    }

    fn build(&self, base: &Path, options: &Options, progress: &mut dyn FnMut(&str)) -> Result<()> {
        let partial = base.with_extension("partial");
        remove(&partial)?;
        let distribution = options.suite.distribution();
        let mirror = options.mirror.as_deref().unwrap_or(distribution.mirror());
        let partial_text = partial.display().to_string();
        let mut arguments = vec![mirror, distribution.components(), distribution.keyring(), &partial_text];
        arguments.extend(runtime::USUAL.pins.iter().map(|(_, pins)| *pins));
        let pockets = options.suite.pockets();
        arguments.extend(pockets.iter().map(String::as_str));
        let built = BASE.run_telling(&arguments, progress);
        if built.is_err() {
            // The error that matters is the build's.
            let _ = remove(&partial);
        }
        built.with_context(|| format!("cannot build the base for {} from `{mirror}`", options.suite))?;
        fs::rename(&partial, base)?;
        Ok(())
    }

    /// Removes all bases, finished or not, except those that a running host of another sandbox stands on.
    pub(super) fn purge(&self, progress: &mut dyn FnMut(&str)) -> Result<()> {
        if !self.directory.is_dir() {
            return Ok(());
        }
        let _lock = self.lock(progress)?;
        let mounts = fs::read_to_string("/proc/self/mounts")?;
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            if path.is_dir() && !mounts.contains(&format!("lowerdir={},", path.display())) {
                remove_base(&path)?;
            }
        }
        Ok(())
    }
}

/// A removal that is cut leaves nothing that could be taken for a base.
fn remove_base(path: &Path) -> Result<()> {
    let partial = path.with_extension("partial");
    if partial != path {
        remove(&partial)?;
        fs::rename(path, &partial)?;
    }
    remove(&partial)
}

/// Removes a file or a whole directory; one that is not there is removed already.
pub(super) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

/// Another recipe makes another name, so a base is never stale.
fn directory_name(suite: &Suite) -> String {
    let recipe = runtime::USUAL.pins.iter().fold(BASE.text.to_owned(), |recipe, (_, pins)| recipe + pins);
    format!("{suite}-{}", short_digest(recipe.as_bytes()))
}

/// The first twelve hexadecimal digits of the SHA-256 of `content`.
pub(super) fn short_digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_beginning_of_sha256() {
        assert_eq!(short_digest(b"abc"), "ba7816bf8f01");
    }

    #[test]
    fn every_suite_has_a_base_of_its_own() {
        let name = directory_name(&Suite::default());
        assert!(name.starts_with("bookworm-"), "{name}");
        assert_ne!(name, directory_name(&"trixie".parse().unwrap()));
    }
}
