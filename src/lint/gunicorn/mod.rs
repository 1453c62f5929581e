//! Rules for gunicorn's settings.

mod bind;
mod read;
mod syntax;

pub use bind::bound;

use super::found::Found;
use super::host::{Host, running, too_old};
use super::rule::{Example, Rule, Severity};
use super::source::Language;
use super::versions::{GUNICORN, Words};
use crate::diagnostic::did_you_mean;
use read::Settings;

pub static PRELOAD: Rule = Rule {
    id: "gunicorn/preload",
    severity: Severity::Error,
    title: "the app is loaded before the workers are made",
    why: "A reload (HUP) makes new workers from the code that the master has loaded: they go on serving the old \
          release, and the reload reports success.",
    remedy: "Write `preload_app = False`.",
    wrong: &[Example::settings("preload_app = True\n")],
    right: &[Example::settings("preload_app = False\n")],
};

pub static UNKNOWN_SETTING: Rule = Rule {
    id: "gunicorn/unknown-setting",
    severity: Severity::Error,
    title: "a name is almost that of a setting",
    why: "gunicorn passes over names that it does not know, for they may be the file's own: a misspelt setting has no \
          effect, and nothing says so.",
    remedy: "Repair the spelling, or give a name of your own a `_` in front.",
    wrong: &[Example::settings("wrokers = 3\n")],
    right: &[Example::settings("workers = 3\n_cores = 2\n")],
};

pub static LATER_SETTING: Rule = Rule {
    id: "gunicorn/later-setting",
    severity: Severity::Warning,
    title: "a setting is younger than the host's gunicorn",
    why: "An old gunicorn passes over it in silence. Where the version is not known the oldest supported one, 19.4.5, \
          is kept in mind.",
    remedy: "Do without it, or allow it with the reason why the old one may do without.",
    wrong: &[Example::settings("reuse_port = True\n")],
    right: &[Example::settings("backlog = 2048\n")],
};

pub static STOP_TIMEOUT: Rule = Rule {
    id: "gunicorn/stop-timeout",
    severity: Severity::Error,
    title: "gunicorn is killed before its workers have had their time",
    why: "`graceful_timeout` lets old workers finish their requests. If systemd's `TimeoutStopSec=` or Upstart's `kill \
          timeout` is not longer, all are killed first, with their requests.",
    remedy: "Let the service wait some seconds longer than `graceful_timeout`.",
    wrong: &[
        Example::settings("graceful_timeout = 30\n"),
        Example::service(
            "\
[Service]
ExecStart=/usr/bin/gunicorn3 --config /etc/provision/app/gunicorn.conf.py app:app
TimeoutStopSec=30
",
        ),
    ],
    right: &[
        Example::settings("graceful_timeout = 30\n"),
        Example::service(
            "\
[Service]
ExecStart=/usr/bin/gunicorn3 --config /etc/provision/app/gunicorn.conf.py app:app
TimeoutStopSec=40
",
        ),
    ],
};

pub static DAEMON: Rule = Rule {
    id: "gunicorn/daemon",
    severity: Severity::Error,
    title: "gunicorn leaves its service",
    why: "With `daemon = True` gunicorn goes to the background: systemd and Upstart take it for ended, and stop or \
          start it again.",
    remedy: "Leave it out: systemd and Upstart want their processes in the foreground.",
    wrong: &[Example::settings("daemon = True\n")],
    right: &[Example::settings("daemon = False\n")],
};

pub static RELOAD: Rule = Rule {
    id: "gunicorn/reload",
    severity: Severity::Error,
    title: "workers are replaced whenever a file changes",
    why: "`reload = True` is for a developer's machine: in production workers start in the middle of a deployment, \
          from half of it, and all the time they look for changes.",
    remedy: "Leave it out, and reload when a release is complete.",
    wrong: &[Example::settings("reload = True\n")],
    right: &[Example::settings("reload = False\n")],
};

pub static FORWARDED_ALLOW_IPS: Rule = Rule {
    id: "gunicorn/forwarded-allow-ips",
    severity: Severity::Warning,
    title: "everybody is believed who says that the client came by HTTPS",
    why: "With `*`, whoever reaches the app's port may claim what only Nginx should: the app then sends cookies and \
          links as if the connection were closed to others.",
    remedy: "Name the address of Nginx, such as `127.0.0.1`.",
    wrong: &[Example::settings("forwarded_allow_ips = \"*\"\n")],
    right: &[Example::settings("forwarded_allow_ips = \"127.0.0.1\"\n")],
};

pub static OPEN_BIND: Rule = Rule {
    id: "gunicorn/open-bind",
    severity: Severity::Warning,
    title: "the app can be asked past Nginx",
    why: "Whoever reaches the address asks gunicorn itself: without HTTPS, limits and maintenance, and under any host \
          name. Six clients that send half a request and wait stop an app of five `sync` workers for all others, which \
          Nginx would have kept waiting outside. Headers that only Nginx should set are anybody's word there.",
    remedy: "Listen on `127.0.0.1` or on a Unix socket. Where others must reach the app itself, close its port to \
             everybody else, and say why in the inventory, behind `bind` or in a comment right above: `# provision: \
             allow gunicorn/open-bind because REASON`.",
    wrong: &[
        Example::settings("bind = \"0.0.0.0:5000\"\n"),
        Example::settings("bind = [\n    \"127.0.0.1:5000\",\n    \":5001\",\n]\n"),
    ],
    right: &[
        Example::settings("bind = \"127.0.0.1:5000\"\n"),
        Example::settings("bind = [\"unix:/run/app/app.sock\", \"[::1]:5000\"]\n"),
        Example::settings(
            "\
# provision: allow gunicorn/open-bind because the monitor asks each app, and a firewall lets it alone in
bind = \"10.0.0.7:5000\"
",
        ),
    ],
};

pub static RULES: &[&Rule] = &[
    &syntax::LATER_SYNTAX,
    &UNKNOWN_SETTING,
    &LATER_SETTING,
    &PRELOAD,
    &STOP_TIMEOUT,
    &DAEMON,
    &RELOAD,
    &FORWARDED_ALLOW_IPS,
    &OPEN_BIND,
];

/// What gives old workers their time, in seconds, unless the settings say otherwise.
const USUAL_GRACEFUL_TIMEOUT: u64 = 30;

/// What starts and stops gunicorn: a unit or a job.
#[derive(Debug, Clone)]
pub(super) struct Keeper {
    /// The file's place among all.
    pub file: usize,
    /// Where it says how long stopping may take.
    pub line: usize,
    /// The path of gunicorn's settings.
    pub settings: String,
    /// How long stopping may take.
    pub stop_seconds: u64,
}

impl Keeper {
    /// The path of the settings in a command that starts gunicorn.
    pub(super) fn settings_in(command: &str) -> Option<String> {
        if !command.contains("gunicorn") {
            return None;
        }
        let mut words = command.split_whitespace();
        let path = words.find_map(|word| match word {
            "--config" | "-c" => Some(None),
            word => word.strip_prefix("--config=").map(Some),
        })?;
        let path = path.or_else(|| words.next())?;
        Some(path.trim_matches(['"', '\'']).to_owned())
    }
}

/// Checks all settings of a host, and whoever stops gunicorn against them.
pub(super) fn check(files: &mut [Found<'_>], host: &Host, keepers: &[Keeper]) {
    let words: &Words = &GUNICORN;
    let mut patience: Vec<(String, Option<u64>)> = vec![];
    for found in files.iter_mut() {
        if found.language != Language::Settings {
            continue;
        }
        let settings = read::read(found.source.content);
        names(found, &settings, words, host);
        values(found, &settings);
        bind::check(found, &settings);
        syntax::check(found, &settings, host);
        let graceful = match settings.last("graceful_timeout") {
            Some(assignment) => assignment.value.parse().ok(),
            None => Some(USUAL_GRACEFUL_TIMEOUT),
        };
        patience.push((found.source.path.to_owned(), graceful));
    }
    for keeper in keepers {
        let graceful = patience.iter().find(|(path, _)| *path == keeper.settings).and_then(|(_, seconds)| *seconds);
        if let Some(graceful) = graceful.filter(|graceful| keeper.stop_seconds <= *graceful) {
            let message = format!("stopping may take {} s, and workers alone have {graceful} s", keeper.stop_seconds);
            files[keeper.file].add(&STOP_TIMEOUT, keeper.line, message);
        }
    }
}

fn names(found: &mut Found<'_>, settings: &Settings, words: &Words, host: &Host) {
    for assignment in &settings.assignments {
        let name = assignment.name.as_str();
        if let Some(since) = words.since(name) {
            if too_old(host.gunicorn, since).is_some() {
                let host = running("gunicorn", host.gunicorn, Host::XENIAL.gunicorn);
                found.add(
                    &LATER_SETTING,
                    assignment.line,
                    format!("`{name}` came with gunicorn {}, and {host}", since),
                );
            }
        } else if !words.knows(name)
            && !name.starts_with('_')
            && let Some(hint) = did_you_mean(name, words.all())
        {
            found.add(&UNKNOWN_SETTING, assignment.line, format!("gunicorn knows no setting `{name}`: {hint}"));
        }
    }
}

fn values(found: &mut Found<'_>, settings: &Settings) {
    for (name, value, rule, message) in [
        ("preload_app", "True", &PRELOAD, "a reload would go on serving the old code"),
        ("daemon", "True", &DAEMON, "gunicorn goes to the background"),
        ("reload", "True", &RELOAD, "workers are replaced whenever a file changes"),
        ("forwarded_allow_ips", "*", &FORWARDED_ALLOW_IPS, "everybody is believed"),
    ] {
        if let Some(assignment) = settings.last(name)
            && assignment.value.trim_matches(['"', '\'']) == value
        {
            found.add(rule, assignment.line, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Keeper;

    #[test]
    fn settings_in_commands() {
        let found = |command: &str| Keeper::settings_in(command);
        assert_eq!(found("exec /usr/bin/gunicorn3 --config '/a/b' app:app").as_deref(), Some("/a/b"));
        assert_eq!(found("gunicorn --config=/a app:app").as_deref(), Some("/a"));
        assert_eq!(found("gunicorn -c \"/a\" app:app").as_deref(), Some("/a"));
        assert_eq!(found("gunicorn app:app"), None);
        assert_eq!(found("uwsgi --config /a"), None);
    }
}
