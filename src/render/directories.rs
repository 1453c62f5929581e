//! The directories that rendered files and logs need.

use std::collections::BTreeMap;

use super::app::log_files;
use super::paths::{self, is_below};
use crate::model::{Directory, Init, Mode, Pem, RemotePath, Target, UserName};

/// Directories by path, so that a parent comes before its children and each comes once.
pub(super) fn of(target: &Target, init: Init) -> Vec<Directory> {
    let mut directories = BTreeMap::new();
    let mut add = |path: RemotePath, mode: u32, owner: UserName, group: UserName| {
        let directory = Directory { path: path.clone(), mode: Mode::new(mode), owner, group };
        directories.entry(path).or_insert(directory);
    };
    if !target.apps.is_empty() {
        add(paths::path("/etc/provision"), 0o755, paths::root(), paths::root());
    }
    for app in &target.apps {
        // Open to others, for its files close themselves: the environment is 0640. So nothing here hangs on the app's
        // user.
        add(paths::config(&app.name), 0o755, paths::root(), paths::root());
        for log in log_files(app) {
            for folder in folders_below(log, "/var/log") {
                // What an app logs may be anything, secrets included. Debian's group `adm` reads logs.
                add(folder, 0o750, app.user.clone(), paths::readers_of_logs());
            }
            if init == Init::Systemd && ["/tmp", "/var/tmp"].iter().any(|folder| is_below(log, folder)) {
                add(paths::logrotate_drop_ins(), 0o755, paths::root(), paths::root());
            }
        }
    }
    for site in &target.sites {
        let has_pem = site.tls.as_ref().is_some_and(|tls| [&tls.certificate, &tls.key].into_iter().any(is_content));
        if has_pem || site.maintenance {
            // Open to others, for a key closes itself: its file is 0600.
            add(paths::path(paths::NGINX_FILES), 0o755, paths::root(), paths::root());
            add(paths::site_files(&site.name), 0o755, paths::root(), paths::root());
        }
    }
    directories.into_values().collect()
}

fn is_content(pem: &Pem) -> bool {
    matches!(pem, Pem::Content { .. })
}

/// The folders strictly below `top` that `file` lies in. Folders elsewhere belong to the host and must be there.
fn folders_below(file: &RemotePath, top: &str) -> Vec<RemotePath> {
    let ancestors = std::path::Path::new(file.as_str()).ancestors().skip(1);
    let paths = ancestors.filter_map(|folder| folder.to_str()?.parse::<RemotePath>().ok());
    paths.filter(|folder| is_below(folder, top)).collect()
}
