//! Everything that should be on one host: what `render` wrote, and the packages, users, releases, services and health
//! checks that follow from the target. Pure.

mod hosted;
mod packages;
mod release;
mod services;
mod traffic;

pub use hosted::HostedApp;
pub use release::{PythonMark, Release};
pub use services::{Inputs, Service, ServiceKind, meaning, meaning_at_start};
pub use traffic::{Rehearsal, Stage, Traffic};

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::health::{self, HealthCheck};
use crate::model::layout::{self, root};
use crate::model::{
    AppName, CatchAll, Directory, File, Init, Link, Listen, Mode, PackageName, ProjectName, RemotePath, RouteTo, Site,
    SiteName, Target, UserName,
};
use crate::platform::Platform;
use crate::render::Rendered;
use crate::source::{Pinned, Sources};

/// Everything that should be on one host. Hosts keep it as JSON with files and services that have no secrets in them,
/// see [`crate::generation`]: a field that is added needs a default there, or another format.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desired<F = File, S = Service> {
    /// Whose it is. What was stored before there were projects is that of the usual one.
    #[serde(default)]
    pub project: ProjectName,
    /// How long what brings an app back stays once it is no longer wanted. The usual time is not written down: what was
    /// stored before there was a choice has it.
    #[serde(default = "thirty_days", skip_serializing_if = "is_thirty_days")]
    pub keep_removed: Duration,
    /// Former names of apps.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub renamed_apps: BTreeSet<AppName>,
    /// Former names of sites.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub renamed_sites: BTreeSet<SiteName>,
    /// The init that units or jobs are for.
    pub init: Init,
    /// Debian packages.
    pub packages: BTreeSet<PackageName>,
    /// System users with their home folders.
    pub users: Vec<User>,
    /// Directories, parents first.
    pub directories: Vec<Directory>,
    /// Regular files.
    pub files: Vec<F>,
    /// Folders of extra files that are the host's own: it must have them, or get them with a package.
    pub foreign_folders: BTreeSet<RemotePath>,
    /// Symbolic links other than an app's `current`.
    pub links: Vec<Link>,
    /// Apps with their releases.
    pub apps: Vec<DesiredApp>,
    /// Services that run on this host because of the target.
    pub services: Vec<S>,
    /// How to tell that it all works.
    pub checks: Vec<HealthCheck>,
    /// Where clients' requests to apps that may be on probation are logged. What was stored before there was such a
    /// thing has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traffic: Vec<Traffic>,
    /// What new releases are rehearsed with. A rollback has none: it must not fail for what came later.
    #[serde(skip)]
    pub rehearsals: Vec<Rehearsal>,
    /// A site of ours answers for unknown host names on port 80, or a server of ours refuses them there, where Debian's
    /// welcome site would.
    pub replaces_welcome: bool,
}

impl<F, S> Desired<F, S> {
    /// The same with every file and every service made into something else. What a service has loaded follows from the
    /// rest.
    ///
    /// # Errors
    /// When `file` has one.
    pub fn try_map<G, T, E>(
        self,
        file: impl FnMut(F) -> Result<G, E>,
        service: impl Fn(S, &Inputs<'_, G>) -> T,
    ) -> Result<Desired<G, T>, E> {
        // Whoever adds a field decides here what becomes of it.
        let Self {
            project,
            keep_removed,
            renamed_apps,
            renamed_sites,
            init,
            packages,
            users,
            directories,
            files,
            foreign_folders,
            links,
            apps,
            services,
            checks,
            traffic,
            rehearsals,
            replaces_welcome,
        } = self;
        let files: Vec<G> = files.into_iter().map(file).collect::<Result<_, E>>()?;
        let inputs = Inputs { init, apps: &apps, files: &files, links: &links };
        let services = services.into_iter().map(|one| service(one, &inputs)).collect();
        Ok(Desired {
            project,
            keep_removed,
            renamed_apps,
            renamed_sites,
            init,
            packages,
            users,
            directories,
            files,
            foreign_folders,
            links,
            apps,
            services,
            checks,
            traffic,
            rehearsals,
            replaces_welcome,
        })
    }
}

/// A system user of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Its name, and its group's.
    pub name: UserName,
    /// Home folder; not created for it.
    pub home: RemotePath,
}

/// An app with its release.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesiredApp {
    /// The app.
    pub app: HostedApp,
    /// The release that should be live.
    pub release: Release,
}

impl Desired {
    /// Composes what `target` asks of a host that is made of `platform`, for which `rendered` was rendered.
    ///
    /// # Errors
    /// When an app names a requirements file, or a site a folder, that the app's source does not have.
    pub fn compose(target: &Target, rendered: Rendered, sources: &Sources, platform: &Platform) -> Result<Self> {
        let init = platform.init;
        let mut apps = vec![];
        for app in &target.apps {
            let release = Release::of(app, sources.of(app)?)?;
            apps.push(DesiredApp { app: HostedApp::of(app), release });
        }
        target.sites.iter().try_for_each(|site| static_folders_exist(site, &apps))?;
        let Rendered { files, mut directories, links, own_templates, .. } = rendered;
        for app in &target.apps {
            for path in [layout::HOME.of(&app.name), layout::RELEASES.of(&app.name)] {
                directories.push(root_directory(path));
            }
        }
        directories.sort_by(|a, b| a.path.cmp(&b.path));
        directories.dedup_by(|a, b| a.path == b.path);
        let mut users: Vec<User> = vec![];
        for app in &target.apps {
            if !users.iter().any(|user| user.name == app.user) {
                users.push(User { name: app.user.clone(), home: layout::HOME.of(&app.name) });
            }
        }
        if !target.apps.is_empty() {
            // Packages are built and sources compiled by a user that owns nothing else: build scripts are not root's to
            // run, and one app's are nothing to another app.
            users.push(User { name: layout::builder(), home: layout::nowhere() });
        }
        let folders = target.files.iter().filter_map(|file| file.destination.folder());
        let foreign_folders =
            folders.filter(|folder| !directories.iter().any(|directory| directory.path == *folder)).collect();
        let inputs = Inputs { init, apps: &apps, files: &files, links: &links };
        let services = services::services(target, &own_templates, &inputs);
        Ok(Self {
            project: target.project.clone(),
            keep_removed: target.keep_removed,
            renamed_apps: target.apps.iter().filter_map(|app| app.renamed_from.clone()).collect(),
            renamed_sites: target.sites.iter().filter_map(|site| site.renamed_from.clone()).collect(),
            init,
            packages: packages::packages(target, platform),
            users,
            directories,
            files,
            foreign_folders,
            links,
            services,
            checks: health::checks(target),
            traffic: traffic::of(target),
            rehearsals: traffic::rehearsals(target),
            replaces_welcome: replaces_welcome(&target.sites),
            apps,
        })
    }

    /// The app of that name.
    #[must_use]
    pub fn app(&self, name: &AppName) -> Option<&DesiredApp> {
        self.apps.iter().find(|app| &app.app.name == name)
    }
}

const fn thirty_days() -> Duration {
    Duration::from_secs(30 * 24 * 3600)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_thirty_days(keep: &Duration) -> bool {
    *keep == thirty_days()
}

/// Two servers cannot both be the default on port 80, and Debian's welcome site says that it is.
fn replaces_welcome(sites: &[Site]) -> bool {
    let catch_all = CatchAll::of(sites);
    let defaults = sites.iter().filter(|site| site.default_server).flat_map(Site::listeners);
    let mut sockets = defaults.flat_map(Listen::sockets).chain(catch_all.sockets());
    sockets.any(|socket| socket.address.port() == 80 && socket.address.ip().is_unspecified())
}

/// Nginx would answer 404 for every file of a misspelt folder, and nobody would say why.
fn static_folders_exist(site: &Site, apps: &[DesiredApp]) -> Result<(), Fault> {
    for route in &site.routes {
        let RouteTo::Files { app, folder, .. } = &route.to else { continue };
        let source = apps.iter().find(|desired| desired.app.name == *app).map(|desired| &desired.release.source);
        let Some(Pinned::Folder(code)) = source else { continue };
        if let Some(link) = code.link_at(folder.as_str()) {
            return Err(Fault::new(format!(
                "site `{}`: the route {} serves the folder `{folder}` of app `{app}`, and Nginx follows no link there, \
                 such as `{}`",
                site.name,
                route.path,
                link.display()
            ))
            .hint("put a copy in the place of the link, or let `.gitignore` leave it out"));
        }
        if !code.has_folder(folder.as_str()) {
            return Err(Fault::new(format!(
                "site `{}`: the route {} serves the folder `{folder}`, which the code of app `{app}` does not have",
                site.name, route.path
            ))
            .hint("the path is relative to the top of the code, and `.gitignore` may exclude it"));
        }
    }
    Ok(())
}

fn root_directory(path: RemotePath) -> Directory {
    Directory { path, mode: Mode::new(0o755), owner: root(), group: root() }
}
