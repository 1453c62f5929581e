//! Names of releases, and the mark that tells whether Python dependencies must be installed again.

use anyhow::{Context, Result};

use crate::digest::{Digest, Hasher};
use crate::model::{App, Install};
use crate::source::Pinned;

/// One release of an app: code plus, in a virtual environment, its dependencies.
#[derive(Debug, Clone)]
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

fn python_mark(app: &App, source: &Pinned) -> Result<PythonMark> {
    let method = match app.python.install {
        Install::Apt => return Ok(None),
        Install::System => "system",
        Install::Venv => "venv",
    };
    let mut hasher = Hasher::default();
    hasher.field(method);
    for package in &app.python.packages {
        hasher.field(package);
    }
    if let Some(file) = &app.python.requirements {
        let id = source.file_id(file.as_str()).with_context(|| format!("app `{}`: its requirements file", app.name))?;
        hasher.field("requirements").field(file.as_str()).field(id.as_str());
    }
    Ok(Some(hasher.finish()))
}
