//! A folder of app code: walked by `.gitignore` rules, digested, packed. The one place that names `ignore`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::digest::{Digest, Hasher};

/// A folder of app code as it was when it was read.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    entries: Vec<Entry>,
    digest: Digest,
    archive: OnceLock<Vec<u8>>,
}

#[derive(Debug)]
struct Entry {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Directory,
    File { digest: Digest, executable: bool },
    Link(PathBuf),
}

impl Folder {
    /// Reads a folder. `.gitignore` files count, those of parent folders too; `.git` never belongs to it, nor does
    /// `__pycache__`: to run an app here must not make a new release of it.
    ///
    /// # Errors
    /// When the folder or something in it cannot be read, when it holds no file at all, or when a link leads out of it.
    pub fn read(root: &Path) -> Result<Self> {
        if !root.is_dir() {
            bail!(
                "there is no folder `{}`\nhelp: `source: {{ path: … }}` is relative to the inventory's folder",
                root.display()
            );
        }
        let mut entries = vec![];
        let walk = ignore::WalkBuilder::new(root)
            .standard_filters(false)
            .git_ignore(true)
            .parents(true)
            .require_git(false)
            .filter_entry(|entry| entry.file_name() != ".git" && entry.file_name() != "__pycache__")
            .sort_by_file_name(Ord::cmp)
            .build();
        for entry in walk {
            let entry = entry.with_context(|| format!("`{}` cannot be read", root.display()))?;
            if let Ok(path) = entry.path().strip_prefix(root)
                && !path.as_os_str().is_empty()
            {
                entries.push(Entry { path: path.to_owned(), kind: kind(root, entry.path())? });
            }
        }
        if !entries.iter().any(|entry| matches!(entry.kind, Kind::File { .. })) {
            bail!("`{}` has no files, or `.gitignore` excludes them all", root.display());
        }
        let digest = digest(&entries);
        Ok(Self { root: root.to_owned(), entries, digest, archive: OnceLock::new() })
    }

    /// Digest of every path, content, link and executable bit; times and owners do not count.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Does it have a folder of that path?
    #[must_use]
    pub fn has_folder(&self, path: &str) -> bool {
        self.entries.iter().any(|entry| entry.path == Path::new(path) && matches!(entry.kind, Kind::Directory))
    }

    /// A link at `path`, on the way to it or below it.
    #[must_use]
    pub fn link_at(&self, path: &str) -> Option<&Path> {
        let path = Path::new(path);
        let concerns = |entry: &&Entry| path.starts_with(&entry.path) || entry.path.starts_with(path);
        let mut links = self.entries.iter().filter(|entry| matches!(entry.kind, Kind::Link(_)));
        links.find(concerns).map(|entry| entry.path.as_path())
    }

    /// Digest of one file.
    ///
    /// # Errors
    /// When the folder has no such file.
    pub fn file_digest(&self, path: &str) -> Result<Digest> {
        let entry = self.entries.iter().find(|entry| entry.path == Path::new(path));
        match entry.map(|entry| &entry.kind) {
            Some(Kind::File { digest, .. }) => Ok(digest.clone()),
            Some(Kind::Link(_)) => {
                let content = fs::read(self.root.join(path)).with_context(|| format!("`{path}` cannot be read"))?;
                Ok(Digest::of(&content))
            }
            _ => bail!(
                "there is no file `{path}` in `{}`\nhelp: name an existing file, and see that `.gitignore` does not exclude it",
                self.root.display()
            ),
        }
    }

    /// The folder as a tar archive; packed once and kept for the other hosts of the run.
    ///
    /// # Errors
    /// When a file cannot be read, or has changed since the folder was digested.
    pub fn archive(&self) -> Result<&[u8]> {
        if let Some(bytes) = self.archive.get() {
            return Ok(bytes);
        }
        let bytes = self.pack().with_context(|| format!("`{}` cannot be packed", self.root.display()))?;
        Ok(self.archive.get_or_init(|| bytes))
    }

    fn pack(&self) -> Result<Vec<u8>> {
        let mut archive = tar::Builder::new(vec![]);
        for entry in &self.entries {
            let path = self.root.join(&entry.path);
            let mut header = tar::Header::new_gnu();
            let modified = fs::symlink_metadata(&path)?.modified()?.duration_since(std::time::UNIX_EPOCH);
            header.set_mtime(modified.map_or(0, |age| age.as_secs()));
            match &entry.kind {
                Kind::Directory => {
                    header.set_entry_type(tar::EntryType::Directory);
                    header.set_mode(0o755);
                    header.set_size(0);
                    archive.append_data(&mut header, &entry.path, std::io::empty())?;
                }
                Kind::File { digest, executable } => {
                    let content = fs::read(&path)?;
                    if Digest::of(&content) != *digest {
                        bail!("`{}` changed while it was being read; run again", entry.path.display());
                    }
                    header.set_mode(if *executable { 0o755 } else { 0o644 });
                    header.set_size(content.len() as u64);
                    archive.append_data(&mut header, &entry.path, content.as_slice())?;
                }
                Kind::Link(to) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_mode(0o777);
                    header.set_size(0);
                    archive.append_link(&mut header, &entry.path, to)?;
                }
            }
        }
        Ok(archive.into_inner()?)
    }
}

fn kind(root: &Path, path: &Path) -> Result<Kind> {
    let shown = path.display();
    let metadata = fs::symlink_metadata(path).with_context(|| format!("`{shown}` cannot be read"))?;
    if metadata.is_dir() {
        return Ok(Kind::Directory);
    }
    if metadata.is_symlink() {
        let to = fs::read_link(path).with_context(|| format!("`{shown}` cannot be read"))?;
        let inside = match (path.canonicalize(), root.canonicalize()) {
            (Ok(end), Ok(root)) => end.starts_with(root),
            _ => false,
        };
        if to.is_absolute() || !inside {
            bail!("the link `{shown}` leads to `{}`, outside the app's folder; put a copy there instead", to.display());
        }
        return Ok(Kind::Link(to));
    }
    if !metadata.is_file() {
        bail!("`{shown}` is neither a file nor a folder nor a link; move it elsewhere or add it to `.gitignore`");
    }
    let content = fs::read(path).with_context(|| format!("`{shown}` cannot be read"))?;
    Ok(Kind::File { digest: Digest::of(&content), executable: metadata.permissions().mode() & 0o111 != 0 })
}

fn digest(entries: &[Entry]) -> Digest {
    let mut hasher = Hasher::default();
    for entry in entries {
        hasher.field(entry.path.as_os_str().as_encoded_bytes());
        match &entry.kind {
            Kind::Directory => hasher.field("directory"),
            Kind::File { digest, executable } => {
                hasher.field(if *executable { "program" } else { "file" }).field(digest.as_str())
            }
            Kind::Link(to) => hasher.field("link").field(to.as_os_str().as_encoded_bytes()),
        };
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, content).expect("a file");
        }
        folder
    }

    #[test]
    fn ignored_files_do_not_count() {
        let plain = folder(&[("app.py", "x"), (".gitignore", "*.pyc\n")]);
        let with_ignored = folder(&[("app.py", "x"), (".gitignore", "*.pyc\n"), ("app.pyc", "y"), (".git/HEAD", "z")]);
        let read =
            |folder: &tempfile::TempDir| Folder::read(folder.path()).expect("a readable folder").digest().clone();
        assert_eq!(read(&plain), read(&with_ignored));
    }

    #[test]
    fn running_the_app_here_makes_no_new_release() {
        let plain = folder(&[("app.py", "x")]);
        let run = folder(&[("app.py", "x"), ("__pycache__/app.cpython-311.pyc", "y")]);
        let read =
            |folder: &tempfile::TempDir| Folder::read(folder.path()).expect("a readable folder").digest().clone();
        assert_eq!(read(&plain), read(&run));
    }

    #[test]
    fn content_and_executable_bit_count() {
        let read =
            |folder: &tempfile::TempDir| Folder::read(folder.path()).expect("a readable folder").digest().clone();
        let one = folder(&[("app.py", "x")]);
        let other = folder(&[("app.py", "y")]);
        assert_ne!(read(&one), read(&other));
        let before = read(&one);
        fs::set_permissions(one.path().join("app.py"), fs::Permissions::from_mode(0o755)).expect("a mode");
        assert_ne!(before, read(&one));
    }

    #[test]
    fn a_link_out_of_the_folder_is_refused() {
        let one = folder(&[("app.py", "x")]);
        std::os::unix::fs::symlink("/etc/passwd", one.path().join("users")).expect("a link");
        let error = Folder::read(one.path()).expect_err("a refusal");
        assert!(error.to_string().contains("outside the app's folder"), "{error}");
    }

    #[test]
    fn the_archive_holds_every_file() {
        let one = folder(&[("app.py", "x"), ("static/site.css", "body {}")]);
        let read = Folder::read(one.path()).expect("a readable folder");
        let mut archive = tar::Archive::new(read.archive().expect("an archive"));
        let paths: Vec<_> = archive
            .entries()
            .expect("entries")
            .map(|entry| entry.expect("an entry").path().expect("a path").display().to_string())
            .collect();
        assert_eq!(paths, ["app.py", "static", "static/site.css"]);
    }
}
