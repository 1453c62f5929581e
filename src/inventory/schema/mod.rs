//! The keys that an inventory knows, each with its form, default and meaning.
//! The decoder refuses every other key; `docs/configuration.md` lists these. Those of apps and of sites have files of
//! their own.

mod app;
mod section;
mod site;

pub use app::*;
pub use section::{Default, Key, Section};
use section::{default, optional, required};
pub use site::*;

const SPARE_HOST_KEY: Key = default(
    "spare",
    "boolean",
    "false",
    "Whether the host gets nothing on purpose: what it had is removed. Otherwise a host without sites, apps, packages \
     and files is a mistake.",
)
.example("true");

const SSH_KEY: Key = optional("ssh", "mapping", "How to reach hosts; each key overrides that of a wider level.")
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
pub fn sections() -> impl Iterator<Item = &'static Section> {
    let before = [&INVENTORY, &SSH, &GROUP, &HOST];
    before.into_iter().chain(OF_APPS.iter().copied()).chain(OF_SITES.iter().copied()).chain([&FILE])
}

/// The top level.
pub const INVENTORY: Section = Section {
    name: "an inventory",
    keys: &[
        required("version", "`1`", "1", "The version of the inventory language."),
        default(
            "project",
            "name",
            "default",
            "What hosts call this inventory in their records, which several inventories may share: lower-case letters, \
             digits and `-`, at most 63.",
        )
        .example("shop"),
        default(
            "keep_removed",
            "duration, 0 to 365d",
            "30d",
            "How long an app that is no longer in the inventory can be brought back: its releases and secrets stay. \
             `0` removes them with it.",
        )
        .example("7d"),
        SSH_KEY,
        VARS_KEY,
        PACKAGES_KEY,
        FILES_KEY,
        optional("apps", "mapping of name to app", "The apps that hosts may run.")
            .example(r#"{ web: { source: { path: ../web }, wsgi: "web.app:app", bind: 5000 } }"#),
        optional("sites", "mapping of name to site", "The sites that hosts may serve.")
            .example("{ main: { routes: { /: { app: web } } } }"),
        optional("groups", "mapping of name to group", "Hosts that share values.")
            .example("{ web: { hosts: [web-01], sites: [main] } }"),
        required(
            "hosts",
            "mapping of name or range to host",
            "{ web-01: { sites: [main] } }",
            "Every host; one that has all from a group needs no keys: `web-01:`.",
        ),
    ],
};

/// How to reach a host.
pub const SSH: Section = Section {
    name: "`ssh`",
    keys: &[
        optional("user", "text", "The remote user; ssh's own choice if absent.").example("ubuntu"),
        optional("port", "port", "The remote port; ssh's own choice if absent.").example("2222"),
        default("become", "boolean", "false", "Become root by `sudo`, unless root logs in.").example("true"),
        optional("identity", "path", "A private key, relative to the inventory; also written `private_key`.")
            .example("~/.ssh/deploy"),
        optional("private_key", "path", "Another name of `identity`.").example("~/.ssh/deploy"),
        optional("known_hosts", "path", "A known-hosts file that replaces the user's, relative to the inventory.")
            .example("known_hosts"),
        default("connect_timeout", "duration", "10s", "How long connecting may take.").example("30s"),
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
        SPARE_HOST_KEY,
        HOST_SITES_KEY,
        HOST_APPS_KEY,
        PACKAGES_KEY,
        FILES_KEY,
        VARS_KEY,
        SSH_KEY,
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
        optional("reload", "list of `nginx`, `app:NAME`, `unit:NAME`", "What to reload when the file changes.")
            .example("[nginx]"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_declared_twice() {
        for section in sections() {
            let mut names: Vec<_> = section.keys.iter().map(|key| key.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), section.keys.len(), "{}", section.name);
        }
    }
}
