//! Where the requests of clients are logged, and which apps they are for.

use serde::{Deserialize, Serialize};

use crate::model::{AppName, RemotePath, RouteTo, Target, UrlPath, layout};

/// The requests that one site logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// The log, in the format `combined`.
    pub log: RemotePath,
    /// Every route of the site; `None` for one that no app answers. The longest that fits counts.
    pub routes: Vec<(UrlPath, Option<AppName>)>,
}

/// The sites of `target` that route to an app that may be on probation.
pub(super) fn of(target: &Target) -> Vec<Traffic> {
    let watched = |name: &AppName| target.apps.iter().any(|app| app.name == *name && app.health.probation.is_some());
    let sites = target.sites.iter().map(|site| {
        let routes = site.routes.iter().map(|route| {
            let app = if let RouteTo::App { app, .. } = &route.to { Some(app.clone()) } else { None };
            (route.path.clone(), app)
        });
        Traffic { log: layout::SITE_ACCESS_LOG.of(&site.name), routes: routes.collect() }
    });
    sites.filter(|site| site.routes.iter().filter_map(|(_, app)| app.as_ref()).any(watched)).collect()
}
