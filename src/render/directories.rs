//! The directories that rendered files and logs need.

use std::collections::BTreeMap;

use crate::model::layout::{self, root};
use crate::model::{Directory, Init, Mode, Pem, RemotePath, Target, UserName};

/// Directories by path, so that a parent comes before its children and each comes once.
pub(super) fn of(target: &Target, init: Init) -> Vec<Directory> {
    let mut directories = BTreeMap::new();
    let mut add = |path: RemotePath, mode: u32, owner: UserName, group: UserName| {
        let directory = Directory { path: path.clone(), mode: Mode::new(mode), owner, group };
        directories.entry(path).or_insert(directory);
    };
    if !target.apps.is_empty() {
        add(layout::SETTINGS_OF_APPS.on_host(), 0o755, root(), root());
    }
    for app in &target.apps {
        // Open to others, for its files close themselves: the environment is 0640. So nothing here hangs on the app's
        // user.
        add(layout::SETTINGS.of(&app.name), 0o755, root(), root());
        for log in app.log.files() {
            for folder in layout::log_folders(log) {
                // What an app logs may be anything, secrets included. Debian's group `adm` reads logs.
                add(folder, 0o750, app.user.clone(), layout::log_readers());
            }
            if init == Init::Systemd && layout::TEMPORARY.iter().any(|folder| log.is_below(folder)) {
                add(layout::LOGROTATE_ADDITIONS.on_host(), 0o755, root(), root());
            }
        }
    }
    for site in &target.sites {
        let has_pem = site.tls.as_ref().is_some_and(|tls| [&tls.certificate, &tls.key].into_iter().any(is_content));
        if has_pem || site.maintenance {
            // Open to others, for a key closes itself: its file is 0600.
            add(layout::NGINX_FILES.on_host(), 0o755, root(), root());
            add(layout::SITE_FILES.of(&site.name), 0o755, root(), root());
        }
    }
    directories.into_values().collect()
}

fn is_content(pem: &Pem) -> bool {
    matches!(pem, Pem::Content { .. })
}
