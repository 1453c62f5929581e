//! Every path of ours on a host beside those of processes. `docs/architecture.md` has the same table, and says more.

use super::place::{OnHost, Place};
use crate::model::names::{AppName, RemotePath, SiteName};
use crate::runtime::Runtime;

/// The app's folder: its code, and the home of its user.
pub const HOME: Place<AppName> = Place::tree("/srv/APP");
/// One folder for each release.
pub const RELEASES: Place<AppName> = Place::tree("/srv/APP/releases");
/// The link to the live release, which lies below it.
pub const CURRENT: Place<AppName> = Place::tree("/srv/APP/current");
/// The folder of the app's settings and environment.
pub const SETTINGS: Place<AppName> = Place::tree("/etc/provision/APP");
/// The environment of the app's processes.
pub const ENVIRONMENT: Place<AppName> = Place::path("/etc/provision/APP/env");
/// The rotation of the app's logs.
pub const ROTATION: Place<AppName> = Place::path("/etc/logrotate.d/APP");
/// The script that reloads the app.
pub const RELOAD: Place<AppName> = Place::path("/usr/local/bin/reload-APP");

/// Every place of an app beside those of its processes.
pub(super) const OF_APP: [Place<AppName>; 7] = [HOME, RELEASES, CURRENT, SETTINGS, ENVIRONMENT, ROTATION, RELOAD];

/// What Nginx does for the site.
pub const SITE: Place<SiteName> = Place::path("/etc/nginx/sites-available/SITE");
/// The link that switches the site on.
pub const SITE_LINK: Place<SiteName> = Place::path("/etc/nginx/sites-enabled/SITE");
/// Files of the site: in Nginx's own folder, so that a check of the whole tree sees them.
pub const SITE_FILES: Place<SiteName> = Place::tree("/etc/nginx/provision/SITE");
/// The certificate that the inventory brings.
pub const SITE_CERTIFICATE: Place<SiteName> = Place::path("/etc/nginx/provision/SITE/certificate.pem");
/// The private key that the inventory brings.
pub const SITE_KEY: Place<SiteName> = Place::path("/etc/nginx/provision/SITE/key.pem");
/// The page that a site in maintenance shows.
pub const SITE_MAINTENANCE: Place<SiteName> = Place::path("/etc/nginx/provision/SITE/maintenance.html");
/// One line for each request, which Nginx writes.
pub const SITE_ACCESS_LOG: Place<SiteName> = Place::path("/var/log/nginx/SITE.access.log");
/// What went wrong, which Nginx writes.
pub const SITE_ERROR_LOG: Place<SiteName> = Place::path("/var/log/nginx/SITE.error.log");

/// Every place of a site.
pub(super) const OF_SITE: [Place<SiteName>; 8] =
    [SITE, SITE_LINK, SITE_FILES, SITE_CERTIFICATE, SITE_KEY, SITE_MAINTENANCE, SITE_ACCESS_LOG, SITE_ERROR_LOG];

/// One folder for each app.
pub const SETTINGS_OF_APPS: Place<OnHost> = Place::path("/etc/provision");
/// One folder for each site that has files.
pub const NGINX_FILES: Place<OnHost> = Place::tree("/etc/nginx/provision");
/// What all sites share. Debian's main file of Nginx includes it before the sites.
pub const NGINX_SHARED: Place<OnHost> = Place::path("/etc/nginx/conf.d/provision.conf");
/// The server for host names that no site claims.
pub const DEFAULT_SERVER: Place<OnHost> = Place::path("/etc/nginx/sites-available/provision-default");
/// The link that switches it on.
pub const DEFAULT_SERVER_LINK: Place<OnHost> = Place::path("/etc/nginx/sites-enabled/provision-default");
/// Additions to Debian's own logrotate service.
pub const LOGROTATE_ADDITIONS: Place<OnHost> = Place::path("/etc/systemd/system/logrotate.service.d");
/// The addition that lets it see logs in `/tmp`.
pub const LOGROTATE_ADDITION: Place<OnHost> = Place::path("/etc/systemd/system/logrotate.service.d/provision.conf");
/// What provision remembers of the host.
pub const STATE: Place<OnHost> = Place::tree("/var/lib/provision");
/// The transaction at work.
pub const TRANSACTION: Place<OnHost> = Place::tree("/var/lib/provision/transaction");
/// One folder for each attempt to change the host.
pub const GENERATIONS: Place<OnHost> = Place::tree("/var/lib/provision/generations");
/// Evidence of a transaction, in memory: a full disk must not swallow what it is about.
pub const TRANSACTION_EVIDENCE: Place<OnHost> = Place::tree("/run/provision-transaction");
/// Runs a transaction, under systemd.
pub const TRANSACTION_UNIT: Place<OnHost> = Place::path("/run/systemd/system/provision-transaction.service");
/// Runs a transaction, under Upstart.
pub const TRANSACTION_JOB: Place<OnHost> = Place::path("/etc/init/provision-transaction.conf");
/// Settles a transaction at boot, under systemd.
pub const RECOVERY_UNIT: Place<OnHost> = Place::path("/etc/systemd/system/provision-recovery.service");
/// The link that starts it at boot.
pub const RECOVERY_LINK: Place<OnHost> =
    Place::path("/etc/systemd/system/sysinit.target.wants/provision-recovery.service");
/// Settles a transaction at boot, under Upstart.
pub const RECOVERY_JOB: Place<OnHost> = Place::path("/etc/init/provision-recovery.conf");
/// What that job says once a boot has nothing to settle any more.
pub const SETTLED: Place<OnHost> = Place::path("/run/provision-settled");
/// The commands that run in an app's box.
pub const BOXES: Place<OnHost> = Place::tree("/run/provision-box");
/// Where Python packages and bytecode are built.
pub const BUILDS: Place<OnHost> = Place::tree("/var/cache/provision-build");

/// The folder of one release.
#[must_use]
pub fn release(app: &AppName, id: &str) -> RemotePath {
    RELEASES.of(app).join(id)
}

/// The settings of what runs the app, from a template of that name; `None` where the command says everything.
#[must_use]
pub fn settings(app: &AppName, runtime: &Runtime) -> Option<RemotePath> {
    runtime.settings.map(|template| SETTINGS.of(app).join(template.file_name()))
}

/// The Python of the virtual environment that lies in a release.
#[must_use]
pub fn virtual_python(release: &RemotePath) -> RemotePath {
    release.join("venv/bin/python3")
}
