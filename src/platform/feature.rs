//! The features that templates ask for: what each needs, and what holds without it. `docs/hosts.md` lists them.

use std::collections::BTreeMap;

use super::{Platform, Version};

/// Something that not every host can do.
#[derive(Debug)]
pub struct Feature {
    /// As templates name it: `features.NAME`.
    pub name: &'static str,
    /// What it needs; all of it.
    pub needs: &'static [Need],
    /// What it is, as the beginning of a sentence.
    pub what: &'static str,
    /// What holds where it is missing, as the end of a sentence.
    pub otherwise: &'static str,
}

/// What a feature needs.
#[derive(Debug, Clone, Copy)]
pub enum Need {
    /// A program, from this version on.
    Since(Program, Version),
    /// Nginx compiled with this module.
    NginxModule(&'static str),
    /// A kernel that speaks IPv6.
    Ipv6,
}

/// A program whose version matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// systemd.
    Systemd,
    /// Nginx.
    Nginx,
    /// The OpenSSL that Nginx runs with.
    OpenSsl,
    /// Python.
    Python,
}

const fn since(program: Program, major: u32, minor: u32, patch: u32) -> Need {
    Need::Since(program, Version::new(major, minor, patch))
}

const fn nginx(major: u32, minor: u32, patch: u32) -> Need {
    since(Program::Nginx, major, minor, patch)
}

const fn systemd(version: u32) -> Need {
    since(Program::Systemd, version, 0, 0)
}

/// Every feature, by program and age. Sources: the change logs of the programs.
pub const FEATURES: &[Feature] = &[
    Feature {
        name: "nginx_realip",
        needs: &[Need::NginxModule("http_realip_module")],
        what: "believing a load balancer about who its clients are",
        otherwise: "logs and limits see the load balancer as the only client",
    },
    Feature {
        name: "nginx_gzip_static",
        needs: &[Need::NginxModule("http_gzip_static_module")],
        what: "sending files that were compressed beforehand",
        otherwise: "files are compressed anew for every answer",
    },
    Feature {
        name: "nginx_http2",
        needs: &[Need::NginxModule("http_v2_module")],
        what: "HTTP/2",
        otherwise: "browsers speak HTTP/1.1 with it",
    },
    Feature {
        name: "nginx_request_id",
        needs: &[nginx(1, 11, 0)],
        what: "a number of its own for each request",
        otherwise: "requests in the logs of Nginx and of the app can be matched by their time alone",
    },
    Feature {
        name: "nginx_curves",
        needs: &[nginx(1, 11, 0)],
        what: "a list of curves for the key exchange",
        otherwise: "the one curve that every client knows is used",
    },
    Feature {
        name: "nginx_absolute_redirect",
        needs: &[nginx(1, 11, 8)],
        what: "redirects without a host name",
        otherwise: "they name the host that the client asked for",
    },
    Feature {
        name: "nginx_tls13",
        needs: &[nginx(1, 13, 0), since(Program::OpenSsl, 1, 1, 1)],
        what: "TLS 1.3",
        otherwise: "TLS 1.2 is the newest that clients get",
    },
    Feature {
        name: "nginx_keepalive_timeout",
        needs: &[nginx(1, 15, 3)],
        what: "a time after which Nginx closes idle connections to an app",
        otherwise: "gunicorn closes them, and Nginx repeats a request that may be repeated",
    },
    Feature {
        name: "nginx_limit_req_delay",
        needs: &[nginx(1, 15, 7)],
        what: "a burst of which only the second half is slowed down",
        otherwise: "the whole burst is let through at once",
    },
    Feature {
        name: "nginx_reject_handshake",
        needs: &[nginx(1, 19, 4)],
        what: "refusing the TLS handshake for unknown host names",
        otherwise: "they get a certificate that does not fit, and then no answer",
    },
    Feature {
        name: "nginx_ticket_rotation",
        needs: &[nginx(1, 23, 2)],
        what: "changing the key of TLS session tickets by itself",
        otherwise: "sessions are kept by Nginx alone",
    },
    Feature {
        name: "nginx_http2_directive",
        needs: &[nginx(1, 25, 1)],
        what: "the directive `http2`",
        otherwise: "HTTP/2 is a parameter of `listen`",
    },
    Feature {
        name: "ipv6",
        needs: &[Need::Ipv6],
        what: "listening on IPv6",
        otherwise: "a bare port listens on IPv4 alone",
    },
    Feature {
        name: "systemd_memory",
        needs: &[systemd(231)],
        what: "forbidding memory that is both written and executed, and real-time priority,",
        otherwise: "the app may have both",
    },
    Feature {
        name: "systemd_strict",
        needs: &[systemd(232)],
        what: "a file system that is read-only but for a few folders",
        otherwise: "only /usr, /boot and /etc are read-only to the app",
    },
    Feature {
        name: "systemd_kernel",
        needs: &[systemd(232)],
        what: "hiding the kernel's settings, modules and control groups",
        otherwise: "their own permissions protect them",
    },
    Feature {
        name: "systemd_users",
        needs: &[systemd(232)],
        what: "making files of the host's other users look like nobody's, and clearing away an app's shared memory,",
        otherwise: "it sees whose they are, and what it leaves in shared memory stays",
    },
    Feature {
        name: "systemd_namespaces",
        needs: &[systemd(233)],
        what: "forbidding new namespaces",
        otherwise: "the app may create those that any user may",
    },
    Feature {
        name: "systemd_personality",
        needs: &[systemd(235)],
        what: "forbidding to pretend to be another system, and a keyring of its own",
        otherwise: "the app may ask for old personalities of the kernel",
    },
    Feature {
        name: "systemd_system_calls",
        needs: &[systemd(239)],
        what: "the group of system calls that a service needs",
        otherwise: "the app may use them all",
    },
    Feature {
        name: "systemd_suid",
        needs: &[systemd(242)],
        what: "forbidding files that lend their owner's rights, and changes of the host's name",
        otherwise: "the app cannot gain rights by such files all the same",
    },
    Feature {
        name: "systemd_oom_policy",
        needs: &[systemd(243)],
        what: "losing one worker, not the whole app, when memory runs out",
        otherwise: "systemd may stop the app then, and starts it again",
    },
    Feature {
        name: "systemd_clock",
        needs: &[systemd(245)],
        what: "hiding the kernel's log and the hardware clock",
        otherwise: "their own permissions protect them",
    },
    Feature {
        name: "systemd_proc",
        needs: &[systemd(247)],
        what: "hiding the processes of other users",
        otherwise: "the app sees them in /proc",
    },
    Feature {
        name: "gunicorn_wakes",
        needs: &[since(Program::Python, 3, 6, 0)],
        what: "a gunicorn that wakes up to stop, 19.5 or later,",
        otherwise: "the settings wake a worker that waits for a request, which would sleep on for half its timeout",
    },
    Feature {
        name: "gunicorn_control_socket",
        needs: &[since(Program::Python, 3, 10, 0)],
        what: "a gunicorn with a control socket, 25.1 or later,",
        otherwise: "there is none to switch off",
    },
];

/// Which features a host has, and why it lacks the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// Every feature by name, and whether the host has it.
    pub present: BTreeMap<&'static str, bool>,
    /// For each that it lacks, one line that says why and what holds instead.
    pub downgrades: BTreeMap<&'static str, String>,
}

impl Features {
    /// Those of `platform`.
    #[must_use]
    pub fn of(platform: &Platform) -> Self {
        let mut features = Self::default();
        for feature in FEATURES {
            // What is for a program that does not run here is not rendered here, so nothing is lost with it.
            let runs = feature.needs.iter().all(|need| need.concerns(platform));
            let missing = feature.needs.iter().find_map(|need| need.missing_on(platform)).filter(|_| runs);
            features.present.insert(feature.name, runs && missing.is_none());
            if let Some(missing) = missing {
                let Feature { what, otherwise, .. } = feature;
                let mut what = (*what).to_owned();
                what[..1].make_ascii_uppercase();
                features.downgrades.insert(feature.name, format!("{what} {missing}: {otherwise}."));
            }
        }
        features
    }
}

impl Need {
    /// Whether its program runs there.
    fn concerns(self, platform: &Platform) -> bool {
        match self {
            Self::Since(program, _) => program.version_on(platform).is_some(),
            Self::NginxModule(_) | Self::Ipv6 => true,
        }
    }

    /// Why it is not met, as what follows the name of the feature; `None` when it is.
    fn missing_on(self, platform: &Platform) -> Option<String> {
        match self {
            Self::Since(program, since) => {
                let version = program.version_on(platform)?;
                (version < since).then(|| format!("came with {} {since}, and this host has {version}", program.name()))
            }
            Self::NginxModule(module) => (!platform.nginx_modules.has(module))
                .then(|| format!("needs the module {module}, and this host's Nginx was built without it")),
            Self::Ipv6 => {
                (!platform.ipv6).then(|| "needs a kernel that speaks it, and this host's does not".to_owned())
            }
        }
    }

    /// What it needs, for people.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Since(program, since) => format!("{} {since}", program.name()),
            Self::NginxModule(module) => format!("Nginx with {module}"),
            Self::Ipv6 => "a kernel with IPv6".to_owned(),
        }
    }
}

impl Program {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Nginx => "Nginx",
            Self::OpenSsl => "OpenSSL",
            Self::Python => "Python",
        }
    }

    /// `None` where it does not run: what is for it is not rendered there.
    fn version_on(self, platform: &Platform) -> Option<Version> {
        let versions = &platform.versions;
        match self {
            Self::Systemd => versions.systemd,
            Self::Nginx => versions.nginx,
            Self::OpenSsl => versions.openssl,
            Self::Python => versions.python,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn downgrades(name: &str) -> Features {
        Platform::named(name).unwrap().features()
    }

    #[test]
    fn old_hosts_lack_features_and_the_newest_has_all() {
        assert_eq!(downgrades("debian-13").downgrades, BTreeMap::new());
        let xenial = downgrades("ubuntu-16.04");
        assert!(!xenial.present["nginx_tls13"] && xenial.present["nginx_http2"]);
        assert_eq!(
            xenial.downgrades["nginx_tls13"],
            "TLS 1.3 came with Nginx 1.13, and this host has 1.10.3: TLS 1.2 is the newest that clients get."
        );
        assert!(downgrades("ubuntu-18.04").present["nginx_tls13"]);
        // systemd does not run there, so nothing is lost with it.
        assert!(downgrades("ubuntu-16.04-upstart").downgrades.keys().all(|name| !name.starts_with("systemd")));
    }

    #[test]
    fn each_feature_is_named_once() {
        let names: std::collections::BTreeSet<&str> = FEATURES.iter().map(|feature| feature.name).collect();
        assert_eq!(names.len(), FEATURES.len());
    }
}
