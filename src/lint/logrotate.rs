//! Rules for log rotations, with a small reader of their language.

use super::found::Found;
use super::lines::numbered;
use super::rule::{Example, Rule, Severity};
use super::source::Language;
use crate::diagnostic::did_you_mean;

pub static SYNTAX: Rule = Rule {
    id: "logrotate/syntax",
    severity: Severity::Error,
    title: "a block or script of a rotation does not end",
    why: "logrotate passes over the file, or over all that follows, and the logs grow until the disk is full.",
    remedy: "End scripts with `endscript` and blocks with `}`, each on a line of its own.",
    wrong: &[Example::rotation("/var/log/app.log {\n    rotate 7\n    postrotate\n        true\n}\n")],
    right: &[Example::rotation("/var/log/app.log {\n    rotate 7\n    postrotate\n        true\n    endscript\n}\n")],
};

pub static UNKNOWN_DIRECTIVE: Rule = Rule {
    id: "logrotate/unknown-directive",
    severity: Severity::Error,
    title: "logrotate knows no such directive",
    why: "logrotate says `unknown option` into the mail of cron, and passes over the line or the file.",
    remedy: "Repair the spelling; `man logrotate` lists them.",
    wrong: &[Example::rotation("/var/log/app.log {\n    rotate 7\n    copytrunkate\n}\n")],
    right: &[Example::rotation("/var/log/app.log {\n    rotate 7\n    copytruncate\n}\n")],
};

pub static NO_COUNT: Rule = Rule {
    id: "logrotate/no-count",
    severity: Severity::Warning,
    title: "a rotation does not say how many logs to keep",
    why: "Without `rotate` the count is that of `/etc/logrotate.conf`, and 0 where that has none: yesterday's log is \
          then deleted, not kept.",
    remedy: "Write `rotate 14`, or how many you want.",
    wrong: &[Example::rotation("/var/log/app.log {\n    daily\n    copytruncate\n}\n")],
    right: &[Example::rotation("/var/log/app.log {\n    daily\n    rotate 14\n    copytruncate\n}\n")],
};

pub static STILL_WRITTEN: Rule = Rule {
    id: "logrotate/still-written",
    severity: Severity::Warning,
    title: "nobody tells the program that its log has moved",
    why: "A program keeps a file open by number and goes on writing into the old one, which is compressed or deleted \
          under it: lines are lost, and a deleted file still fills the disk.",
    remedy: "Send the program its signal in `postrotate`, or use `copytruncate` and lose a few lines now and then.",
    wrong: &[Example::rotation("/var/log/app.log {\n    rotate 7\n}\n")],
    right: &[Example::rotation(
        "/var/log/app.log {\n    rotate 7\n    postrotate\n        pkill -USR1 -f app\n    endscript\n}\n",
    )],
};

pub static SU: Rule = Rule {
    id: "logrotate/su",
    severity: Severity::Error,
    title: "root rotates a log in a folder that everybody can write",
    why: "logrotate refuses: somebody could put a link there and have root overwrite any file. The log is never \
          rotated.",
    remedy: "Write `su USER GROUP` with the user that the log belongs to.",
    wrong: &[Example::rotation("/tmp/app.log {\n    rotate 7\n    copytruncate\n}\n")],
    right: &[Example::rotation("/tmp/app.log {\n    su app app\n    rotate 7\n    copytruncate\n}\n")],
};

pub static RULES: &[&Rule] = &[&SYNTAX, &UNKNOWN_DIRECTIVE, &NO_COUNT, &STILL_WRITTEN, &SU];

/// What logrotate 3.8.7 (Ubuntu 16.04) and later ones know.
const DIRECTIVES: [&str; 68] = [
    "addextension",
    "allowhardlink",
    "compress",
    "compresscmd",
    "compressext",
    "compressoptions",
    "copy",
    "copytruncate",
    "create",
    "createolddir",
    "daily",
    "dateext",
    "dateformat",
    "datehourago",
    "dateyesterday",
    "delaycompress",
    "endscript",
    "extension",
    "firstaction",
    "hourly",
    "ifempty",
    "ignoreduplicates",
    "include",
    "lastaction",
    "mail",
    "mailfirst",
    "maillast",
    "maxage",
    "maxsize",
    "minage",
    "minsize",
    "missingok",
    "monthly",
    "noallowhardlink",
    "nocompress",
    "nocopy",
    "nocopytruncate",
    "nocreate",
    "nocreateolddir",
    "nodateext",
    "nodelaycompress",
    "nomail",
    "nomissingok",
    "noolddir",
    "norenamecopy",
    "nosharedscripts",
    "noshred",
    "notifempty",
    "olddir",
    "postrotate",
    "preremove",
    "prerotate",
    "renamecopy",
    "rotate",
    "sharedscripts",
    "shred",
    "shredcycles",
    "size",
    "start",
    "su",
    "tabooext",
    "taboopat",
    "uncompresscmd",
    "unixtime",
    "weekly",
    "yearly",
    "errors",
    "noerrors",
];

/// Directives that begin a script.
const SCRIPTS: [&str; 5] = ["postrotate", "prerotate", "firstaction", "lastaction", "preremove"];

/// The rotation of some logs.
struct Rotation<'a> {
    logs: String,
    line: usize,
    directives: Vec<&'a str>,
}

impl Rotation<'_> {
    fn has(&self, names: &[&str]) -> bool {
        self.directives.iter().any(|name| names.contains(name))
    }
}

pub(super) fn check(found: &mut Found<'_>) {
    if found.language != Language::Rotation {
        return;
    }
    // What stands outside of blocks holds for all of them.
    let (global, rotations) = read(found);
    for rotation in rotations {
        let has = |names: &[&str]| rotation.has(names) || names.iter().any(|name| global.contains(name));
        if !has(&["rotate", "maxage"]) {
            found.add(&NO_COUNT, rotation.line, "nothing says how many logs to keep");
        }
        if !has(&["postrotate", "lastaction", "copytruncate", "copy"]) {
            found.add(&STILL_WRITTEN, rotation.line, "whoever writes this log goes on writing the old one");
        }
        let open = ["/tmp/", "/var/tmp/"]
            .iter()
            .any(|folder| rotation.logs.split_whitespace().any(|log| log.trim_matches('"').starts_with(folder)));
        if open && !has(&["su"]) {
            found.add(&SU, rotation.line, "logrotate refuses this folder without `su`");
        }
    }
}

/// The directives outside of blocks, and the blocks.
fn read<'a>(found: &mut Found<'a>) -> (Vec<&'a str>, Vec<Rotation<'a>>) {
    let (mut global, mut rotations) = (vec![], vec![]);
    let mut open: Option<Rotation<'a>> = None;
    let mut script: Option<usize> = None;
    let mut logs = String::new();
    for (number, line) in numbered(found.source.content) {
        let line = line.trim();
        if script.is_some() {
            if line == "endscript" {
                script = None;
            }
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let name = line.split([' ', '\t', '=']).next().unwrap_or_default();
        if line.starts_with(['/', '"', '\'']) {
            logs.push_str(line);
            logs.push(' ');
            if line.ends_with('{') {
                let logs = std::mem::take(&mut logs).replace('{', " ");
                open = Some(Rotation { logs, line: number, directives: vec![] });
            }
        } else if line == "{" {
            open = Some(Rotation { logs: std::mem::take(&mut logs), line: number, directives: vec![] });
        } else if line == "}" {
            match open.take() {
                Some(rotation) => {
                    found.blocks.push((rotation.line, number));
                    rotations.push(rotation);
                }
                None => found.add(&SYNTAX, number, "this `}` closes no block"),
            }
        } else {
            if !DIRECTIVES.contains(&name) {
                let hint = did_you_mean(name, DIRECTIVES).map(|hint| format!(": {hint}")).unwrap_or_default();
                found.add(&UNKNOWN_DIRECTIVE, number, format!("logrotate knows no directive `{name}`{hint}"));
            }
            match &mut open {
                Some(rotation) => rotation.directives.push(name),
                None => global.push(name),
            }
            script = SCRIPTS.contains(&name).then_some(number);
        }
    }
    if let Some(line) = script.or(open.as_ref().map(|rotation| rotation.line)) {
        found.add(&SYNTAX, line, "what begins here does not end");
    }
    rotations.extend(open);
    (global, rotations)
}
