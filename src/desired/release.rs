//! Names of releases, and the mark that tells whether Python dependencies must be installed again.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher};
use crate::model::{App, Install};
use crate::source::Pinned;

/// One release of an app: code plus, in a virtual environment, its dependencies. Stored without its code.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Release {
    /// Folder name below `releases`: equal for equal code, so that nothing is sent twice.
    pub id: String,
    /// The code.
    pub source: Pinned,
    /// What the dependencies were installed from.
    pub python: PythonMark,
}

/// Digest of everything that Python dependencies are installed from; `None` when Debian's packages are all.
pub type PythonMark = Option<Digest>;

impl Release {
    /// The release that `app` at `source` makes.
    ///
    /// # Errors
    /// When the requirements file is not in the source.
    pub fn of(app: &App, source: &Pinned) -> Result<Self> {
        let python = python_mark(app, source)?;
        let code = &source.id()[..12];
        let id = match &python {
            // Only a virtual environment lives inside the release.
            Some(mark) if app.python.install == Install::Venv => format!("{code}-{}", mark.short(6)),
            _ => code.to_owned(),
        };
        Ok(Self { id, source: source.clone(), python })
    }
}

/// A release as it is stored: its code is on the host, or nowhere.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    id: String,
    python: PythonMark,
}

impl From<Release> for Stored {
    fn from(release: Release) -> Self {
        Self { id: release.id, python: release.python }
    }
}

impl TryFrom<Stored> for Release {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { id, python } = stored;
        if !is_release_id(&id) {
            return Err(format!("`{id}` does not name a release"));
        }
        Ok(Self { source: Pinned::OnHost(id.clone()), id, python })
    }
}

/// Twelve digits of the code's digest, and six of its dependencies' in a virtual environment.
fn is_release_id(text: &str) -> bool {
    let hexadecimal =
        |text: &str, digits| text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match text.split_once('-') {
        Some((code, dependencies)) => hexadecimal(code, 12) && hexadecimal(dependencies, 6),
        None => hexadecimal(text, 12),
    }
}

fn python_mark(app: &App, source: &Pinned) -> Result<PythonMark> {
    let method = match app.python.install {
        Install::Apt => return Ok(None),
        Install::System => "system",
        Install::Venv => "venv",
    };
    let mut hasher = Hasher::default();
    hasher.field(method);
    if app.python.require_hashes {
        hasher.field("require hashes");
    }
    if !app.runtime.is_usual() {
        hasher.field("runtime").field(app.runtime.name);
    }
    for package in &app.python.packages {
        hasher.field(package);
    }
    if let Some(file) = &app.python.requirements {
        let id = source.file_id(file.as_str()).with_context(|| format!("app `{}`: its requirements file", app.name))?;
        hasher.field("requirements").field(file.as_str()).field(id.as_str());
    }
    Ok(Some(hasher.finish()))
}
