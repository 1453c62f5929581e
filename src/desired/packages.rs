//! Which Debian packages a target needs, by what it does.

use std::collections::BTreeSet;

use crate::model::{App, Install, LogTarget, PackageName, Source, Target};
use crate::platform::{Platform, Version};

/// The packages that `target` needs on a host that is made of `platform`.
pub fn packages(target: &Target, platform: &Platform) -> BTreeSet<PackageName> {
    let mut names: BTreeSet<PackageName> = target.packages.iter().cloned().collect();
    let mut add = |name: &str| names.insert(name.parse().expect("a package name of ours is valid"));
    if !target.sites.is_empty() {
        add("nginx");
    }
    for app in &target.apps {
        add("python3");
        match app.python.install {
            Install::System => {
                add("python3-pip");
                // The last runtime for an older Python loads a part of it, and the pip of then does not bring it
                // along.
                if platform.versions.python.is_some_and(|python| python < Version::new(3, 7, 0)) {
                    add("python3-setuptools");
                }
            }
            Install::Venv => {
                add("python3-venv");
            }
            Install::Apt => {
                if let Some(package) = app.runtime.debian.on(platform.plain_names) {
                    add(package);
                }
                for package in &app.python.packages {
                    add(package);
                }
            }
        }
        if matches!(app.source, Source::Git { .. }) {
            add("git");
            add("ca-certificates");
        }
        if logs_to_file(app) {
            add("logrotate");
        }
    }
    names
}

fn logs_to_file(app: &App) -> bool {
    [&app.log.access, &app.log.error].iter().any(|log| matches!(log, LogTarget::File(_)))
}
