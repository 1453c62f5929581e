//! What a host is like now, as the probe saw it. Data only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::noted::{Dependencies, Holding, Loaded, Owned};
use crate::digest::Digest;
use crate::model::{Init, Mode, ProjectName, Verdict};
use crate::platform::{Modules, Os, Platform, Release, Version};
use crate::runtime::GUNICORN;

/// Everything the probe reported about one host.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// `ID` and `VERSION_ID` of `/etc/os-release`, such as `debian` and `12`.
    pub os: Os,
    /// What runs as pid 1.
    pub init: Init,
    /// What `nginx -V` prints; empty when there is no Nginx.
    pub nginx: String,
    /// The kernel speaks IPv6.
    pub ipv6: bool,
    /// The host's own clock at the look, in seconds since 1970.
    pub now: f64,
    /// The host's Python refuses global pip installs unless told otherwise (PEP 668).
    pub externally_managed: bool,
    /// Files, directories and links by path; a path that does not exist is absent.
    pub nodes: BTreeMap<String, Node>,
    /// Owners of log files that are there.
    pub logs: BTreeMap<String, String>,
    /// Installed packages with their versions.
    pub packages: BTreeMap<String, String>,
    /// Units or jobs by name.
    pub units: BTreeMap<String, Unit>,
    /// Existing users.
    pub users: BTreeSet<String>,
    /// Complete releases by app.
    pub releases: BTreeMap<String, BTreeSet<String>>,
    /// What provision put on the host, and for which projects.
    pub owned: Vec<Holding>,
    /// Lines of the ownership record that provision never wrote so, fit to be seen. Nobody knows what they name.
    pub damaged: Vec<String>,
    /// What running processes loaded, by the names of the notes: each project has its own on each service.
    pub loaded: BTreeMap<String, Loaded>,
    /// Installed Python dependencies by app, or by `APP@RELEASE` for a virtual environment.
    pub python: BTreeMap<String, Dependencies>,
    /// Debian's own welcome site.
    pub welcome: Welcome,
    /// The number of the last attempt to change the host; 0 when there was none.
    pub attempts: u32,
    /// A transaction that is at work, or was cut.
    pub at_work: Option<AtWork>,
    /// How the last attempt ended, if its controller was gone by then.
    pub untold: Option<Untold>,
}

impl Facts {
    /// Everything of the last change serves, and clients decide whether that stays.
    #[must_use]
    pub fn on_probation(&self) -> bool {
        self.at_work.as_ref().is_some_and(|at_work| at_work.running && at_work.probation)
    }

    /// What `project` owns.
    pub fn owned_by<'a>(&'a self, project: &'a ProjectName) -> impl Iterator<Item = &'a Owned> {
        self.owned.iter().filter(move |holding| holding.project == *project).map(|holding| &holding.owned)
    }

    /// What other projects than `project` own.
    pub fn owned_by_others<'a>(&'a self, project: &'a ProjectName) -> impl Iterator<Item = &'a Holding> {
        self.owned.iter().filter(move |holding| holding.project != *project)
    }

    /// What a running process had loaded of what `project` wants, as it was noted.
    #[must_use]
    pub fn loaded_of(&self, service: &str, project: &ProjectName) -> Option<&Loaded> {
        self.loaded.get(&format!("{service}{}", project.suffix()))
    }

    /// When the process of that start last read all that there was, as far as any project noted it.
    #[must_use]
    pub fn read_at(&self, service: &str, instance: &str) -> Option<f64> {
        let of_service =
            |name: &str| name.strip_prefix(service).is_some_and(|rest| rest.is_empty() || rest.starts_with('+'));
        let notes = self.loaded.iter().filter(|(name, note)| of_service(name) && note.instance == instance);
        notes.map(|(_, note)| note.at).reduce(f64::max)
    }

    /// What the host is made of. A program that it does not have yet counts as the one that its release brings.
    #[must_use]
    pub fn platform(&self) -> Platform {
        let mut platform = Release::of(&self.os).platform(self.init);
        let versions = &mut platform.versions;
        let package = |name: &str| self.packages.get(name).and_then(|version| Version::find(version));
        let found = |version: &mut Option<Version>, seen: Option<Version>| *version = seen.or(*version);
        match self.init {
            Init::Systemd => found(&mut versions.systemd, package("systemd")),
            Init::Upstart => found(&mut versions.upstart, package("upstart")),
        }
        found(&mut versions.python, package("python3"));
        found(&mut versions.gunicorn, GUNICORN.debian.on(platform.plain_names).and_then(package));
        found(&mut versions.pip, package("python3-pip"));
        for line in self.nginx.lines() {
            if let Some(version) = line.strip_prefix("nginx version: ") {
                found(&mut versions.nginx, Version::find(version));
            } else if let Some(openssl) = line.strip_prefix("built with OpenSSL ") {
                // It may run with a newer one than it was built with.
                let running = openssl.rsplit_once("running with OpenSSL ").map_or(openssl, |(_, running)| running);
                found(&mut versions.openssl, Version::find(running));
            } else if let Some(arguments) = line.strip_prefix("configure arguments: ") {
                platform.nginx_modules = Modules::parse(arguments);
            }
        }
        platform.os.clone_from(&self.os);
        platform.ipv6 = self.ipv6;
        platform
    }
}

/// A transaction that is at work, or was cut and not settled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWork {
    /// It is at work.
    pub running: bool,
    /// Whose it is, and since when.
    pub holder: String,
    /// Everything new serves, and clients decide about it.
    pub probation: bool,
}

/// An attempt whose controller was gone when it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Its number.
    pub generation: u32,
    /// Whose it was.
    pub who: String,
    /// What it came to; `None` while the record does not say.
    pub verdict: Option<Verdict>,
    /// Why.
    pub reason: String,
    /// It was on probation, which nobody waits for.
    pub probation: bool,
}

/// One path that exists.
#[derive(Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Permission bits.
    pub mode: Mode,
    /// Owning user's name.
    pub owner: String,
    /// Owning group's name.
    pub group: String,
    /// When content, name or mode last changed, in seconds since 1970.
    pub changed: f64,
    /// Digest of a regular file.
    pub digest: Option<Digest>,
    /// Content of a regular file; `None` when it is too large to send, or changed in the middle of the look.
    pub content: Option<Vec<u8>>,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, mode, owner, group, changed, digest, content } = self;
        // The content may be secret.
        let content = content.as_ref().map(Vec::len);
        write!(f, "Node {{ {kind:?}, {mode}, {owner}:{group}, {changed}, {digest:?}, {content:?} bytes }}")
    }
}

/// What a path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link and what it says.
    Link(String),
    /// A device, pipe or socket.
    Other,
}

impl NodeKind {
    /// The kind in words.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Directory => "a directory",
            Self::Link(_) => "a link",
            Self::Other => "a special file",
        }
    }
}

/// A unit of systemd or a job of Upstart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unit {
    /// It has a definition.
    pub known: bool,
    /// Somebody has forbidden to start it.
    pub masked: bool,
    /// It runs, or listens.
    pub active: bool,
    /// It starts at boot.
    pub enabled: bool,
    /// The manager's own state word, such as `failed`.
    pub state: String,
    /// The file that defines it; empty when unknown.
    pub definition: String,
    /// The manager read an older definition than the one on disk.
    pub needs_daemon_reload: bool,
    /// Main process; 0 when there is none.
    pub pid: u32,
    /// When the main process (or the listener) started, in seconds since 1970.
    pub started: f64,
    /// Names this very start: equal only while the same process (or listener) runs.
    pub instance: String,
}

/// The state of the site that Debian's nginx package enables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Welcome {
    /// It is not enabled.
    #[default]
    Absent,
    /// It is enabled, and as the package brought it.
    Packaged,
    /// It is enabled, and someone edited it.
    Edited,
}
