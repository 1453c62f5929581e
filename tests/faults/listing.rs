//! Everything that a change can touch on a host, exactly: each path with its kind, mode, owner and content, and what
//! the service manager says of the units.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use provision::digest::Digest;

use super::inside::Inside;

/// Where `provision` puts what serves.
const PLACES: [&str; 3] = ["/etc", "/srv", "/usr/local"];

/// What differs for a reason that is not a change's.
const APART: [&str; 8] = [
    // The stores of the sandbox's apt and pip: large, and nobody writes there.
    "/srv/debs",
    "/srv/wheels",
    // What useradd and userdel save of the files as they were before the last user came or went.
    "/etc/passwd-",
    "/etc/group-",
    "/etc/shadow-",
    "/etc/gshadow-",
    "/etc/subuid-",
    "/etc/subgid-",
];

/// Releases by their folders, each with what is in it.
type Releases = BTreeMap<String, BTreeMap<String, String>>;

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    lines: BTreeMap<String, String>,
    /// What lies in each live release.
    pub live: Releases,
    /// And in each that is not: one may stay while an old worker is in it.
    pub spare: Releases,
}

impl Listing {
    pub fn of(inside: &Inside) -> Result<Self, String> {
        let mut lines = BTreeMap::new();
        for place in PLACES {
            walk(inside, place, &mut lines).map_err(|error| format!("{place}: {error}"))?;
        }
        let (live, spare) = releases(inside, &mut lines);
        let units = inside.bash(include_str!("scripts/units.sh"))?;
        for line in units.lines() {
            let (name, state) = line.split_once(' ').unwrap_or((line, ""));
            lines.insert(name.to_owned(), state.to_owned());
        }
        Ok(Self { lines, live, spare })
    }

    /// The paths and units in which two differ, each with what is here and what is there.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.lines.keys().chain(other.lines.keys()).collect();
        let shown = |line: Option<&String>| line.cloned().unwrap_or_else(|| "nothing".to_owned());
        let differs = names.into_iter().filter(|name| self.lines.get(*name) != other.lines.get(*name));
        differs
            .map(|name| format!("{name}: {} instead of {}", shown(self.lines.get(name)), shown(other.lines.get(name))))
            .collect()
    }
}

fn walk(inside: &Inside, path: &str, lines: &mut BTreeMap<String, String>) -> std::io::Result<()> {
    let at = inside.path(path);
    let metadata = fs::symlink_metadata(&at)?;
    let kind = metadata.file_type();
    let content = if kind.is_symlink() {
        format!("link to {}", fs::read_link(&at)?.display())
    } else if kind.is_dir() {
        "folder".to_owned()
    } else if kind.is_file() {
        format!("file {}", Digest::of(&content(path, &at)?).short(16))
    } else if kind.is_socket() {
        "socket".to_owned()
    } else {
        "something else".to_owned()
    };
    let access = format!("{:o} {}:{}", metadata.mode() & 0o7777, metadata.uid(), metadata.gid());
    lines.insert(path.to_owned(), format!("{content} {access}"));
    if kind.is_dir() {
        for entry in fs::read_dir(&at)? {
            let below = format!("{path}/{}", entry?.file_name().to_string_lossy());
            // What Python compiles for itself carries the time of its source.
            if !APART.contains(&below.as_str()) && !below.ends_with("/__pycache__") {
                walk(inside, &below, lines)?;
            }
        }
    }
    Ok(())
}

fn content(path: &str, at: &Path) -> std::io::Result<Vec<u8>> {
    if path != "/etc/shadow" {
        return fs::read(at);
    }
    // Without the day of the last change, which passes at midnight.
    let text = fs::read_to_string(at)?;
    let lines = text.lines().map(|line| line.split(':').enumerate().filter(|(at, _)| *at != 2).map(|(_, field)| field));
    Ok(lines.map(|fields| fields.collect::<Vec<_>>().join(":")).collect::<Vec<_>>().join("\n").into_bytes())
}

/// What lies in live releases, and in others; the latter is taken out of the lines.
fn releases(inside: &Inside, lines: &mut BTreeMap<String, String>) -> (Releases, Releases) {
    let (mut live, mut spare) = (Releases::new(), Releases::new());
    for (path, line) in lines.clone() {
        let words: Vec<&str> = path.splitn(6, '/').collect();
        let ["", "srv", app, "releases", id, ..] = words[..] else { continue };
        let folder = format!("/srv/{app}/releases/{id}");
        let current = fs::read_link(inside.path(&format!("/srv/{app}/current")));
        let releases = if current.is_ok_and(|current| current == Path::new(&folder)) {
            &mut live
        } else {
            lines.remove(&path);
            &mut spare
        };
        releases.entry(folder).or_default().insert(path, line);
    }
    (live, spare)
}
