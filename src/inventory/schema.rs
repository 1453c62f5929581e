//! The keys that an inventory knows, each with its form, default and meaning.
//! The decoder refuses every other key; `docs/configuration.md` lists these. Those of sites stand in `site_schema.rs`.

pub use super::site_schema::{PEM, RATE_LIMIT, ROUTE, SITE, TLS};

/// A mapping of the inventory with a fixed set of keys.
#[derive(Debug)]
pub struct Section {
    /// What it is, with its article: `an app`.
    pub name: &'static str,
    /// Its keys, in the order in which one reads of them.
    pub keys: &'static [Key],
}

impl Section {
    /// A pair that one might write, such as `app: web`.
    #[must_use]
    pub fn example(&self) -> String {
        let required = self.keys.iter().find_map(|key| match key.default {
            Default::Required { example } => Some(format!("{}: {example}", key.name)),
            Default::None | Default::Value(_) => None,
        });
        required.unwrap_or_else(|| self.keys.first().map_or_else(String::new, |key| format!("{}: …", key.name)))
    }
}

/// One key of a section.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What may stand there.
    pub form: &'static str,
    /// What holds when it does not stand there.
    pub default: Default,
    /// What one might write, as YAML.
    pub example: &'static str,
    /// What it is for.
    pub meaning: &'static str,
}

impl Key {
    /// With an example that tells more than the default.
    pub(super) const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }
}

/// What holds when a key is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// The key must be there.
    Required {
        /// What one might write.
        example: &'static str,
    },
    /// Nothing, or what the meaning says.
    None,
    /// This value.
    Value(&'static str),
}

pub(super) const fn required(
    name: &'static str,
    form: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Key {
    Key { name, form, default: Default::Required { example }, example, meaning }
}

pub(super) const fn optional(name: &'static str, form: &'static str, meaning: &'static str) -> Key {
    Key { name, form, default: Default::None, example: "", meaning }
}

pub(super) const fn default(name: &'static str, form: &'static str, value: &'static str, meaning: &'static str) -> Key {
    Key { name, form, default: Default::Value(value), example: value, meaning }
}

const SSH_KEY: Key = optional("ssh", "mapping", "How to reach hosts; single keys override those of wider levels.")
    .example("{ user: ubuntu, become: true }");
const VARS_KEY: Key =
    optional("vars", "mapping", "Variables for expressions and templates, as `vars.NAME`.").example("{ stage: live }");
const PACKAGES_KEY: Key =
    optional("packages", "list of Debian packages", "Packages to install beside those that apps need.")
        .example("[curl, git]");
const FILES_KEY: Key = optional("files", "list of mappings", "Files rendered from your own templates.")
    .example("[{ template: motd, destination: /etc/motd }]");
const HOST_SITES_KEY: Key =
    optional("sites", "list of sites", "Sites that the hosts serve, with the apps behind their routes.")
        .example("[main]");
const HOST_APPS_KEY: Key =
    optional("apps", "list of apps", "Apps that the hosts run without a site, such as an internal API.")
        .example("[web]");

/// Every section, in the order in which one reads of them.
pub const SECTIONS: &[&Section] = &[
    &INVENTORY,
    &SSH,
    &GROUP,
    &HOST,
    &APP,
    &SOURCE,
    &PYTHON,
    &SECRET,
    &LOG,
    &HEALTH,
    &HARDENING,
    &LIMITS,
    &SITE,
    &TLS,
    &PEM,
    &RATE_LIMIT,
    &ROUTE,
    &FILE,
];

/// The top level.
pub const INVENTORY: Section = Section {
    name: "an inventory",
    keys: &[
        required("version", "`1`", "1", "The version of the inventory language."),
        SSH_KEY,
        VARS_KEY,
        PACKAGES_KEY,
        FILES_KEY,
        optional("apps", "mapping of name to app", "The apps that hosts may run.").example(r#"{ web: { source: { path: ../web }, wsgi: "web.app:app", bind: 5000 }, api: { source: { path: ../api }, wsgi: "api.app:app", bind: 5001 } }"#),
        optional("sites", "mapping of name to site", "The sites that hosts may serve.").example("{ main: { routes: { /: { app: web } } } }"),
        optional("groups", "mapping of name to group", "Hosts that share values.").example("{ web: { hosts: [web-01], sites: [main] } }"),
        required(
            "hosts",
            "mapping of name or range to host",
            "{ web-01: }",
            "Every host, even one with nothing to say of: `web-01:`.",
        ),
    ],
};

/// How to reach a host.
pub const SSH: Section = Section {
    name: "`ssh`",
    keys: &[
        optional("user", "text", "The remote user; ssh's own choice if absent.").example("ubuntu"),
        optional("port", "port", "The remote port; ssh's own choice if absent.").example("2222"),
        default("become", "boolean", "false", "Become root by `sudo`.").example("true"),
        optional("identity", "path", "A private key, relative to the inventory; also written `private_key`.")
            .example("~/.ssh/deploy"),
        optional("private_key", "path", "Another name of `identity`.").example("~/.ssh/deploy"),
        optional("known_hosts", "path", "A known-hosts file that replaces the user's, relative to the inventory.")
            .example("known_hosts"),
        default("connect_timeout", "duration", "10s", "How long a connection may take to come up.").example("30s"),
        default(
            "persist",
            "duration",
            "60s",
            "How long an idle connection stays for the next run; `0` ends it with the run.",
        )
        .example("10m"),
    ],
};

/// A group.
pub const GROUP: Section = Section {
    name: "a group",
    keys: &[
        optional("hosts", "list of hosts or ranges", "Hosts of the group, such as `web-01` or `web-[01:10]`.")
            .example(r#"["web-[01:10]"]"#),
        optional(
            "children",
            "list of groups",
            "Groups whose hosts belong to this one too, and whose values override its values.",
        )
        .example("[eu, us]"),
        HOST_SITES_KEY,
        HOST_APPS_KEY,
        PACKAGES_KEY,
        FILES_KEY,
        VARS_KEY,
        SSH_KEY,
    ],
};

/// A host.
pub const HOST: Section = Section {
    name: "a host",
    keys: &[
        optional("address", "text", "What ssh connects to; the host's name if absent.").example("203.0.113.10"),
        HOST_SITES_KEY,
        HOST_APPS_KEY,
        PACKAGES_KEY,
        FILES_KEY,
        VARS_KEY,
        SSH_KEY,
    ],
};

/// An app.
pub const APP: Section = Section {
    name: "an app",
    keys: &[
        required("source", "mapping", "{ path: ../web }", "Where the code comes from."),
        required("wsgi", "module:callable", "web.app:app", "The WSGI application, as gunicorn takes it."),
        required(
            "bind",
            "address",
            "127.0.0.1:5000",
            "`127.0.0.1:5000`, `5000` for the same, or `unix:/run/web/web.sock`.",
        ),
        optional("user", "user", "The system user that it runs as; the app's name if absent. None that is the host's, or somebody's who logs in.").example("web"),
        default(
            "workers",
            "1 to 256, or `auto`",
            "auto",
            "Worker processes; `auto` is two for each processor core that the host has, and one more, 32 at most.",
        ).example("4"),
        default("threads", "1 to 256", "1", "Threads in each worker.").example("4"),
        default(
            "keepalive",
            "0 to 256",
            "0",
            "Connections that each Nginx worker keeps open to the app; needs `threads`. A request without a repeat, such as a POST, may be lost in one when the app reloads.",
        ).example("16"),
        default(
            "max_requests",
            "0 to 65535",
            "0",
            "A worker is replaced after so many requests, and up to a tenth more: against leaks of memory. `0` for never.",
        ).example("1000"),
        default("timeout", "duration", "30s", "A worker silent for this long is replaced.").example("60s"),
        default("graceful_timeout", "duration", "30s", "How long a worker may finish its requests.").example("1m"),
        optional("python", "mapping", "How its Python dependencies are installed.").example("{ install: venv, requirements: requirements.txt }"),
        optional("env", "mapping of name to text or `{ from_env: NAME }`", "Environment of its processes.").example("{ MODE: production, DB_PASSWORD: { from_env: DB_PASSWORD } }"),
        optional("log", "mapping", "Where it logs.").example("{ access: /var/log/web/access.log }"),
        optional("health", "mapping", "How to tell that it works.").example("{ path: /status, status: 200 }"),
        optional("hardening", "mapping", "What it may do in spite of the protection that systemd gives it.").example("{ write: [/srv/uploads] }"),
        optional("limits", "mapping", "What it may use up.").example("{ files: 16384, memory: 512M }"),
        optional(
            "release_command",
            "shell command",
            "Runs on every host once for each new release: after the checks, before it goes live, as the app's user in the release's folder with the app's environment.",
        ).example("python3 manage.py migrate"),
        default(
            "release_timeout",
            "duration, 1s to 24h",
            "10m",
            "How long `release_command` may take; one that takes longer is ended, and the release refused.",
        ).example("1h"),
        default("keep_releases", "1 to 100", "5", "Releases that stay on the host, the live one included.").example("3"),
    ],
};

/// Where an app's code comes from.
pub const SOURCE: Section = Section {
    name: "a source",
    keys: &[
        optional("path", "path", "A folder, relative to the inventory. Either this or `git`.").example("../web"),
        optional(
            "include",
            "list of paths",
            "What of the folder is sent although it would be left out, `.gitignore` or not: see [above](#code-from-a-folder).",
        )
        .example("[.env]"),
        optional("git", "URL", "A repository that the host clones, without a password or token: it logs in by a deploy key or credential helper of its own. The controller asks the same URL which commit a branch or tag is. A repository with submodules is refused. Either this or `path`.")
            .example("https://example.com/web.git"),
        default(
            "ref",
            "branch, tag or commit",
            "HEAD",
            "What of the repository; `HEAD` is its default branch, whatever its name.",
        )
        .example("main"),
    ],
};

/// How Python dependencies are installed.
pub const PYTHON: Section = Section {
    name: "`python`",
    keys: &[
        default(
            "install",
            "`system`, `venv` or `apt`",
            "system",
            "By pip for the whole host, in a virtual environment, or by Debian packages alone.",
        )
        .example("venv"),
        optional(
            "requirements",
            "path",
            "A requirements file inside the app's folder; none is read unless it is named here.",
        )
        .example("requirements.txt"),
        optional("packages", "list", "Further requirements, or Debian packages with `install: apt`.")
            .example(r#"["flask>=2", gunicorn==20.1.0]"#),
        default(
            "require_hashes",
            "boolean",
            "false",
            "Every requirement, those of requirements too, must be in the requirements file with its version and its hash, as `pip-compile --generate-hashes` writes it.",
        )
        .example("true"),
    ],
};

/// An environment value that stays out of the inventory.
pub const SECRET: Section = Section {
    name: "a value of `env`",
    keys: &[required(
        "from_env",
        "name",
        "MYSQL_PWD",
        "The variable of your own environment that holds the value, which is never shown.",
    )],
};

/// Where an app logs.
pub const LOG: Section = Section {
    name: "`log`",
    keys: &[
        default(
            "access",
            "path, `journal` or `off`",
            "off",
            "One line for each request, with the client's real address; Nginx logs requests in any case.",
        )
        .example("/var/log/web/access.log"),
        default("error", "path, `journal` or `off`", "journal", "Starts, stops and failures.")
            .example("/var/log/web/error.log"),
    ],
};

/// How to tell that an app works.
pub const HEALTH: Section = Section {
    name: "`health`",
    keys: &[
        optional("path", "path", "What is asked for; `/`, and any status below 500, if absent.").example("/status"),
        default("status", "status or range", "200-399", "What counts as healthy: `200` or `200-399`.").example("200"),
        default("timeout", "duration", "30s", "How long it may take to become healthy.").example("1m"),
    ],
};

/// What an app may do in spite of its protection.
pub const HARDENING: Section = Section {
    name: "`hardening`",
    keys: &[
        optional(
            "write",
            "list of paths",
            "Folders that it may write, beside those of its logs; one that is missing is passed over.",
        )
        .example("[/srv/uploads]"),
        optional(
            "loosen",
            "list of systemd directives",
            "Protections to leave out, such as `MemoryDenyWriteExecute` for code that compiles itself while it runs.",
        )
        .example("[MemoryDenyWriteExecute]"),
    ],
};

/// What an app may use up.
pub const LIMITS: Section = Section {
    name: "`limits`",
    keys: &[
        default("files", "64 to 65535", "8192", "Open files and connections of each process.").example("16384"),
        optional("memory", "size", "Memory of all its processes together; Upstart cannot limit it.").example("512M"),
    ],
};

/// A file from the user's own template.
pub const FILE: Section = Section {
    name: "a file",
    keys: &[
        required("template", "name", "motd", "A file in `templates/` beside the inventory."),
        required("destination", "path", "/etc/motd", "Where it goes on the host."),
        default("mode", "octal digits", "0644", "Permission bits.").example(r#""0640""#),
        default("owner", "user", "root", "Owning user.").example("www-data"),
        default("group", "user group", "root", "Owning group.").example("www-data"),
        optional("reload", "list of `nginx`, `app:NAME`, `unit:NAME`", "What must take notice of a change.")
            .example("[nginx]"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_declared_twice() {
        for section in SECTIONS {
            let mut names: Vec<_> = section.keys.iter().map(|key| key.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), section.keys.len(), "{}", section.name);
        }
    }
}
