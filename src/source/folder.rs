//! A folder of app code: read and digested.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::archive::{self, Archive};
use super::entry::{self, Contents, Entry, Kind};
use super::walk;
use crate::digest::Digest;
use crate::fault::Fault;
use crate::model::LocalFolder;

/// A folder of app code as it was when it was read.
#[derive(Debug)]
pub struct Folder {
    contents: Arc<Contents>,
    left_out: Vec<PathBuf>,
    digest: Digest,
    archive_length: u64,
}

impl Folder {
    /// Reads a folder. `.gitignore` files count, those of parent folders too, and some files are left out unless they
    /// are named, see [`leave_out`].
    ///
    /// # Errors
    /// When the folder or something in it cannot be read or may not be sent, when it holds no file at all, when what is
    /// named is not there, or when a link leads out of it.
    pub fn read(folder: &LocalFolder) -> Result<Self> {
        let LocalFolder { path: root, include, .. } = folder;
        if !root.is_dir() {
            return Err(Fault::new(format!("there is no folder `{}`", root.display()))
                .hint("`source: { path: … }` is relative to the inventory's folder")
                .into());
        }
        let walk::Walked { paths, left_out } = walk::walk(folder)?;
        let entries = paths.into_iter().map(|path| Entry::read(root, path)).collect::<Result<Vec<_>>>()?;
        if let Some(absent) =
            include.iter().find(|path| entries.iter().all(|entry| entry.path != Path::new(path.as_str())))
        {
            return Err(Fault::new(format!("there is no `{absent}` in `{}`, which `include` names", root.display()))
                .hint("write its path from the top of the folder")
                .into());
        }
        if !entries.iter().any(|entry| matches!(entry.kind, Kind::File { .. })) {
            bail!("`{}` has no files, or `.gitignore` excludes them all", root.display());
        }
        let digest = entry::digest(&entries);
        let archive_length =
            archive::length(&entries).with_context(|| format!("`{}` cannot be packed", root.display()))?;
        let contents = Arc::new(Contents { root: root.clone(), entries });
        Ok(Self { contents, left_out, digest, archive_length })
    }

    /// What was left out and nobody named: the outermost paths.
    #[must_use]
    pub fn left_out(&self) -> &[PathBuf] {
        &self.left_out
    }

    /// Digest of every path, content, link and executable bit; times and owners do not count.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Does it have a folder of that path?
    #[must_use]
    pub fn has_folder(&self, path: &str) -> bool {
        self.contents.entries.iter().any(|entry| entry.path == Path::new(path) && matches!(entry.kind, Kind::Directory))
    }

    /// A link at `path`, on the way to it or below it.
    #[must_use]
    pub fn link_at(&self, path: &str) -> Option<&Path> {
        let path = Path::new(path);
        let concerns = |entry: &&Entry| path.starts_with(&entry.path) || entry.path.starts_with(path);
        let mut links = self.contents.entries.iter().filter(|entry| matches!(entry.kind, Kind::Link(_)));
        links.find(concerns).map(|entry| entry.path.as_path())
    }

    /// Digest of one file.
    ///
    /// # Errors
    /// When the folder has no such file.
    pub fn file_digest(&self, path: &str) -> Result<Digest> {
        let entry = self.contents.entries.iter().find(|entry| entry.path == Path::new(path));
        match entry.map(|entry| &entry.kind) {
            Some(Kind::File { digest, .. }) => Ok(digest.clone()),
            Some(Kind::Link(_)) => {
                let read = File::open(self.contents.root.join(path)).and_then(Digest::read);
                Ok(read.with_context(|| format!("`{path}` cannot be read"))?.0)
            }
            _ => Err(Fault::new(format!("there is no file `{path}` in `{}`", self.contents.root.display()))
                .hint("name an existing file, and see that `.gitignore` does not exclude it")
                .into()),
        }
    }

    /// The folder as a tar archive, whose bytes are read from the disk only when they are asked for.
    #[must_use]
    pub fn archive(&self) -> Archive {
        Archive::of(Arc::clone(&self.contents))
    }

    /// Bytes of the archive; whole blocks, as in any tar archive.
    #[must_use]
    pub fn archive_length(&self) -> u64 {
        self.archive_length
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn read(path: &Path) -> Result<Folder> {
        read_with(path, &[])
    }

    fn read_with(path: &Path, include: &[&str]) -> Result<Folder> {
        let include = include.iter().map(|path| path.parse().expect("a path")).collect();
        Folder::read(&LocalFolder { path: path.to_owned(), include, inventory: path.join("hosts.yml") })
    }

    fn paths(folder: &Folder) -> Vec<&str> {
        folder.contents.entries.iter().map(|entry| entry.path.to_str().expect("a text")).collect()
    }

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
        let read = |folder: &tempfile::TempDir| read(folder.path()).expect("a readable folder").digest().clone();
        assert_eq!(read(&plain), read(&with_ignored));
    }

    #[test]
    fn running_the_app_here_makes_no_new_release() {
        let plain = folder(&[("app.py", "x")]);
        let run = folder(&[("app.py", "x"), ("__pycache__/app.cpython-311.pyc", "y")]);
        let read = |folder: &tempfile::TempDir| read(folder.path()).expect("a readable folder").digest().clone();
        assert_eq!(read(&plain), read(&run));
    }

    #[test]
    fn content_and_executable_bit_count() {
        let read = |folder: &tempfile::TempDir| read(folder.path()).expect("a readable folder").digest().clone();
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
        let error = read(one.path()).expect_err("a refusal");
        assert!(error.to_string().contains("outside the app's folder"), "{error}");
    }

    #[test]
    fn what_an_app_does_not_run_on_stays_here() {
        let one = folder(&[
            ("app.py", "x"),
            (".env", "secret"),
            (".env.example", "SECRET="),
            ("pkg/.env.production", "secret"),
            (".git/config", "url"),
            ("sub/.git", "gitdir: ../.git/modules/sub"),
            ("sub/a.py", "x"),
            ("env-of-mine/pyvenv.cfg", "home = /usr"),
            ("env-of-mine/bin/python3", "x"),
            ("node_modules/a/index.js", "x"),
            ("hosts.yml", "version: 1"),
            ("pkg/hosts.yml", "not the inventory"),
            ("id_ed25519", "key"),
        ]);
        let read = read(one.path()).expect("a readable folder");
        assert_eq!(paths(&read), [".env.example", "app.py", "pkg", "pkg/hosts.yml", "sub", "sub/a.py"]);
        let left: Vec<_> = read.left_out().iter().map(|path| path.to_str().expect("a text")).collect();
        assert_eq!(left, [".env", "env-of-mine", "hosts.yml", "id_ed25519", "node_modules", "pkg/.env.production"]);
    }

    #[test]
    fn what_is_named_is_sent_whatever_gitignore_says() {
        let one = folder(&[
            ("app.py", "x"),
            (".gitignore", "conf/\n.env\n"),
            (".env", "secret"),
            ("conf/local/a.ini", "x"),
            ("conf/other.ini", "x"),
            ("node_modules/a/.env", "x"),
            ("node_modules/a/__pycache__/a.pyc", "x"),
        ]);
        let read = read_with(one.path(), &[".env", "conf/local", "node_modules"]).expect("a readable folder");
        let expected = [
            ".env",
            ".gitignore",
            "app.py",
            "conf",
            "conf/local",
            "conf/local/a.ini",
            "node_modules",
            "node_modules/a",
            "node_modules/a/.env",
        ];
        assert_eq!(paths(&read), expected);
        assert!(read.left_out().is_empty(), "{:?}", read.left_out());
        let error = read_with(one.path(), &["conf/none"]).expect_err("a refusal");
        assert!(error.to_string().contains("there is no `conf/none`"), "{error}");
    }

    #[test]
    fn what_is_named_lies_in_the_folder() {
        let one = folder(&[("app.py", "x")]);
        std::os::unix::fs::symlink("/etc", one.path().join("etc")).expect("a link");
        fs::write(one.path().join(".gitignore"), "etc\n").expect("a file");
        for named in ["etc", "etc/passwd"] {
            let error = read_with(one.path(), &[named]).expect_err("a refusal");
            assert!(error.to_string().contains("outside the app's folder"), "{error}");
        }
        // The archive would hold the link, and files that go through it.
        let two = folder(&[("app.py", "x"), ("conf/a.ini", "x")]);
        std::os::unix::fs::symlink("conf", two.path().join("linked")).expect("a link");
        assert!(read_with(two.path(), &["linked/a.ini"]).is_err());
        let read = read_with(two.path(), &["linked"]).expect("a readable folder");
        assert_eq!(paths(&read), ["app.py", "conf", "conf/a.ini", "linked"]);
    }

    #[test]
    fn names_that_would_deceive_a_host_are_refused() {
        let refused = |name: &str, words: &str| {
            let error = read(folder(&[("app.py", "x"), (name, "y")]).path()).expect_err("a refusal");
            assert!(error.to_string().contains(words), "{error}");
        };
        refused(".provision-release", "cannot be a file of an app");
        refused("a\nb", "control character");
        refused("a\u{1b}[2Jb/c", "control character");
        assert!(read(folder(&[("docs/.provision-release", "x")]).path()).is_ok());
    }

    #[test]
    fn links_on_the_way_and_below_are_found() {
        let one = folder(&[("static/a.css", "x"), ("other/b.css", "x")]);
        std::os::unix::fs::symlink("../other/b.css", one.path().join("static/b.css")).expect("a link");
        std::os::unix::fs::symlink("static", one.path().join("linked")).expect("a link");
        let read = read(one.path()).expect("a readable folder");
        let link = |path| read.link_at(path).map(|link| link.to_str().expect("a text"));
        assert_eq!(
            (link("static"), link("linked"), link("linked/a")),
            (Some("static/b.css"), Some("linked"), Some("linked"))
        );
        assert_eq!((link("other"), link("stat"), read.has_folder("linked")), (None, None, false));
    }
}
