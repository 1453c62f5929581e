//! The keys of an app and of what stands in it.

use super::section::{Section, default, optional, required};

/// Its sections, in the order in which one reads of them.
pub const OF_APPS: &[&Section] = &[&APP, &SOURCE, &PYTHON, &SECRET, &LOG, &HEALTH, &REHEARSE, &HARDENING, &LIMITS];

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
        optional(
            "user",
            "user",
            "The system user that it runs as; the app's name if absent. Not a user of the \
             host itself, and not one who logs in.",
        )
        .example("web"),
        default(
            "workers",
            "1 to 256, or `auto`",
            "auto",
            "Worker processes; `auto` is two for each processor core that the host has, and one more, 32 at most.",
        )
        .example("4"),
        default("threads", "1 to 256", "1", "Threads in each worker.").example("4"),
        default(
            "keepalive",
            "0 to 256",
            "0",
            "Connections that each Nginx worker keeps open to the app; needs `threads`. A request without a repeat, \
             such as a POST, may be lost in one when the app reloads.",
        )
        .example("16"),
        default(
            "max_requests",
            "0 to 65535",
            "0",
            "A worker is replaced after so many requests, and up to a tenth more: against leaks of memory. `0` for \
             never.",
        )
        .example("1000"),
        default("timeout", "duration", "30s", "A worker silent for this long is replaced.").example("60s"),
        default("graceful_timeout", "duration", "30s", "How long a worker may finish its requests.").example("1m"),
        optional("python", "mapping", "How its Python dependencies are installed.")
            .example("{ install: venv, requirements: requirements.txt }"),
        optional("env", "mapping of name to text or `{ from_env: NAME }`", "Environment of its processes.")
            .example("{ MODE: production, DB_PASSWORD: { from_env: DB_PASSWORD } }"),
        optional("log", "mapping", "Where its logs go.").example("{ access: /var/log/web/access.log }"),
        optional("health", "mapping", "How to check that it is healthy.").example("{ path: /status, status: 200 }"),
        optional("hardening", "mapping", "Exceptions from the restrictions that systemd enforces.")
            .example("{ write: [/srv/uploads] }"),
        optional("limits", "mapping", "Limits of what it uses.").example("{ files: 16384, memory: 512M }"),
        optional(
            "release_command",
            "shell command",
            "Runs on every host once for each new release: after the checks, before it goes live, as the app's user in \
             the release's folder with the app's environment.",
        )
        .example("python3 manage.py migrate"),
        default(
            "release_timeout",
            "duration, 1s to 24h",
            "10m",
            "How long `release_command` may take; one that takes longer is ended, and the release refused.",
        )
        .example("1h"),
        default(
            "spare",
            "boolean",
            "false",
            "Whether it is on purpose that no host runs it; otherwise that is a mistake.",
        )
        .example("true"),
        optional(
            "renamed_from",
            "name",
            "The name that it had until now: its removal needs no consent then, and the app goes on as the user of \
             that name unless `user` says otherwise.",
        )
        .example("shop"),
        default("keep_releases", "1 to 100", "5", "Releases that stay on the host, the live one included.")
            .example("3"),
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
            "Paths that are sent although they would be left out, even if `.gitignore` names them: see \
             [above](#code-from-a-folder).",
        )
        .example("[.env]"),
        optional(
            "git",
            "URL",
            "A repository that the host clones, without a password or token: it logs in by a deploy key or credential \
             helper of its own. The controller asks the same URL which commit a branch or tag is. A repository with \
             submodules is refused. Either this or `path`.",
        )
        .example("https://example.com/web.git"),
        default(
            "ref",
            "branch, tag or commit",
            "HEAD",
            "What to deploy; `HEAD` is the repository's default branch, whatever its name.",
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
            "Every requirement, those of requirements too, must be in the requirements file with its version and its \
             hash, as `pip-compile --generate-hashes` writes it.",
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
        optional("path", "path", "The path to request. If absent, `/`, and any status below 500 is healthy.")
            .example("/status"),
        default("status", "status or range", "200-399", "What counts as healthy: `200` or `200-399`.").example("200"),
        default("timeout", "duration", "30s", "How long it may take to become healthy.").example("1m"),
        default(
            "before_switch",
            "boolean",
            "true",
            "Whether a new process is started and asked beside the live one before anything is switched. `false` for \
             an app that cannot run twice.",
        )
        .example("false"),
        optional(
            "rehearse",
            "mapping",
            "Asks a new process, before the switch, for what clients have asked of the app lately. If absent, it is \
             asked for `path` alone: a GET may have effects.",
        )
        .example("{ requests: 100 }"),
        optional(
            "probation",
            "duration",
            "How long the host watches what real clients get of a change, and goes back by itself if that is too bad: \
             10 seconds to a day. If absent, a change is final once the app is healthy.",
        )
        .example("10m"),
    ],
};

/// What a new release is asked before it goes live.
pub const REHEARSE: Section = Section {
    name: "`rehearse`",
    keys: &[default(
        "requests",
        "1 to 1000",
        "100",
        "How many paths, at most: the newest different GETs of its routes that were answered well.",
    )
    .example("200")],
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
