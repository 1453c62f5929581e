//! The whole root file system of a host: each path with its kind, mode, owner, content and link, and in what two states
//! differ.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use provision::digest::Digest;

use super::inside::Inside;

/// What the kernel makes up, and what lives only as long as a boot.
const APART: [&str; 6] = ["/proc", "/sys", "/dev", "/run", "/srv/debs", "/srv/wheels"];

/// Where a change, a boot or a log writes anyway. Anything else may not change at all.
const FREE: [&str; 19] = [
    "/var/lib/provision",
    "/var/log/journal",
    "/var/log/nginx",
    "/var/log/wtmp",
    "/var/log/lastlog",
    "/var/log/apt",
    "/var/log/dpkg.log",
    "/var/log/btmp*",
    "/var/log/alternatives.log*",
    // What dpkg saves of its own files at midnight.
    "/var/backups",
    "/var/lib/systemd",
    "/var/lib/logrotate",
    "/var/lib/nginx",
    "/var/cache",
    "/var/tmp",
    "/tmp",
    "/root/.cache",
    "/etc/.pwd.lock",
    "/home/ubuntu/.cache",
];

/// One path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    shown: String,
    /// Changes with anything that is done to it, and nobody can set it back.
    changed: (i64, i64),
}

/// What is there.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    entries: BTreeMap<String, Entry>,
}

impl Snapshot {
    /// Everything, now. Contents that have not changed since `before` are not read again.
    pub fn of(inside: &Inside, before: &Self) -> Self {
        let mut snapshot = Self::default();
        snapshot.walk(inside, "", before);
        snapshot
    }

    fn walk(&mut self, inside: &Inside, path: &str, before: &Self) {
        let at = if path.is_empty() { inside.root.clone() } else { inside.path(path) };
        // What goes while one looks is no escape.
        let Ok(metadata) = fs::symlink_metadata(&at) else { return };
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        let known = before.entries.get(path).filter(|entry| entry.changed == changed && metadata.is_file());
        let shown = known.map_or_else(|| shown(&at, &metadata), |entry| entry.shown.clone());
        self.entries.insert(path.to_owned(), Entry { shown, changed });
        if metadata.is_dir() {
            for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
                let below = format!("{path}/{}", entry.file_name().to_string_lossy());
                // An app can make trees that are deeper than any path may be long.
                if !APART.contains(&below.as_str()) && below.len() < 1000 {
                    self.walk(inside, &below, before);
                }
            }
        }
    }

    /// How many paths.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The paths that differ and are not in a place that is free, or below one of `more`.
    pub fn escapes(&self, after: &Self, more: &[&str]) -> Vec<String> {
        let mut found = vec![];
        let free = |path: &str| {
            FREE.iter().chain(more).any(|free| {
                let wild = free.strip_suffix('*').is_some_and(|start| path.starts_with(start));
                wild || path == *free || path.strip_prefix(free).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        for path in self.entries.keys().chain(after.entries.keys().filter(|path| !self.entries.contains_key(*path))) {
            let line =
                |of: &Self| of.entries.get(path).map_or_else(|| "nothing".to_owned(), |entry| entry.shown.clone());
            let (was, is) = (line(self), line(after));
            if was != is && !free(path) {
                found.push(format!("{path}: {is} instead of {was}"));
            }
        }
        found
    }
}

fn shown(at: &Path, metadata: &fs::Metadata) -> String {
    let kind = metadata.file_type();
    let content = if kind.is_symlink() {
        format!("link to {}", fs::read_link(at).map(|to| to.display().to_string()).unwrap_or_default())
    } else if kind.is_dir() {
        "folder".to_owned()
    } else if kind.is_file() {
        // A file with holes of 50 GB is not worth reading.
        let small = metadata.len() < 64 << 20;
        let digest = fs::read(at).ok().filter(|_| small).map(|content| Digest::of(&content).short(16).to_owned());
        format!("file {}", digest.unwrap_or_else(|| format!("of {} bytes", metadata.len())))
    } else if kind.is_socket() {
        "socket".to_owned()
    } else {
        format!("device or pipe {}", metadata.rdev())
    };
    format!("{content} {:o} {}:{}", metadata.mode() & 0o7777, metadata.uid(), metadata.gid())
}
