//! gunicorn: a master that starts workers, imports nothing itself, and turns them over on HUP.

use super::{Debian, Reload, Remarks, Runtime, Start, SystemCalls, Template, Workers};

/// gunicorn, since 19.4.5.
pub static GUNICORN: Runtime = Runtime {
    name: "gunicorn",
    title: "Gunicorn",
    command: |start| words(start, &[]),
    settings: Some(Template {
        name: "gunicorn.conf.py.tera",
        text: include_str!("../../../templates/gunicorn.conf.py.tera"),
    }),
    inherits_listener: true,
    enters_release: true,
    reload: Some(Reload {
        check: |start| words(start, &["--check-config"]),
        script: Template { name: "reload.sh.tera", text: include_str!("../../../templates/reload.sh.tera") },
    }),
    start_variables: Some(is_read_at_start),
    workers: Workers::Children,
    reopens_logs: &[
        "gunicorn keeps a file open by number, not by name: USR1 makes it open the new one, so that no line is lost. \
         Once",
        "for all files together is enough.",
    ],
    import_check: include_str!("import.sh"),
    proof: Some(include_str!("proof.sh")),
    keys: &["workers", "threads", "keepalive", "max_requests", "timeout", "graceful_timeout", "log"],
    debian: Debian { package: Some("gunicorn"), beside_python2: Some("gunicorn3") },
    pins: PINS,
    services: &["gunicorn", "gunicorn3"],
    system_calls: Some(SystemCalls {
        names: &["@chown", "setuid", "setgid"],
        why: "it gives itself and its files the user and group that they have already",
    }),
    remarks: Remarks {
        what: "gunicorn's master, which starts the workers",
        manual: "https://docs.gunicorn.org/en/stable/deploy.html",
        ready: &[
            "`simple` because gunicorn before 20.0 cannot tell systemd when it is ready; with `notify` the start \
             would hang.",
        ],
        folder: &[
            "Above the releases, not in one: Python puts the folder it starts in on its search path for good, \
             and modules of an old",
            "release would then still be found after a reload. gunicorn itself goes to the live release \
             (`chdir` in its settings).",
        ],
        command: &["`-m` runs gunicorn with exactly this Python, whatever a `gunicorn` command on the path would use."],
        patience: "gunicorn's graceful_timeout",
        out_of_memory: &[
            "When memory runs out and the kernel ends a worker, gunicorn starts another; systemd need not \
             stop the app for that.",
        ],
    },
};

/// Fixed versions with the hash of each file, so that neither a package index nor a release of today decides what runs.
/// `scripts/pin-gunicorn.sh` writes them anew.
const PINS: &[(u8, &str)] =
    &[(5, include_str!("python3.5.txt")), (7, include_str!("python3.7.txt")), (10, include_str!("python3.10.txt"))];

/// What Python, the C library and gunicorn itself read when they start. Workers are copies of a process that has; the
/// rest of the environment they get from the settings, as it is when they begin.
fn is_read_at_start(variable: &str) -> bool {
    const NAMES: [&str; 6] = ["LANG", "LANGUAGE", "TZ", "GLIBC_TUNABLES", "GUNICORN_CMD_ARGS", "WEB_CONCURRENCY"];
    const BEGINNINGS: [&str; 4] = ["PYTHON", "LC_", "LD_", "MALLOC_"];
    NAMES.contains(&variable) || BEGINNINGS.iter().any(|beginning| variable.starts_with(beginning))
}

/// `-m` runs it with exactly this Python, whatever a command on the path would use.
fn words(start: &Start<'_>, options: &[&str]) -> Vec<String> {
    let mut words = vec![start.python, "-m", "gunicorn.app.wsgiapp"];
    words.extend(options);
    words.extend(["--config", start.settings, start.target]);
    words.into_iter().map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_reads_at_its_start_needs_one() {
        for variable in ["PYTHONPATH", "LC_ALL", "LANG", "LD_PRELOAD", "TZ", "MALLOC_ARENA_MAX"] {
            assert!(is_read_at_start(variable), "{variable}");
        }
        for variable in ["SECRET_KEY", "DATABASE_URL", "HBNB_ENV", "LANGUAGES", "PATH", "FLASK_ENV"] {
            assert!(!is_read_at_start(variable), "{variable}");
        }
    }

    /// What pip's `--require-hashes` asks for: it would refuse the whole file otherwise, on a host.
    #[test]
    fn every_requirement_has_its_version_and_the_hashes_of_wheel_and_source() {
        for (python, text) in PINS {
            let text = text.replace("\\\n", "");
            let requirements: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(requirements[0].starts_with("gunicorn=="), "{python}: {requirements:?}");
            for requirement in requirements {
                let (version, hashes) = requirement.split_once("--hash=sha256:").expect("a hash");
                assert!(version.contains("=="), "{requirement}");
                let hashes: Vec<&str> = hashes.split("--hash=sha256:").map(str::trim).collect();
                assert_eq!(hashes.len(), 2, "{requirement}");
                let is_digest = |hash: &&str| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
                assert!(hashes.iter().all(is_digest), "{requirement}");
            }
        }
    }
}
