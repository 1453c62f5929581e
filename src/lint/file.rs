//! Rules for every file: how it ends, what it says of itself, who may write it.

use super::found::Found;
use super::lines::{comment, is_code, numbered};
use super::rule::{Example, Rule, Severity};
use super::source::Language;

pub static FINAL_NEWLINE: Rule = Rule {
    id: "file/final-newline",
    severity: Severity::Error,
    title: "a file does not end with exactly one line break",
    why: "A last line without a break is joined with whatever is appended, and `read` of a shell loses it; several are \
          left over from an edit.",
    remedy: "End the last line with one line break.",
    wrong: &[Example::file("/etc/motd", "Welcome.")],
    right: &[Example::file("/etc/motd", "Welcome.\n")],
};

pub static CARRIAGE_RETURN: Rule = Rule {
    id: "file/carriage-return",
    severity: Severity::Error,
    title: "a line ends as on Windows",
    why: "Programs of the host take the carriage return for a part of the last word: a script's interpreter is not \
          found, a path does not exist.",
    remedy: "Save the template with Unix line ends.",
    wrong: &[Example::script("#!/usr/bin/env bash\r\n# Says hello.\r\necho hello\r\n")],
    right: &[Example::script("#!/usr/bin/env bash\n# Says hello.\necho hello\n")],
};

pub static NO_COMMENT: Rule = Rule {
    id: "file/no-comment",
    severity: Severity::Error,
    title: "a configuration file has no comment at all",
    why: "Whoever stands before the file at night learns what it sets, and not what for.",
    remedy: "Begin the template with a comment that says what the file is for.",
    wrong: &[Example::file("/etc/sysctl.d/app.conf", "net.core.somaxconn = 4096\n")],
    right: &[Example::file(
        "/etc/sysctl.d/app.conf",
        "# Lets the app's queue be as long as it asks for.\nnet.core.somaxconn = 4096\n",
    )],
};

pub static UNCOMMENTED_BLOCK: Rule = Rule {
    id: "file/uncommented-block",
    severity: Severity::Warning,
    title: "a block of directives has no comment in it or within six lines above",
    why: "A setting whose reason is not written down is neither changed nor removed by anybody who did not write it.",
    remedy: "Say in one sentence above the block why it is there.",
    wrong: &[Example::service(
        "# The app.\n[Unit]\nDescription=App\nAfter=network.target\n\n[Service]\nType=simple\nUser=app\n\n\
         [Install]\nWantedBy=multi-user.target\n",
    )],
    right: &[Example::service(
        "\
# The app.
[Unit]
Description=App
After=network.target

[Service]
Type=simple
User=app

[Install]
# Starts at boot.
WantedBy=multi-user.target
",
    )],
};

pub static TRAILING_BLANK: Rule = Rule {
    id: "file/trailing-blank",
    severity: Severity::Warning,
    title: "a line ends with blanks",
    why: "Nobody sees them, every editor removes them, and then the file differs; after a backslash they end the \
          continuation.",
    remedy: "Remove them; in a template a tag beside a text often leaves them behind.",
    wrong: &[Example::site("# The site. \nserver_tokens off;\n")],
    right: &[Example::site("# The site.\nserver_tokens off;\n")],
};

pub static DOUBLE_BLANK: Rule = Rule {
    id: "file/double-blank",
    severity: Severity::Warning,
    title: "two empty lines follow each other",
    why: "They come from a part of a template that rendered nothing, and move with every change of it.",
    remedy: "Move the empty line into the condition that the block after it depends on.",
    wrong: &[Example::site("# The site.\n\n\nserver_tokens off;\n")],
    right: &[Example::site("# The site.\n\nserver_tokens off;\n")],
};

pub static TAB: Rule = Rule {
    id: "file/tab",
    severity: Severity::Warning,
    title: "a line is indented by a tab",
    why: "It looks different in every editor and in a diff, and Python refuses a mixture with blanks.",
    remedy: "Indent by blanks.",
    wrong: &[Example::site("# Silence.\nserver {\n\tserver_tokens off;\n}\n")],
    right: &[Example::site("# Silence.\nserver {\n    server_tokens off;\n}\n")],
};

pub static MANAGED_BY: Rule = Rule {
    id: "file/managed-by",
    severity: Severity::Warning,
    title: "the head of a file does not say that `provision` manages it",
    why: "Somebody edits the file on the host, and the next run reverts the edit.",
    remedy: "Put `{% include \"managed-by.tera\" %}` below the first comment of the template.",
    wrong: &[Example::site("# The site.\nserver_tokens off;\n")],
    right: &[Example::site("# The site.\n# Managed by provision: edits here are reverted.\nserver_tokens off;\n")],
};

pub static WORLD_WRITABLE: Rule = Rule {
    id: "file/world-writable",
    severity: Severity::Error,
    title: "everybody on the host may write a file",
    why: "Any process of the host decides what root's services read.",
    remedy: "Set `mode: 0644` or less on the file in the inventory, and an owner or group for whoever has to write it.",
    wrong: &[Example { path: "/etc/cron.d/app", mode: 0o666, text: "# Nothing yet.\n" }],
    right: &[Example { path: "/etc/cron.d/app", mode: 0o664, text: "# Nothing yet.\n" }],
};

pub static RULES: &[&Rule] = &[
    &FINAL_NEWLINE,
    &CARRIAGE_RETURN,
    &NO_COMMENT,
    &UNCOMMENTED_BLOCK,
    &TRAILING_BLANK,
    &DOUBLE_BLANK,
    &TAB,
    &MANAGED_BY,
    &WORLD_WRITABLE,
];

/// How many lines at most lie between a comment and the block that it is for.
const REACH: usize = 6;

/// In how many lines from the top a file says who manages it.
const HEAD: usize = 20;

pub(super) fn check(found: &mut Found<'_>) {
    let (content, language) = (found.source.content, found.language);
    let last = content.lines().count();
    if found.source.mode & 0o002 != 0 {
        let mode = found.source.mode;
        found.add_whole(&WORLD_WRITABLE, 1, format!("mode {mode:04o} lets everybody write this file"));
    }
    if !content.is_empty() && !content.ends_with('\n') {
        found.add_whole(&FINAL_NEWLINE, last, "the file does not end with a line break");
    } else if content.ends_with("\n\n") && language != Language::Other {
        found.add_whole(&FINAL_NEWLINE, last, "the file ends with an empty line");
    }
    if language == Language::Other {
        return;
    }
    if let Some((line, _)) = content.split('\n').enumerate().find(|(_, line)| line.ends_with('\r')) {
        found.add_whole(&CARRIAGE_RETURN, line + 1, "the line ends with a carriage return");
    }
    let shebang = |(number, line): &(usize, &str)| *number == 1 && line.starts_with("#!");
    let comments =
        || numbered(content).filter(|line| !shebang(line)).filter(|(_, line)| comment(line, language).is_some());
    if comments().all(|(_, line)| comment(line, language) == Some("")) {
        found.add_whole(&NO_COMMENT, 1, "the file has no comment");
    }
    let managed = |line: &str| line.to_ascii_lowercase().contains("managed by provision");
    if !comments().any(|(number, line)| number <= HEAD && managed(line)) {
        found.add_whole(&MANAGED_BY, 1, "the file does not say that provision manages it");
    }
    layout(found);
    if !matches!(language, Language::Script | Language::Lines) {
        blocks(found);
    }
}

/// Blanks and tabs. A variable of an app's environment may hold anything, so they are not looked for there.
fn layout(found: &mut Found<'_>) {
    if found.source.path.starts_with("/etc/provision/") && found.language == Language::Lines {
        return;
    }
    let mut empty_before = false;
    for (number, line) in numbered(found.source.content) {
        let line = line.trim_end_matches('\r');
        if line.ends_with([' ', '\t']) {
            found.add(&TRAILING_BLANK, number, "the line ends with blanks");
        }
        if line.starts_with('\t') || line.trim_start_matches(' ').starts_with('\t') && !line.trim().is_empty() {
            found.add(&TAB, number, "the line is indented by a tab");
        }
        if empty_before && line.is_empty() {
            found.add(&DOUBLE_BLANK, number, "a second empty line");
        }
        empty_before = line.is_empty();
    }
}

/// Blocks of lines between empty ones: each has a comment in it, or one shortly above.
fn blocks(found: &mut Found<'_>) {
    let language = found.language;
    let lines: Vec<&str> = found.source.content.lines().collect();
    let is_block_code =
        |line: &str| is_code(line, language) && !matches!(line.trim(), "}" | "end script" | "endscript");
    // A function of Python says what it is for in its first text.
    let is_said = |line: &&str| {
        comment(line, language).is_some_and(|text| !text.is_empty())
            || (language == Language::Settings && line.trim_start().starts_with("\"\"\""))
    };
    let mut start = 0;
    while start < lines.len() {
        let length = lines[start..].iter().take_while(|line| !line.trim().is_empty()).count();
        let end = start + length;
        if let Some(first) = (start..end).find(|&index| is_block_code(lines[index])) {
            let around = first.saturating_sub(REACH)..end;
            if !lines[around].iter().any(is_said) {
                found.add(&UNCOMMENTED_BLOCK, first + 1, "no comment says what this block is for");
            }
        }
        start = end + 1;
    }
}
