//! Where things lie on a host. The one place that spells these paths.

use crate::model::{AppName, RemotePath, SiteName, UserName};

/// A path put together from valid names.
pub(super) fn path(text: &str) -> RemotePath {
    text.parse().expect("names are valid parts of a path")
}

/// The user and group `root`.
pub(super) fn root() -> UserName {
    user("root")
}

/// The group that reads logs, on every Debian and Ubuntu.
pub(super) fn readers_of_logs() -> UserName {
    user("adm")
}

/// The user that Debian's and Ubuntu's Nginx workers run as.
pub(super) const NGINX_USER: &str = "www-data";

fn user(name: &str) -> UserName {
    name.parse().expect("the name is a constant")
}

/// The app's folder; its releases are below it.
pub(super) fn home(app: &AppName) -> RemotePath {
    path(&format!("/srv/{app}"))
}

/// The link to the app's live release.
pub(super) fn current(app: &AppName) -> RemotePath {
    path(&format!("/srv/{app}/current"))
}

/// The folder of the app's settings and environment.
pub(super) fn config(app: &AppName) -> RemotePath {
    path(&format!("/etc/provision/{app}"))
}

/// Gunicorn's settings.
pub(super) fn settings(app: &AppName) -> RemotePath {
    path(&format!("/etc/provision/{app}/gunicorn.conf.py"))
}

/// The environment of the app's processes.
pub(super) fn env_file(app: &AppName) -> RemotePath {
    path(&format!("/etc/provision/{app}/env"))
}

/// A systemd unit, such as `hello.socket`.
pub(super) fn unit(app: &AppName, suffix: &str) -> RemotePath {
    path(&format!("/etc/systemd/system/{app}.{suffix}"))
}

/// An Upstart job.
pub(super) fn upstart_job(app: &AppName) -> RemotePath {
    path(&format!("/etc/init/{app}.conf"))
}

/// The app's log rotation.
pub(super) fn logrotate(app: &AppName) -> RemotePath {
    path(&format!("/etc/logrotate.d/{app}"))
}

/// Where additions to Debian's own logrotate service go.
pub(super) fn logrotate_drop_ins() -> RemotePath {
    path("/etc/systemd/system/logrotate.service.d")
}

/// The graceful reload script.
pub(super) fn reload(app: &AppName) -> RemotePath {
    path(&format!("/usr/local/bin/reload-{app}"))
}

/// A site's file, and the link that switches it on.
pub(super) fn site(site: &SiteName) -> (RemotePath, RemotePath) {
    (path(&format!("/etc/nginx/sites-available/{site}")), path(&format!("/etc/nginx/sites-enabled/{site}")))
}

/// The server for host names that no site claims, and the link that switches it on.
pub(super) fn default_server() -> (RemotePath, RemotePath) {
    (path("/etc/nginx/sites-available/provision-default"), path("/etc/nginx/sites-enabled/provision-default"))
}

/// What all sites of the host share. Debian's main file of Nginx includes it before the sites.
pub(super) fn nginx_shared() -> RemotePath {
    path("/etc/nginx/conf.d/provision.conf")
}

/// Where certificates and pages of sites lie: in Nginx's own folder, so that a check of the whole tree sees them.
pub(super) const NGINX_FILES: &str = "/etc/nginx/provision";

/// The folder of a site's certificate and pages.
pub(super) fn site_files(site: &SiteName) -> RemotePath {
    path(&format!("{NGINX_FILES}/{site}"))
}

/// A file in the folder of a site.
pub(super) fn site_file(site: &SiteName, name: &str) -> RemotePath {
    path(&format!("{NGINX_FILES}/{site}/{name}"))
}

/// Whether `file` lies somewhere below `folder`.
pub(super) fn is_below(file: &RemotePath, folder: &str) -> bool {
    file.as_str().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
