//! Whose a path is, on a host with certain apps and sites: nothing else may be put there.

use std::fmt;
use std::iter;

use super::foreign::WELCOME;
use super::place::{OnHost, Place};
use super::places::{
    BOXES, BUILDS, DEFAULT_SERVER, DEFAULT_SERVER_LINK, GENERATIONS, LOGROTATE_ADDITION, LOGROTATE_ADDITIONS,
    NGINX_FILES, NGINX_SHARED, OF_APP, OF_SITE, RECOVERY_JOB, RECOVERY_LINK, RECOVERY_UNIT, SETTINGS_OF_APPS, SETTLED,
    STATE, TRANSACTION, TRANSACTION_EVIDENCE, TRANSACTION_JOB, TRANSACTION_UNIT,
};
use super::process::OF_PROCESS;
use crate::model::app::App;
use crate::model::names::{AppName, RemotePath, SiteName};

/// Whose a path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// One app's.
    App(AppName),
    /// One site's.
    Site(SiteName),
    /// What apps share.
    Apps,
    /// What sites share.
    Sites,
    /// The exception for logs in `/tmp`.
    Rotation,
    /// What provision remembers of the host.
    State,
    /// What runs a change of the host, and settles one that was cut.
    Transaction,
    /// What builds Python packages.
    Builder,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App(app) => write!(f, "app `{app}`"),
            Self::Site(site) => write!(f, "site `{site}`"),
            Self::Apps => f.write_str("the apps together"),
            Self::Sites => f.write_str("the sites together"),
            Self::Rotation => f.write_str("the rotation of logs in `/tmp`"),
            Self::State => f.write_str("the record of what is installed"),
            Self::Transaction => f.write_str("what changes the host"),
            Self::Builder => f.write_str("what builds Python packages"),
        }
    }
}

/// Every place that a host has once, and whose it is.
pub(super) const OF_HOST: [(Place<OnHost>, Owner); 19] = [
    (SETTINGS_OF_APPS, Owner::Apps),
    (NGINX_FILES, Owner::Sites),
    (NGINX_SHARED, Owner::Sites),
    (DEFAULT_SERVER, Owner::Sites),
    (DEFAULT_SERVER_LINK, Owner::Sites),
    (LOGROTATE_ADDITIONS, Owner::Rotation),
    (LOGROTATE_ADDITION, Owner::Rotation),
    (STATE, Owner::State),
    (TRANSACTION, Owner::State),
    (GENERATIONS, Owner::State),
    (TRANSACTION_EVIDENCE, Owner::Transaction),
    (TRANSACTION_UNIT, Owner::Transaction),
    (TRANSACTION_JOB, Owner::Transaction),
    (RECOVERY_UNIT, Owner::Transaction),
    (RECOVERY_LINK, Owner::Transaction),
    (RECOVERY_JOB, Owner::Transaction),
    (SETTLED, Owner::Transaction),
    (BOXES, Owner::Transaction),
    (BUILDS, Owner::Builder),
];

/// Is that path one that a host has once, for the apps or sites of all projects?
#[must_use]
pub fn is_shared(path: &str) -> bool {
    let shares = |owner: &Owner| matches!(owner, Owner::Apps | Owner::Sites | Owner::Rotation);
    OF_HOST.iter().any(|(place, owner)| place.as_str() == path && shares(owner))
}

/// The folders that are an app's as a whole.
pub fn folders_of(app: &AppName) -> impl Iterator<Item = RemotePath> {
    OF_APP.iter().filter(|place| place.is_tree()).map(|place| place.of(app))
}

/// The app in whose folder a path lies, where that is an app's as a whole.
#[must_use]
pub fn app_around(path: &RemotePath) -> Option<AppName> {
    let name =
        |at: RemotePath| OF_APP.iter().filter(|place| place.is_tree()).find_map(|place| place.name_in(at.as_str()));
    iter::successors(Some(path.clone()), RemotePath::folder).find_map(name)
}

/// Every path of ours, as its pattern.
pub fn patterns() -> impl Iterator<Item = &'static str> {
    let of_apps = OF_APP.map(|place| place.pattern()).into_iter().chain(OF_PROCESS.map(|place| place.pattern()));
    let of_sites = OF_SITE.map(|place| place.pattern()).into_iter();
    of_apps.chain(of_sites).chain(OF_HOST.map(|(place, _)| place.pattern()))
}

/// A path that is somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose it is.
    pub owner: Owner,
    /// The path.
    pub path: RemotePath,
    tree: bool,
}

impl Claim {
    fn new<N>(owner: Owner, path: RemotePath, place: &Place<N>) -> Self {
        Self { owner, path, tree: place.is_tree() }
    }

    /// Is `path` the claimed one, or below it where that counts?
    #[must_use]
    pub fn includes(&self, path: &RemotePath) -> bool {
        *path == self.path || (self.tree && path.is_below(self.path.as_str()))
    }
}

/// Everything that is somebody's on one host.
#[derive(Debug)]
pub struct Claims(Vec<Claim>);

impl Claims {
    /// The claims of a host with those apps and sites.
    pub fn of<'a>(apps: impl IntoIterator<Item = &'a App>, sites: impl IntoIterator<Item = &'a SiteName>) -> Self {
        let mut claims = vec![];
        for site in sites {
            claims.extend(OF_SITE.iter().map(|place| Claim::new(Owner::Site(site.clone()), place.of(site), place)));
        }
        for app in apps {
            let owner = || Owner::App(app.name.clone());
            claims.extend(OF_APP.iter().map(|place| Claim::new(owner(), place.of(&app.name), place)));
            for process in app.processes() {
                claims.extend(OF_PROCESS.iter().map(|place| Claim::new(owner(), place.of(&process), place)));
            }
        }
        claims.extend(OF_HOST.map(|(place, owner)| Claim::new(owner, place.on_host(), &place)));
        // Whether Debian's welcome site is on follows from the sites.
        let welcome = WELCOME.parse().expect("a valid path");
        claims.push(Claim { owner: Owner::Sites, path: welcome, tree: false });
        Self(claims)
    }

    /// One path more, which the inventory chose for an app.
    pub fn add(&mut self, app: &AppName, path: RemotePath) {
        self.0.push(Claim { owner: Owner::App(app.clone()), path, tree: false });
    }

    /// The claim on that path; else one on something below it, for which the path must be a folder.
    #[must_use]
    pub fn on(&self, path: &RemotePath) -> Option<&Claim> {
        let holds = |claim: &&Claim| claim.path.is_below(path.as_str());
        let narrowest =
            self.0.iter().filter(|claim| claim.includes(path)).max_by_key(|claim| claim.path.as_str().len());
        narrowest.or_else(|| self.0.iter().find(holds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Inputs;
    use crate::resolve::Targets;

    fn owner(path: &str) -> Option<String> {
        let text = "version: 1\napps: { web: { source: { path: . }, wsgi: \"a:b\", bind: 5000 } }\n\
                    hosts: { h: { apps: [web] } }\n";
        let inputs = Inputs { base_dir: "/".as_ref(), environment: &|_| None, extra_vars: Default::default() };
        let targets = Targets::load("i.yml", text, &inputs).unwrap();
        Claims::of(&targets.all()[0].apps, [&"main".parse().unwrap()])
            .on(&path.parse().unwrap())
            .map(|claim| claim.owner.to_string())
    }

    #[test]
    fn each_path_has_one_owner() {
        let check = |path, expected: Option<&str>| assert_eq!(owner(path).as_deref(), expected, "{path}");
        check("/etc/systemd/system/web.service", Some("app `web`"));
        check("/srv/web/current/static/a.css", Some("app `web`"));
        check("/etc/nginx/provision/main/key.pem", Some("site `main`"));
        check("/etc/nginx/provision/other", Some("the sites together"));
        check("/etc/nginx/sites-enabled/default", Some("the sites together"));
        check("/var/lib/provision/owned", Some("the record of what is installed"));
        check("/etc/nginx", Some("site `main`"));
        for free in ["/etc/motd", "/srv/other", "/etc/systemd/system/web.service.d/more.conf", "/etc/provision2"] {
            check(free, None);
        }
    }

    /// Otherwise an app or a site could be called so that it takes what is another's.
    #[test]
    fn no_name_leads_to_a_place_of_the_host() {
        for path in OF_HOST.map(|(place, _)| place.as_str()).into_iter().chain([WELCOME]) {
            assert_eq!(OF_APP.iter().find_map(|place| place.name_in(path)), None, "{path}");
            assert_eq!(OF_PROCESS.iter().find_map(|place| place.name_in(path)), None, "{path}");
            let site = OF_SITE.iter().find_map(|place| place.name_in(path));
            assert_eq!(site, None, "{path}");
        }
    }
}
