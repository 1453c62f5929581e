//! One thing in a folder of app code: what it is, and whether it may be sent.

use std::fs::{self, File, Metadata};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};

use crate::digest::{Digest, Hasher};

/// What a folder of app code held when it was read.
#[derive(Debug)]
pub(super) struct Contents {
    /// Where it is.
    pub root: PathBuf,
    /// All that is sent; a folder stands before what is in it.
    pub entries: Vec<Entry>,
}

/// One thing in a folder of app code.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its path, relative to the folder.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// When it was last changed, in seconds since 1970.
    pub modified: u64,
}

/// What an entry is.
#[derive(Debug)]
pub(super) enum Kind {
    /// A folder.
    Directory,
    /// A regular file as it was read.
    File {
        /// Digest of its content.
        digest: Digest,
        /// Its bytes.
        size: u64,
        /// Somebody may run it.
        executable: bool,
    },
    /// A link that stays in the folder, as it is written.
    Link(PathBuf),
}

impl Entry {
    /// Reads what lies at `path` in the folder `root`.
    ///
    /// # Errors
    /// When it cannot be read or may not be sent.
    pub fn read(root: &Path, path: PathBuf) -> Result<Self> {
        check_name(&path)?;
        let full = root.join(&path);
        let metadata = fs::symlink_metadata(&full).with_context(|| format!("`{}` cannot be read", full.display()))?;
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
        let kind = kind(root, &full, &metadata)?;
        Ok(Self { path, kind, modified })
    }
}

/// What a host tells a finished release by.
const MARK: &str = ".provision-release";

fn check_name(path: &Path) -> Result<()> {
    if path == Path::new(MARK) {
        bail!(
            "`{MARK}` is what tells a host that a release is complete, and cannot be a file of an app; rename or \
             remove it"
        );
    }
    // Lists on the host have one name a line.
    if path.to_string_lossy().chars().any(char::is_control) {
        bail!("{path:?} has a line break or control character in its name; rename it or add it to `.gitignore`");
    }
    Ok(())
}

fn kind(root: &Path, path: &Path, metadata: &Metadata) -> Result<Kind> {
    let shown = path.display();
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
    let (digest, size) =
        File::open(path).and_then(Digest::read).with_context(|| format!("`{shown}` cannot be read"))?;
    Ok(Kind::File { digest, size, executable: metadata.permissions().mode() & 0o111 != 0 })
}

pub(super) fn digest(entries: &[Entry]) -> Digest {
    let mut hasher = Hasher::default();
    for entry in entries {
        hasher.field(entry.path.as_os_str().as_encoded_bytes());
        match &entry.kind {
            Kind::Directory => hasher.field("directory"),
            Kind::File { digest, executable, .. } => {
                hasher.field(if *executable { "program" } else { "file" }).field(digest.as_str())
            }
            Kind::Link(to) => hasher.field("link").field(to.as_os_str().as_encoded_bytes()),
        };
    }
    hasher.finish()
}
