//! Names that requests and processes know: variables, headers, servers, WSGI applications.

use super::{NameError, ensure, name};

name!(
    /// The name of an environment variable.
    EnvName,
    |text| {
        let valid = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        ensure(valid, || {
            NameError::new(
                format!("`{text}` is not the name of an environment variable"),
                "use letters, digits and `_`, not beginning with a digit",
            )
        })?;
        ensure(!KEPT.contains(&text) && !text.starts_with("BASH_"), || {
            NameError::new(
                format!("`{text}` is a variable that Bash or systemd keeps for itself"),
                format!("give the variable another name, such as `APP_{}`", text.trim_start_matches('_')),
            )
        })
    }
);

/// Variables that a process cannot be given by a file that Bash and systemd read. To some Bash assigns nothing, and
/// others, such as `RANDOM`, are numbers to it: it evaluates what they are set to, commands included. Those of systemd
/// tell a service its process and its sockets.
const KEPT: [&str; 25] = [
    "BASH",
    "BASHOPTS",
    "BASHPID",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "LINENO",
    "LISTEN_FDNAMES",
    "LISTEN_FDS",
    "LISTEN_PID",
    "MAINPID",
    "NOTIFY_SOCKET",
    "OPTIND",
    "PPID",
    "RANDOM",
    "SECONDS",
    "SHELLOPTS",
    "SRANDOM",
    "UID",
    "WATCHDOG_PID",
    "_",
];

name!(
    /// The name of an HTTP header.
    HeaderName,
    |text| {
        let valid = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        ensure(valid, || {
            NameError::new(format!("`{text}` is not the name of an HTTP header"), "use letters, digits and `-`, as in \
                                                                                   `X-Served-By`")
        })
    }
);
name!(
    /// A host name that a site answers to; `*.example.com` and `.example.com` are wildcards.
    ServerName,
    |text| {
        let valid = !text.is_empty()
            && text.len() <= 253
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '*' | '_'))
            && !text.contains("..")
            && text != "."
            && wildcard_is_whole_label(text);
        ensure(valid, || {
            NameError::new(format!("`{text}` is not a server name"), "write a host name, such as `www.example.com` or \
                                                                      `*.example.com`")
        })
    }
);

name!(
    /// `module:callable`, as a runtime takes it.
    WsgiTarget,
    |text| {
        let part = |part: &str, extra: char| {
            !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.' || c == extra)
        };
        // A module may be called `0-hello_route`: it is imported by name, not by statement.
        let valid = text.split_once(':').is_some_and(|(module, callable)| {
            let dotted = !module.split('.').any(str::is_empty);
            part(module, '-') && part(callable, '_') && dotted && !module.starts_with('-')
        });
        ensure(valid, || {
            NameError::new(format!("`{text}` does not name a WSGI application"), "write `module:callable`, such as \
                                                                                  `web_flask.0-hello_route:app`")
        })
    }
);

/// Nginx knows `*` as the whole first or the whole last label of a name, and once.
fn wildcard_is_whole_label(text: &str) -> bool {
    let rest = text.strip_prefix("*.").or_else(|| text.strip_suffix(".*")).unwrap_or(text);
    !rest.is_empty() && !rest.contains('*') && (rest.len() == text.len() || !rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn no_environment_variable_makes_bash_run_its_value() {
        let names =
            Command::new("bash").args(["-c", "compgen -v; printf '%s\n' RANDOM SRANDOM SECONDS"]).output().unwrap();
        let names = String::from_utf8(names.stdout).unwrap();
        for name in names.lines().filter(|name| name.parse::<EnvName>().is_ok()) {
            // As `env_file` writes it, and as the reload script reads it.
            let script = format!("set -a\n{name}=\"a[\\$(echo run)]\"\nprintf %s \"${name}\"");
            let output = Command::new("/bin/bash").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), "a[$(echo run)]", "{name}: {output:?}");
        }
        assert!("RANDOM".parse::<EnvName>().is_err());
        assert!("HBNB_ENV".parse::<EnvName>().is_ok());
    }

    #[test]
    fn a_wildcard_stands_where_nginx_allows_it() {
        for valid in ["example.com", "*.example.com", ".example.com", "www.example.*", "_", "a_b"] {
            assert!(valid.parse::<ServerName>().is_ok(), "{valid}");
        }
        for wrong in ["*", "*.", ".", "a*.com", "www.*.com", "*.*.com", "*.example.*", "*..com", ""] {
            assert!(wrong.parse::<ServerName>().is_err(), "{wrong}");
        }
    }
}
