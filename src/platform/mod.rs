//! What a host is made of: operating system, init, and the versions of the programs that its configuration is for.
//! Pure.
//!
//! Templates never compare versions: they ask for a feature by its name, see [`feature`].

pub mod feature;
pub mod release;
mod version;

pub use feature::{FEATURES, Feature, Features};
pub use release::Release;
pub use version::Version;

use std::collections::BTreeSet;
use std::fmt;

use crate::diagnostic::did_you_mean;
use crate::model::Init;
use crate::runtime::PlainNames;

/// An operating system release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Os {
    /// `debian`, `ubuntu`, …
    pub id: String,
    /// `12`, `16.04`, …; empty on a testing release.
    pub version: String,
}

/// What a host is made of.
///
/// ```
/// use provision::platform::Platform;
///
/// let old = Platform::named("ubuntu-16.04")?.features();
/// assert!(!old.present["systemd_strict"]);
/// println!("{}", old.downgrades["systemd_strict"]);
/// assert!(Platform::named("debian-13")?.features().present["systemd_strict"]);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The operating system.
    pub os: Os,
    /// What runs as pid 1.
    pub init: Init,
    /// The programs' versions.
    pub versions: Versions,
    /// What Nginx was compiled with.
    pub nginx_modules: Modules,
    /// The kernel speaks IPv6.
    pub ipv6: bool,
    /// Which Python its packages are for that have no digit in their names.
    pub plain_names: PlainNames,
}

/// Versions of programs; `None` for one that a host of that kind does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// systemd.
    pub systemd: Option<Version>,
    /// Upstart.
    pub upstart: Option<Version>,
    /// Nginx.
    pub nginx: Option<Version>,
    /// The OpenSSL that Nginx runs with.
    pub openssl: Option<Version>,
    /// `python3`.
    pub python: Option<Version>,
    /// The gunicorn of Debian's or Ubuntu's package.
    pub gunicorn: Option<Version>,
    /// `pip3`.
    pub pip: Option<Version>,
}

/// Modules of Nginx by the name of their `--with-…` option, such as `http_v2_module`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modules(BTreeSet<String>);

impl Modules {
    /// Those of the configure arguments that `nginx -V` prints.
    #[must_use]
    pub fn parse(arguments: &str) -> Self {
        Self(arguments.split_whitespace().filter_map(|word| word.strip_prefix("--with-")).map(str::to_owned).collect())
    }

    /// Those that every Nginx package of Debian and Ubuntu has had since 16.04.
    #[must_use]
    pub fn packaged() -> Self {
        let names = ["http_ssl_module", "http_v2_module", "http_realip_module", "http_gzip_static_module"];
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Whether it was compiled in.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

impl Platform {
    /// A host of that name, such as `debian-13` or `ubuntu-16.04-upstart`.
    ///
    /// # Errors
    /// A name that is not known, with the nearest or all that are.
    pub fn named(name: &str) -> Result<Self, String> {
        if name == release::XENIAL_UPSTART {
            return Self::named("ubuntu-16.04").map(|_| Release::of(&xenial()).platform(Init::Upstart));
        }
        release::RELEASES.iter().find(|release| release.name == name).map_or_else(
            || {
                let names = || release::names();
                let hint = did_you_mean(name, names()).unwrap_or_else(|| {
                    format!("it is one of {}", names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
                });
                Err(format!("no release is called `{name}`; {hint}"))
            },
            |release| Ok(release.platform(Init::Systemd)),
        )
    }

    /// The newest that is known, with that init: what a host is taken for before anybody has looked at it.
    #[must_use]
    pub fn newest(init: Init) -> Self {
        match init {
            Init::Systemd => Release::of(&Os { id: "debian".to_owned(), version: String::new() }).platform(init),
            Init::Upstart => Release::of(&xenial()).platform(init),
        }
    }

    /// Hosts between which all others lie: the newest that is known, and the oldest with each init.
    #[must_use]
    pub fn extremes() -> [Self; 3] {
        [Self::newest(Init::Systemd), Release::of(&xenial()).platform(Init::Systemd), Self::newest(Init::Upstart)]
    }

    /// The features that it has.
    #[must_use]
    pub fn features(&self) -> Features {
        Features::of(self)
    }
}

fn xenial() -> Os {
    Os { id: "ubuntu".to_owned(), version: "16.04".to_owned() }
}

impl fmt::Display for Os {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.version)
    }
}
