//! What `provision` notes on a host and reads there at the next look: what it owns, what processes have loaded, which
//! dependencies are installed. Each note says which format it has.

use crate::digest::Digest;
use crate::fault::Fault;
use crate::format::Format;
use crate::model::ProjectName;

/// The ownership record: a line of its own says which format it has. The first one had none, the second knew no
/// projects.
pub const OWNED: Format = Format::new("the ownership record of this host", 3);

/// Notes of one line: `format=N` ends it. The first format had none.
const NOTE: Format = Format::new("what this host has noted about a process or its dependencies", 2);

/// One line of the ownership record: what a project owns. What several own stays until the last gives it up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Holding {
    /// The project; a line that names none is of the usual one.
    pub project: ProjectName,
    /// What it owns.
    pub owned: Owned,
}

impl Holding {
    /// What `project` owns.
    #[must_use]
    pub fn of(project: &ProjectName, owned: Owned) -> Self {
        Self { project: project.clone(), owned }
    }

    /// The line in the record.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}\t{}", self.owned.line(), self.project)
    }
}

/// What provision put on a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owned {
    /// A regular file.
    File(String),
    /// A regular file that was the host's own before: it is written, and never removed.
    Replaced(String),
    /// A symbolic link.
    Link(String),
    /// A directory.
    Directory(String),
    /// A system user.
    User(String),
    /// A system user that no app needs any more, and whose number is not given away while something is its own.
    Reserved(String),
    /// An app: its folder below `/srv`, its units and its marks.
    App(String),
    /// An app that no longer runs, and that a rollback can bring back: its folder below `/srv` and its marks stay.
    Kept {
        /// The app.
        app: String,
        /// Until when, in seconds since 1970.
        until: u64,
    },
    /// Debian's welcome site was taken out of `sites-enabled`.
    Welcome,
}

impl Owned {
    /// Its words in the record.
    fn line(&self) -> String {
        match self {
            Self::File(path) => format!("file\t{path}"),
            Self::Replaced(path) => format!("replaced\t{path}"),
            Self::Link(path) => format!("link\t{path}"),
            Self::Directory(path) => format!("directory\t{path}"),
            Self::User(name) => format!("user\t{name}"),
            Self::Reserved(name) => format!("reserved\t{name}"),
            Self::App(name) => format!("app\t{name}"),
            Self::Kept { app, until } => format!("kept\t{app} until={until}"),
            Self::Welcome => "welcome\t-".to_owned(),
        }
    }

    /// Reads a kind and a name; `None` for a kind that this version does not know.
    #[must_use]
    pub fn parse(kind: &str, name: &str) -> Option<Self> {
        if kind == "kept" {
            let (app, until) = name.split_once(" until=")?;
            return Some(Self::Kept { app: app.to_owned(), until: until.parse().ok()? });
        }
        let name = name.to_owned();
        match kind {
            "file" => Some(Self::File(name)),
            "replaced" => Some(Self::Replaced(name)),
            "link" => Some(Self::Link(name)),
            "directory" => Some(Self::Directory(name)),
            "user" => Some(Self::User(name)),
            "reserved" => Some(Self::Reserved(name)),
            "app" => Some(Self::App(name)),
            "welcome" => Some(Self::Welcome),
            _ => None,
        }
    }
}

/// The whole ownership record, as it stands on the host.
#[must_use]
pub fn ownership_record(owned: &[Holding]) -> String {
    let lines = owned.iter().map(Holding::line).chain([OWNED.line()]);
    lines.map(|line| line + "\n").collect()
}

/// What provision noted when it last started or reloaded a service; `remember` on the host writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The start that it was noted for; see [`Unit::instance`](super::Unit::instance).
    pub instance: String,
    /// When, in seconds since 1970.
    pub at: f64,
    /// Digest of what a restart reads.
    pub restart: Digest,
    /// Digest of what a reload reads as well.
    pub reload: Digest,
}

impl Loaded {
    /// Reads the note; `None` for a line that is none.
    ///
    /// # Errors
    /// When it is of a format that is not known.
    pub fn parse(line: &str) -> Result<Option<Self>, Fault> {
        let read = |words: &[&str]| match *words {
            [instance, at, restart, reload] => Some(Self {
                instance: instance.to_owned(),
                at: at.parse().ok()?,
                restart: restart.parse().ok()?,
                reload: reload.parse().ok()?,
            }),
            _ => None,
        };
        Ok(read(&words_of_note(line)?))
    }
}

/// Python dependencies that are installed; `install_python` on the host notes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependencies {
    /// Digest of what was asked for.
    pub digest: Digest,
    /// The Python that they were installed for, such as `3.11`.
    pub python: String,
}

impl Dependencies {
    /// Reads the note; `None` for a line that is none.
    ///
    /// # Errors
    /// When it is of a format that is not known.
    pub fn parse(line: &str) -> Result<Option<Self>, Fault> {
        let read = |words: &[&str]| match *words {
            [digest, python] => Some(Self { digest: digest.parse().ok()?, python: python.to_owned() }),
            _ => None,
        };
        Ok(read(&words_of_note(line)?))
    }
}

/// The words of a note, without the one that says which format it has.
fn words_of_note(line: &str) -> Result<Vec<&str>, Fault> {
    let mut words: Vec<&str> = line.split(' ').collect();
    if let Some(version) = words.last().and_then(|word| word.strip_prefix("format=")) {
        NOTE.read(version)?;
        words.pop();
    }
    Ok(words)
}
