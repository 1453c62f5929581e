//! Folders and files that a host has without us, where we put something of our own or must not.

use std::iter;

use crate::model::names::RemotePath;

/// The folder of logs.
pub const LOGS: &str = "/var/log";

/// Nginx's configuration.
pub const NGINX: &str = "/etc/nginx";

/// The administrator's units and drop-ins of systemd.
pub const SYSTEMD: &str = "/etc/systemd/system";

/// The jobs of Upstart.
pub const UPSTART: &str = "/etc/init";

/// Where programs put what they need for a while.
pub const TEMPORARY: [&str; 2] = ["/tmp", "/var/tmp"];

/// Where everybody can make files and links.
pub const OPEN_TO_ALL: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

/// Where people's own folders are.
pub const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];

/// Root's, and empty after every boot.
pub const RUN: [&str; 2] = ["/run", "/var/run"];

/// The host's own Python.
pub const PYTHON: &str = "/usr/bin/python3";

/// Debian's welcome site of Nginx.
pub const WELCOME_SITE: &str = "/etc/nginx/sites-available/default";

/// Nginx's main file, a package's or the operator's: it has to include what we write.
pub const NGINX_MAIN: &str = "/etc/nginx/nginx.conf";

/// The link that switches Debian's welcome site on.
pub const WELCOME: &str = "/etc/nginx/sites-enabled/default";

/// The folders that are made for a log, parents first: those below [`LOGS`]. Others are the host's, and must be there.
#[must_use]
pub fn log_folders(log: &RemotePath) -> Vec<RemotePath> {
    let mut folders: Vec<RemotePath> = iter::successors(log.folder(), RemotePath::folder).collect();
    folders.retain(|folder| folder.is_below(LOGS));
    folders.reverse();
    folders
}

/// Is that path part of Nginx's configuration?
#[must_use]
pub fn in_nginx(path: &str) -> bool {
    below(path, NGINX).is_some()
}

/// Does that path define a unit or a job, or add to one?
#[must_use]
pub fn is_definition(path: &str) -> bool {
    below(path, SYSTEMD).or_else(|| below(path, UPSTART)).is_some()
}

/// Is that path a unit of the folder `SYSTEMD` or a job of `UPSTART`, rather than a drop-in in a folder below it?
#[must_use]
pub fn is_unit(path: &str, folder: &str) -> bool {
    below(path, folder).is_some_and(|name| !name.contains('/'))
}

fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_in_defines_but_is_no_unit() {
        let drop_in = "/etc/systemd/system/web.service.d/more.conf";
        assert!(is_definition(drop_in) && !is_unit(drop_in, SYSTEMD));
        let unit = "/etc/systemd/system/web.service";
        assert!(is_definition(unit) && is_unit(unit, SYSTEMD) && !is_unit(unit, UPSTART));
        assert!(!is_definition("/etc/initrd/web.conf") && !in_nginx("/etc/nginx2/web"));
    }
}
