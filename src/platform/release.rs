//! What the releases of Ubuntu and Debian bring: for hosts that nobody has at hand, and for programs that a host does
//! not have yet. Sources: the releases' own package lists.

use super::version::Version;
use super::{Modules, Os, Platform, Versions};
use crate::model::Init;
use crate::runtime::PlainNames;

/// A release of an operating system with the versions of its packages.
#[derive(Debug)]
pub struct Release {
    /// As `--for` names it, such as `ubuntu-16.04`.
    pub name: &'static str,
    /// systemd, Nginx, OpenSSL, Python, gunicorn, pip.
    versions: [(u32, u32, u32); 6],
    /// Which Python its packages are for that have no digit in their names.
    plain_names: PlainNames,
}

/// Every release that is known, by distribution and age.
pub const RELEASES: [Release; 10] = [
    release("debian-9", [(232, 0, 0), (1, 10, 3), (1, 1, 0), (3, 5, 3), (19, 6, 0), (9, 0, 1)]).with_python2(),
    release("debian-10", [(241, 0, 0), (1, 14, 2), (1, 1, 1), (3, 7, 3), (19, 9, 0), (18, 1, 0)]).with_python2(),
    release("debian-11", [(247, 0, 0), (1, 18, 0), (1, 1, 1), (3, 9, 2), (20, 1, 0), (20, 3, 4)]),
    release("debian-12", [(252, 0, 0), (1, 22, 1), (3, 0, 0), (3, 11, 2), (20, 1, 0), (23, 0, 1)]),
    release("debian-13", [(257, 0, 0), (1, 26, 3), (3, 5, 0), (3, 13, 0), (23, 0, 0), (25, 1, 0)]),
    release("ubuntu-16.04", [(229, 0, 0), (1, 10, 3), (1, 0, 2), (3, 5, 2), (19, 4, 5), (8, 1, 1)]).with_python2(),
    release("ubuntu-18.04", [(237, 0, 0), (1, 14, 0), (1, 1, 1), (3, 6, 0), (19, 7, 1), (9, 0, 1)]).with_python2(),
    release("ubuntu-20.04", [(245, 0, 0), (1, 18, 0), (1, 1, 1), (3, 8, 0), (20, 0, 4), (20, 0, 2)]),
    release("ubuntu-22.04", [(249, 0, 0), (1, 18, 0), (3, 0, 0), (3, 10, 0), (20, 1, 0), (22, 0, 2)]),
    release("ubuntu-24.04", [(255, 0, 0), (1, 24, 0), (3, 0, 0), (3, 12, 0), (20, 1, 0), (24, 0, 0)]),
];

/// Upstart of Ubuntu 16.04, the last release that has it.
const UPSTART: Version = Version::new(1, 13, 2);

/// What `--for` takes, beside the releases: Ubuntu 16.04 with the package `upstart-sysv`.
pub const XENIAL_UPSTART: &str = "ubuntu-16.04-upstart";

const fn release(name: &'static str, versions: [(u32, u32, u32); 6]) -> Release {
    Release { name, versions, plain_names: PlainNames::Python3 }
}

/// Every name that `--for` takes.
pub fn names() -> impl Iterator<Item = &'static str> {
    RELEASES.iter().map(|release| release.name).chain([XENIAL_UPSTART])
}

impl Release {
    const fn with_python2(self) -> Self {
        Self { plain_names: PlainNames::Python2, ..self }
    }

    /// The release that `os` is, or the newest older one of the same distribution. One that is not known at all counts
    /// as the oldest there is: what is right there works everywhere.
    #[must_use]
    pub fn of(os: &Os) -> &'static Self {
        let version = Version::find(&os.version);
        let same = |release: &&Release| release.os().id == os.id;
        // Testing releases have no number: they are the newest.
        let older = |release: &&Release| version.is_none_or(|version| Version::find(release.name) <= Some(version));
        let newest = RELEASES.iter().filter(same).filter(older).max_by_key(|release| Version::find(release.name));
        newest.or_else(|| RELEASES.iter().find(same)).unwrap_or(&RELEASES[5])
    }

    /// Its distribution and version.
    #[must_use]
    pub fn os(&self) -> Os {
        let (id, version) = self.name.split_once('-').unwrap_or((self.name, ""));
        Os { id: id.to_owned(), version: version.to_owned() }
    }

    /// The versions of its packages.
    #[must_use]
    pub fn versions(&self, init: Init) -> Versions {
        let [systemd, nginx, openssl, python, gunicorn, pip] =
            self.versions.map(|(major, minor, patch)| Version::new(major, minor, patch));
        Versions {
            systemd: (init == Init::Systemd).then_some(systemd),
            upstart: (init == Init::Upstart).then_some(UPSTART),
            nginx: Some(nginx),
            openssl: Some(openssl),
            python: Some(python),
            gunicorn: Some(gunicorn),
            pip: Some(pip),
        }
    }

    /// A host that runs it.
    #[must_use]
    pub fn platform(&self, init: Init) -> Platform {
        Platform {
            os: self.os(),
            init,
            versions: self.versions(init),
            nginx_modules: Modules::packaged(),
            ipv6: true,
            plain_names: self.plain_names,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_found_or_the_next_older_one() {
        let of = |id: &str, version: &str| Release::of(&Os { id: id.to_owned(), version: version.to_owned() }).name;
        assert_eq!(of("ubuntu", "16.04"), "ubuntu-16.04");
        assert_eq!(of("ubuntu", "23.10"), "ubuntu-22.04");
        assert_eq!(of("debian", "13"), "debian-13");
        assert_eq!(of("debian", "99"), "debian-13");
        assert_eq!(of("debian", ""), "debian-13");
        assert_eq!(of("debian", "8"), "debian-9");
        assert_eq!(of("plan9", "4"), "ubuntu-16.04");
    }
}
