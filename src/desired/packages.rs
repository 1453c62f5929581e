//! Which Debian packages a target needs, by what it does.

use std::collections::BTreeSet;

use crate::model::{App, Install, LogTarget, PackageName, Source, Target};
use crate::probe::Os;

/// The packages that `target` needs on a host that runs `os`.
pub fn packages(target: &Target, os: &Os) -> BTreeSet<PackageName> {
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
            }
            Install::Venv => {
                add("python3-venv");
            }
            Install::Apt => {
                // Ubuntu 16.04 still calls Python 2's gunicorn `gunicorn`.
                let xenial = os.id == "ubuntu" && os.version == "16.04";
                add(if xenial { "gunicorn3" } else { "gunicorn" });
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
