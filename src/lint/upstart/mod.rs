//! Rules for Upstart's jobs.

mod read;

use super::found::Found;
use super::gunicorn::Keeper;
use super::rule::{Example, Rule, Severity};
use super::source::Language;
use super::versions::{UPSTART, Words};
use crate::diagnostic::did_you_mean;
use read::{Job, Stanza};

pub static SYNTAX: Rule = Rule {
    id: "upstart/syntax",
    severity: Severity::Error,
    title: "a script in a job does not end",
    why: "Upstart does not load the job: `start` says `Unknown job`, and the reason stands in the system's log alone.",
    remedy: "End the script with `end script` on a line of its own.",
    wrong: &[Example::job("script\n    exec /usr/bin/app\n")],
    right: &[Example::job("script\n    exec /usr/bin/app\nend script\n")],
};

pub static UNKNOWN_STANZA: Rule = Rule {
    id: "upstart/unknown-stanza",
    severity: Severity::Error,
    title: "Upstart knows no such stanza",
    why: "Upstart does not load a job with a stanza that it does not know. It silently keeps the \
          old definition, if it had one.",
    remedy: "Repair the spelling; names are in small letters. `init-checkconf` finds them too.",
    wrong: &[Example::job("exec /usr/bin/app\nset_uid app\n")],
    right: &[Example::job("exec /usr/bin/app\nsetuid app\nsetgid app\n")],
};

pub static SETUID_WITHOUT_SETGID: Rule = Rule {
    id: "upstart/setuid-without-setgid",
    severity: Severity::Error,
    title: "a job changes its user and keeps root's group",
    why: "Upstart changes only what it is told: the app may still read and write what belongs to the group `root`.",
    remedy: "Set `setgid` as well.",
    wrong: &[Example::job("setuid app\nexec /usr/bin/app\n")],
    right: &[Example::job("setuid app\nsetgid app\nexec /usr/bin/app\n")],
};

pub static SCRIPT_EXEC: Rule = Rule {
    id: "upstart/script-exec",
    severity: Severity::Error,
    title: "the job's script does not end with `exec`",
    why: "The main process is the shell then: `reload` sends its HUP to it, the shell dies, the app goes on without \
          anyone who minds it, and the next start finds the port taken.",
    remedy: "Put `exec` in front of the script's last command.",
    wrong: &[Example::job("script\n    . /etc/default/app\n    /usr/bin/app\nend script\n")],
    right: &[Example::job("script\n    . /etc/default/app\n    exec /usr/bin/app\nend script\n")],
};

pub static KILL_TIMEOUT: Rule = Rule {
    id: "upstart/kill-timeout",
    severity: Severity::Warning,
    title: "a job does not say how long it may take to stop",
    why: "Upstart waits for 5 seconds and then kills: requests that take longer are cut off.",
    remedy: "Set `kill timeout` to a little more than the app's own limit; for gunicorn that is `graceful_timeout`.",
    wrong: &[Example::job("exec /usr/bin/app\n")],
    right: &[Example::job("kill timeout 40\nexec /usr/bin/app\n")],
};

pub static RESPAWN_LIMIT: Rule = Rule {
    id: "upstart/respawn-limit",
    severity: Severity::Warning,
    title: "a job is started again without a limit of its own",
    why: "Upstart's own limit is 10 times in 5 seconds: an app that fails after a second is started for ever.",
    remedy: "Set `respawn limit COUNT SECONDS`, such as `respawn limit 20 300`.",
    wrong: &[Example::job("respawn\nexec /usr/bin/app\n")],
    right: &[Example::job("respawn\nrespawn limit 20 300\nexec /usr/bin/app\n")],
};

pub static DOTFILE: Rule = Rule {
    id: "upstart/dotfile",
    severity: Severity::Error,
    title: "a file in `/etc/init` begins with a dot or does not end with `.conf`",
    why: "Upstart loads dotfiles that end with `.conf` as jobs, though `ls` does not show them, and ignores files with \
          other ends.",
    remedy: "Name the file `/etc/init/NAME.conf`.",
    wrong: &[Example::file("/etc/init/.app.conf", "kill timeout 40\nexec /usr/bin/app\n")],
    right: &[Example::job("kill timeout 40\nexec /usr/bin/app\n")],
};

pub static EXPECT: Rule = Rule {
    id: "upstart/expect",
    severity: Severity::Error,
    title: "a job expects a fork from a program that stays in the foreground",
    why: "Upstart then waits for a process that is never made, or follows a worker: `start` and `stop` hang until the \
          host is booted anew.",
    remedy: "Leave out `expect`: gunicorn stays in the foreground unless it gets `--daemon`.",
    wrong: &[Example::job("expect fork\nexec /usr/bin/gunicorn3 app:app\n")],
    right: &[Example::job("exec /usr/bin/gunicorn3 app:app\n")],
};

pub static EXEC_ASSIGNMENT: Rule = Rule {
    id: "upstart/exec-assignment",
    severity: Severity::Error,
    title: "an `exec` line begins with an assignment",
    why: "Only a shell understands `NAME=value program`, and behind `exec` not even that: the job dies at once while \
          `start` reports success.",
    remedy: "Use the stanza `env NAME=value`, or a script.",
    wrong: &[Example::job("exec MODE=production /usr/bin/app\n")],
    right: &[Example::job("env MODE=production\nexec /usr/bin/app\n")],
};

pub static RULES: &[&Rule] = &[
    &SYNTAX,
    &UNKNOWN_STANZA,
    &SETUID_WITHOUT_SETGID,
    &SCRIPT_EXEC,
    &KILL_TIMEOUT,
    &RESPAWN_LIMIT,
    &DOTFILE,
    &EXPECT,
    &EXEC_ASSIGNMENT,
];

/// What Upstart waits for on stop, unless it is told otherwise.
const USUAL_KILL_TIMEOUT: u64 = 5;

/// Checks all jobs of a host. Returns those that run gunicorn.
pub(super) fn check(files: &mut [Found<'_>]) -> Vec<Keeper> {
    let mut keepers = vec![];
    for (index, found) in files.iter_mut().enumerate() {
        if found.language != Language::Job {
            continue;
        }
        let job = read::read(found.source.content);
        let scripts = job.stanzas.iter().filter(|stanza| stanza.script.is_some());
        found.blocks.extend(scripts.map(|stanza| (stanza.line, stanza.last_line)));
        words(found, &job);
        process(found, &job);
        keepers.extend(keeper(index, &job));
    }
    keepers
}

fn words(found: &mut Found<'_>, job: &Job) {
    let name = found.source.path.rsplit('/').next().unwrap_or_default();
    if name.starts_with('.') || !(name.ends_with(".conf") || name.ends_with(".override")) {
        found.add_whole(&DOTFILE, 1, format!("`{name}` is not what Upstart takes for a job"));
    }
    for line in &job.unclosed {
        found.add(&SYNTAX, *line, "no `end script` follows");
    }
    let words: &Words = &UPSTART;
    for stanza in &job.stanzas {
        let name = &stanza.words[0];
        if !words.knows(name) {
            let hint = did_you_mean(name, words.all()).map(|hint| format!(": {hint}")).unwrap_or_default();
            found.add(&UNKNOWN_STANZA, stanza.line, format!("Upstart knows no stanza `{name}`{hint}"));
        }
    }
}

fn process(found: &mut Found<'_>, job: &Job) {
    if let Some(user) = job.last(&["setuid"])
        && job.last(&["setgid"]).is_none()
    {
        found.add(&SETUID_WITHOUT_SETGID, user.line, "the job keeps the group of root");
    }
    if let Some(respawn) = job.stanzas.iter().find(|stanza| stanza.words == ["respawn"])
        && job.last(&["respawn", "limit"]).is_none()
    {
        found.add(&RESPAWN_LIMIT, respawn.line, "nothing but Upstart's own limit ends this");
    }
    for stanza in job.stanzas.iter().filter(|stanza| stanza.words.iter().any(|word| word == "exec")) {
        let program = stanza.words.iter().skip_while(|word| *word != "exec").nth(1).map_or("", String::as_str);
        if program.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains('/')) {
            found.add(&EXEC_ASSIGNMENT, stanza.line, format!("`{program}` is taken for the program"));
        }
    }
    // A task, or a job that only waits for others, has no process of its own to end.
    let Some(main) = main_process(job) else { return };
    if job.last(&["kill", "timeout"]).is_none() && job.last(&["task"]).is_none() {
        found.add(&KILL_TIMEOUT, main.line, "this process is killed 5 seconds after it is told to stop");
    }
    let command = command(main);
    if let Some(expect) = job.last(&["expect"]).filter(|expect| !expect.is(&["expect", "stop"]))
        && command.contains("gunicorn")
        && !command.contains("--daemon")
    {
        found.add(&EXPECT, expect.line, "gunicorn stays in the foreground here");
    }
    if let Some(body) = &main.script
        && job.last(&["task"]).is_none()
    {
        let last = last_command(body);
        if !last.is_some_and(|(_, text)| text.trim_start().starts_with("exec ")) {
            let line = last.map_or(main.line, |(line, _)| *line);
            found.add(&SCRIPT_EXEC, line, "the shell stays, and is what `reload` reaches");
        }
    }
}

/// Where the script's last command begins; a backslash continues one over several lines.
fn last_command(body: &[(usize, String)]) -> Option<&(usize, String)> {
    let is_command = |text: &str| !text.trim().is_empty() && !text.trim_start().starts_with('#');
    let mut index = body.iter().rposition(|(_, text)| is_command(text))?;
    while index > 0 && body[index - 1].1.trim_end().ends_with('\\') {
        index -= 1;
    }
    body.get(index)
}

/// The stanza that starts the job's main process.
fn main_process(job: &Job) -> Option<&Stanza> {
    job.stanzas.iter().rev().find(|stanza| stanza.is(&["exec"]) || stanza.is(&["script"]))
}

fn command(main: &Stanza) -> String {
    match &main.script {
        Some(body) => body.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n"),
        None => main.rest(),
    }
}

fn keeper(file: usize, job: &Job) -> Option<Keeper> {
    let main = main_process(job)?;
    let settings = Keeper::settings_in(&command(main))?;
    let timeout = job.last(&["kill", "timeout"]);
    let (stop_seconds, line) = match timeout {
        Some(stanza) => (stanza.words.get(2)?.parse().ok()?, stanza.line),
        None => (USUAL_KILL_TIMEOUT, main.line),
    };
    Some(Keeper { file, line, settings, stop_seconds })
}
