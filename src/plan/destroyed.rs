//! What a plan destroys: what no later run brings back by itself, or what becomes another's. Somebody has to agree.

use std::collections::BTreeSet;
use std::time::Duration;

use super::change::{Change, Operation};
use super::logs::user_of;
use crate::desired::Desired;
use crate::model::{AppName, SiteName, UserName, layout};
use crate::probe::Facts;

/// What a change destroys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destroyed {
    /// An app. What brings it back stays for so long, if that is any time.
    App(AppName, Duration),
    /// A system user.
    User(String),
    /// A site.
    Site(SiteName),
    /// An app gets another user, and with it what the former one could read and write.
    UserOf {
        /// The app.
        app: AppName,
        /// Its user until now.
        from: UserName,
        /// Its user from then on.
        to: UserName,
    },
}

/// Kinds of what can be destroyed, by which it is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// Apps, users and sites that go.
    Remove,
    /// Apps that get another user.
    User,
}

impl Destroyed {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Loss {
        match self {
            Self::App(..) | Self::User(_) | Self::Site(_) => Loss::Remove,
            Self::UserOf { .. } => Loss::User,
        }
    }
}

/// What `changes` destroy. Code and settings are not among it, which a rollback brings back. Nor is the user that
/// builds packages, who owns nothing.
pub fn destroyed(desired: &Desired, facts: &Facts, changes: &[Change]) -> Vec<Destroyed> {
    let gone = changes.iter().filter_map(|change| match &change.operation {
        // Another app goes on with what it was.
        Operation::RemoveApp(app, _) if desired.renamed_apps.contains(app) => None,
        Operation::RemoveApp(app, keep) => Some(Destroyed::App(app.clone(), *keep)),
        Operation::RemoveUser(user) if user != layout::BUILDER => Some(Destroyed::User(user.clone())),
        Operation::RemoveFile(path) => {
            let site = layout::SITE.name_in(path).filter(|_| path != layout::DEFAULT_SERVER.as_str());
            site.filter(|site| !desired.renamed_sites.contains(site)).map(Destroyed::Site)
        }
        _ => None,
    });
    let given = desired.apps.iter().filter_map(|app| {
        let (app, to) = (app.app.name.clone(), app.app.user.clone());
        let from = user_of(&app, facts).filter(|from| *from != to)?;
        Some(Destroyed::UserOf { app, from, to })
    });
    let all: BTreeSet<Destroyed> = gone.chain(given).collect();
    all.into_iter().collect()
}
