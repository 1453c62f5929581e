//! Where the requests of clients are logged, and which apps they are for.

use serde::{Deserialize, Serialize};

use crate::health;
use crate::model::{AppName, RemotePath, Site, Target, UrlPath, layout};

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
        let routes = site.routes.iter().map(|route| (route.path.clone(), route.to.answering().cloned()));
        Traffic { log: layout::SITE_ACCESS_LOG.of(&site.name), routes: routes.collect() }
    });
    sites.filter(|site| site.routes.iter().filter_map(|(_, app)| app.as_ref()).any(watched)).collect()
}

/// What the new release of an app is asked before it goes live: what clients have asked lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// The app.
    pub app: AppName,
    /// How many requests, at most.
    pub requests: u16,
    /// The sites that route to it.
    pub sites: Vec<Stage>,
}

/// A site whose clients' requests are rehearsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Its log, in the format `combined`.
    pub log: RemotePath,
    /// A name of the site, for the header `Host`.
    pub host: String,
    /// Its clients come by HTTPS.
    pub tls: bool,
    /// Every route, as in [`Traffic`], and the prefix that is taken off before the app sees a path.
    pub routes: Vec<(UrlPath, Option<AppName>, String)>,
}

/// The rehearsals that the apps of `target` ask for.
pub(super) fn rehearsals(target: &Target) -> Vec<Rehearsal> {
    let apps = target.apps.iter().filter(|app| app.health.before_switch);
    let rehearsals = apps.filter_map(|app| {
        let leads_to_it = |site: &&Site| site.routes.iter().any(|route| route.to.answering() == Some(&app.name));
        let sites = target.sites.iter().filter(|site| !site.maintenance).filter(leads_to_it);
        Some(Rehearsal { app: app.name.clone(), requests: app.health.rehearse?, sites: sites.map(stage).collect() })
    });
    rehearsals.filter(|rehearsal| !rehearsal.sites.is_empty()).collect()
}

fn stage(site: &Site) -> Stage {
    let routes = site.routes.iter();
    let routes = routes.map(|route| (route.path.clone(), route.to.answering().cloned(), route.to.strip().to_owned()));
    Stage {
        log: layout::SITE_ACCESS_LOG.of(&site.name),
        host: health::name_of(site),
        tls: !site.tls_listen().is_empty(),
        routes: routes.collect(),
    }
}
