//! App code on its way to a host: what identifies it, and its bytes. Reads local folders and asks git servers;
//! knows nothing of hosts.

mod archive;
mod entry;
mod folder;
mod git;
mod leave_out;
mod walk;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

pub use archive::Archive;
pub use folder::Folder;

use crate::digest::Digest;
use crate::model::{App, LocalFolder, Source};

/// One app's code, pinned.
#[derive(Debug, Clone)]
pub enum Pinned {
    /// A folder of the controller, read and digested.
    Folder(Arc<Folder>),
    /// A commit that the host fetches by itself.
    Commit {
        /// What `git clone` takes.
        url: String,
        /// The full commit id.
        commit: String,
    },
    /// The release of that name, which the host must have already: nobody can deliver it.
    OnHost(String),
}

impl Pinned {
    /// Identifies the code: equal for equal code.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Folder(folder) => folder.digest().as_str(),
            Self::Commit { commit, .. } => commit,
            Self::OnHost(release) => release,
        }
    }

    /// What of a folder stays on the controller, for nobody named it.
    #[must_use]
    pub fn left_out(&self) -> &[PathBuf] {
        match self {
            Self::Folder(folder) => folder.left_out(),
            Self::Commit { .. } | Self::OnHost(_) => &[],
        }
    }

    /// Identifies a file inside the code: its digest where it is at hand, else the commit.
    ///
    /// # Errors
    /// When the folder has no such file.
    pub fn file_id(&self, path: &str) -> Result<Digest> {
        match self {
            Self::Folder(folder) => folder.file_digest(path),
            Self::Commit { commit, .. } => Ok(Digest::of(commit.as_bytes())),
            Self::OnHost(release) => bail!("the code of release {release} is on a host alone"),
        }
    }
}

/// Every source of a run, pinned once, so that all hosts get the same code.
#[derive(Debug, Default)]
pub struct Sources {
    pinned: HashMap<(String, String), Pinned>,
}

impl Sources {
    /// Pins the sources of `apps`: reads folders, resolves branches.
    ///
    /// # Errors
    /// When a folder cannot be read or a git server does not know the reference; the message names the app.
    pub fn pin<'a>(apps: impl IntoIterator<Item = &'a App>) -> Result<Self> {
        Self::pin_with(apps, git::resolve)
    }

    /// Pins the sources of `apps` without asking any server: a branch stands for itself, and nothing can be fetched.
    ///
    /// # Errors
    /// When a folder cannot be read; the message names the app.
    pub fn pin_offline<'a>(apps: impl IntoIterator<Item = &'a App>) -> Result<Self> {
        Self::pin_with(apps, |url, reference| {
            Ok(Digest::of(format!("{url} {reference}").as_bytes()).short(40).to_owned())
        })
    }

    fn pin_with<'a>(
        apps: impl IntoIterator<Item = &'a App>,
        resolve: impl Fn(&str, &str) -> Result<String>,
    ) -> Result<Self> {
        let mut sources = Self::default();
        for app in apps {
            let key = key(&app.source);
            if sources.pinned.contains_key(&key) {
                continue;
            }
            let pinned = match &app.source {
                Source::Path(folder) => Folder::read(folder).map(|folder| Pinned::Folder(Arc::new(folder))),
                Source::Git { url, reference } => {
                    resolve(url, reference).map(|commit| Pinned::Commit { url: url.clone(), commit })
                }
            };
            let pinned = pinned.with_context(|| format!("the source of app `{}` cannot be read", app.name))?;
            sources.pinned.insert(key, pinned);
        }
        Ok(sources)
    }

    /// The pinned source of an app that was given to [`Sources::pin`].
    ///
    /// # Errors
    /// When it was not.
    pub fn of(&self, app: &App) -> Result<&Pinned> {
        self.pinned.get(&key(&app.source)).with_context(|| format!("the source of app `{}` was not pinned", app.name))
    }
}

fn key(source: &Source) -> (String, String) {
    match source {
        Source::Path(LocalFolder { path, include, .. }) => {
            (path.display().to_string(), include.iter().map(|path| format!("{path} ")).collect())
        }
        Source::Git { url, reference } => (url.clone(), reference.clone()),
    }
}
