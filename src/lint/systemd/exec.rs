//! Lines that start programs: no shell reads them.

use super::read::{Entry, Unit};
use crate::lint::found::Found;
use crate::lint::host::{Host, running, too_old};
use crate::lint::rule::{Example, Rule, Severity};

pub static RELATIVE_EXEC: Rule = Rule {
    id: "systemd/relative-exec",
    severity: Severity::Error,
    title: "a program is named without its path",
    why: "systemd before 239 refuses the line, and the unit does not start; later ones look in folders that were fixed \
          when systemd was built, and not in your PATH.",
    remedy: "Write the whole path, such as `/usr/bin/python3`.",
    wrong: &[Example::service("[Service]\nExecStart=python3 -m app\n")],
    right: &[Example::service("[Service]\nExecStart=/usr/bin/python3 -m app\n")],
};

pub static DOLLAR: Rule = Rule {
    id: "systemd/dollar",
    severity: Severity::Error,
    title: "a `$` in a command stands for nothing",
    why: "systemd puts only variables of the unit's own environment in, without a shell: `$(date)` stays as it is, and \
          a variable that is not set vanishes.",
    remedy: "Write `$$` for a dollar sign, set the variable by `Environment=` or `EnvironmentFile=`, or start `/bin/sh \
             -c '…'`.",
    wrong: &[Example::service("[Service]\nExecStart=/usr/bin/app --since $(date)\n")],
    right: &[Example::service(
        "\
[Service]
Environment=SINCE=2025
ExecStart=/usr/bin/app --since $SINCE
ExecReload=/bin/kill -HUP $MAINPID
",
    )],
};

pub static SHELL_SYNTAX: Rule = Rule {
    id: "systemd/shell-syntax",
    severity: Severity::Error,
    title: "a command is written as for a shell",
    why: "No shell reads the line: `&&`, `|` and `>` are given to the program as arguments.",
    remedy: "Write several lines, `StandardOutput=`, or `/bin/sh -c '…'`.",
    wrong: &[Example::service("[Service]\nExecStart=/usr/bin/app >> /var/log/app.log\n")],
    right: &[Example::service("[Service]\nExecStart=/bin/sh -c 'exec /usr/bin/app >> /var/log/app.log'\n")],
};

/// What systemd sets itself for the processes of a service.
const GIVEN: [&str; 10] =
    ["MAINPID", "HOME", "USER", "LOGNAME", "SHELL", "PATH", "TERM", "LISTEN_FDS", "NOTIFY_SOCKET", "INVOCATION_ID"];

pub(super) fn check(found: &mut Found<'_>, unit: &Unit, host: &Host) {
    let is_command = |key: &str| key.starts_with("Exec") && !matches!(key, "ExecPaths" | "ExecSearchPath");
    for entry in unit.entries.iter().filter(|entry| is_command(&entry.key)) {
        let command = entry.value.trim_start_matches(['-', '@', '+', '!', ':', '|']);
        // An empty value takes back what was set before.
        let Some(program) = command.split_whitespace().next().map(|word| word.trim_matches(['"', '\''])) else {
            continue;
        };
        if !program.starts_with(['/', '%', '$'])
            && let Some(severity) = too_old(host.systemd, crate::platform::Version::new(239, 0, 0))
        {
            let host = running("systemd", host.systemd, Host::XENIAL.systemd);
            found.add_as(severity, &RELATIVE_EXEC, entry.line, format!("`{program}` is no absolute path, and {host}"));
        }
        let shell = ["sh", "bash", "dash", "env"].iter().any(|name| program.ends_with(&format!("/{name}")));
        if !shell {
            let word = command.split_whitespace().find(|word| is_shell_syntax(word));
            if let Some(word) = word {
                found.add(&SHELL_SYNTAX, entry.line, format!("`{word}` is given to `{program}` as an argument"));
            }
        }
        dollars(found, unit, entry);
    }
}

fn is_shell_syntax(word: &str) -> bool {
    matches!(word, "|" | "||" | "&" | "&&" | ">" | ">>" | "<" | "2>" | "2>&1" | "2>>" | "&>") || word.starts_with('`')
}

fn dollars(found: &mut Found<'_>, unit: &Unit, entry: &Entry) {
    let mut rest = entry.value.as_str();
    while let Some(start) = rest.find('$') {
        rest = &rest[start + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            rest = after;
            continue;
        }
        let name = rest.strip_prefix('{').unwrap_or(rest);
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len())];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            let what: String = rest.chars().take_while(|c| !c.is_whitespace()).collect();
            found.add(&DOLLAR, entry.line, format!("no shell reads `${what}`"));
        } else if !is_set(unit, &entry.section, name) {
            found.add(&DOLLAR, entry.line, format!("nothing sets `{name}` for this unit"));
        }
    }
}

fn is_set(unit: &Unit, section: &str, name: &str) -> bool {
    let files = ["EnvironmentFile", "PassEnvironment"];
    let set = |value: &str| {
        value.split_whitespace().any(|word| {
            word.trim_start_matches(['"', '\'']).strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
        })
    };
    GIVEN.contains(&name)
        || files.iter().any(|key| unit.last(section, key).is_some())
        || unit.all(section, "Environment").any(|entry| set(&entry.value))
}
