//! A folder of app code as a tar archive, which holds no owner and no bits of a mode but the executable one.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use super::entry::{Entry, Kind};
use crate::digest::Digest;

/// Packs the entries of the folder `root`, as they were when they were digested.
pub(super) fn pack(root: &Path, entries: &[Entry]) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(vec![]);
    for entry in entries {
        let path = root.join(&entry.path);
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
