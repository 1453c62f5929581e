//! Apps that left the inventory and can be brought back: what of them stays on the host, and when it goes.

use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::model::{AppName, ProjectName, layout};
use crate::probe::{Facts, Holding, Owned};

/// What is kept of an app, and goes for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    /// The app.
    pub app: AppName,
    /// The folders of the record in its own folder, parents first.
    pub folders: Vec<String>,
}

impl Expired {
    /// What goes with `app`.
    pub fn of(app: AppName, project: &ProjectName, facts: &Facts) -> Self {
        let folders = facts.owned_by(project).filter(|owned| is_in_folder(owned, &app));
        let path = |owned: &Owned| if let Owned::Directory(path) = owned { Some(path.clone()) } else { None };
        let folders: BTreeSet<String> = folders.filter_map(path).collect();
        Self { app, folders: folders.into_iter().collect() }
    }

    /// Is that the record of what goes, if it is the project's?
    fn includes(&self, owned: &Owned) -> bool {
        match owned {
            Owned::Kept { app, .. } => *app == self.app.as_str(),
            Owned::Directory(path) => self.folders.contains(path),
            _ => false,
        }
    }
}

/// Does that leave the record with what goes of `project`?
#[must_use]
pub fn goes(expired: &[Expired], project: &ProjectName, holding: &Holding) -> bool {
    holding.project == *project && expired.iter().any(|expired| expired.includes(&holding.owned))
}

/// Is it a folder in the folder of `app`, or that itself?
fn is_in_folder(owned: &Owned, app: &AppName) -> bool {
    let home = layout::HOME.of(app);
    let below =
        |path: &str| path.strip_prefix(home.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    matches!(owned, Owned::Directory(path) if below(path))
}

/// The apps of `project` that are kept, and until when, in seconds since 1970.
pub fn of<'a>(project: &'a ProjectName, facts: &'a Facts) -> impl Iterator<Item = (AppName, u64)> + 'a {
    facts.owned_by(project).filter_map(|owned| match owned {
        Owned::Kept { app, until } => Some((app.parse().ok()?, *until)),
        _ => None,
    })
}

/// What the record says of apps that are kept once the inventory is as `desired`: of those that go now, and of those
/// that went before and have not come back.
pub fn recorded(desired: &Desired, facts: &Facts) -> BTreeSet<Owned> {
    let project = &desired.project;
    let wanted = |app: &AppName| desired.app(app).is_some();
    let before = of(project, facts).filter(|(app, _)| !wanted(app));
    let until = (facts.now as u64).saturating_add(desired.keep_removed.as_secs());
    let gone = facts.owned_by(project).filter_map(|owned| match owned {
        Owned::App(app) if !desired.keep_removed.is_zero() => Some((app.parse().ok()?, until)),
        _ => None,
    });
    let mut recorded = BTreeSet::new();
    for (app, until) in before.chain(gone.filter(|(app, _)| !wanted(app))) {
        recorded.extend(facts.owned_by(project).filter(|owned| is_in_folder(owned, &app)).cloned());
        recorded.insert(Owned::Kept { app: app.to_string(), until });
    }
    recorded
}

/// What was kept for long enough. That alone is no change: the next one clears it away.
pub fn expired(desired: &Desired, facts: &Facts) -> Vec<Expired> {
    let over =
        of(&desired.project, facts).filter(|(app, until)| *until as f64 <= facts.now && desired.app(app).is_none());
    over.map(|(app, _)| Expired::of(app, &desired.project, facts)).collect()
}
