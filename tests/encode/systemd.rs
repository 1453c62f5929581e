//! Units and environment files as a real systemd reads them: it shows their properties, and starts processes with their
//! arguments and variables.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use provision::encode::shell;

use crate::comments;
use crate::machine::Machine;
use crate::shells::ENV_FILE;
use crate::trial::{Trial, Values, between_nuls, has_control, has_noncharacter, wanted};

/// systemd 229 reads lines in pieces of this many bytes, a final NUL among them, and takes each for a line.
const PIECE: usize = 2_048;

/// What one value may fill of that.
const LONGEST: usize = 1_000;

const LINE: Trial = Trial {
    encoder: "systemd",
    shape: |text| text,
    may_refuse: |text| {
        let ends = |edge: &dyn Fn(&str, [char; 2]) -> bool| edge(text, [' ', '\t']);
        has_control(text, &['\t'])
            || has_noncharacter(text)
            || text.is_empty()
            || ends(&|text, blanks| text.starts_with(blanks) || text.ends_with(blanks))
            || text.ends_with('\\')
            || text.len() + text.matches('%').count() > LONGEST
    },
};

/// A folder of the root. Others are tidied: systemd takes out `//` and `/./`.
const FOLDER: Trial =
    Trial { shape: |text| format!("/-{}", text.replace('/', "-").chars().take(60).collect::<String>()), ..LINE };

const WORD: Trial = Trial {
    encoder: "systemd_exec",
    shape: |text| text,
    may_refuse: |text| {
        let written: usize = text.chars().map(|c| if c.is_ascii_control() { 4 } else { c.len_utf8() }).sum();
        let written = written + 2 + text.matches(['"', '\\', '%', '$']).count();
        text.contains('\0') || has_noncharacter(text) || written > LONGEST
    },
};

/// Settings of a unit that take the rest of a line as it is, with the interface that shows them.
const SETTINGS: [(&str, &str); 3] =
    [("Unit", "Description"), ("Service", "SyslogIdentifier"), ("Service", "UtmpIdentifier")];

pub fn lines_come_back(machine: &dyn Machine) {
    let (lines, folders, comments) = (LINE.values(), FOLDER.some_values(wanted().div_ceil(3)), comments::values());
    let mut next = lines.encoded().zip(comments.encoded());
    let mut units = String::new();
    let mut asked = String::new();
    let mut asked_folders = String::new();
    for (number, folder) in folders.encoded().enumerate() {
        let unit = format!("lines-{number:05}.service");
        writeln!(units, "\u{1}{unit}\n[Service]\nExecStart=/bin/true\nWorkingDirectory={folder}").expect("memory");
        writeln!(asked_folders, "{unit} Service WorkingDirectory").expect("memory");
        for ((section, setting), (line, comment)) in SETTINGS.iter().zip(next.by_ref()) {
            writeln!(units, "[{section}]\n# {comment}\n{setting}={line}").expect("memory");
            writeln!(asked, "{unit} {section} {setting}").expect("memory");
        }
    }
    write_units(machine, &units);
    let ask = |asked: &str| {
        let script = format!("python3 -c {}", shell::quote(include_str!("scripts/properties.py")));
        between_nuls(&machine.run(&script, asked.as_bytes()))
    };
    came_back(machine, &lines, "settings", &ask(&asked));
    came_back(machine, &folders, "a path", &ask(&asked_folders));
}

pub fn exec_words_come_back(machine: &dyn Machine) {
    const PROGRAM: &str = "/run/encode/words";
    let (words, comments) = (WORD.values(), comments::values());
    let mut lines: Vec<String> = vec![];
    for (word, comment) in words.encoded().zip(comments.encoded()) {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() + 2 < PIECE - 1_100 => write!(line, " {word}").expect("memory"),
            _ => lines.push(format!("# {comment}\nExecStart=/bin/sh {PROGRAM} {word}")),
        }
    }
    let unit = format!("\u{1}words.service\n[Service]\nType=oneshot\n{}\n", lines.join("\n"));
    write_units(machine, &unit);
    let script = "cd /run/encode && echo 'printf \"%s\\0\" \"$@\" >>/run/encode/read' >words && rm -f read
        systemctl start words && cat read";
    came_back(machine, &words, "arguments", &between_nuls(&machine.run(script, b"")));
}

pub fn environment_files_come_back(machine: &dyn Machine) {
    /// The kernel gives a process two megabytes for all its arguments and variables.
    const MOST: usize = 500_000;
    let (values, comments) = (ENV_FILE.values(), comments::values());
    let mut files = vec![String::new()];
    for (number, (value, comment)) in values.encoded().zip(comments.encoded()).enumerate() {
        if files.last().is_none_or(|file| file.len() > MOST) {
            files.push(String::new());
        }
        let file = files.last_mut().expect("there is one");
        writeln!(file, "# {comment}\nV{number}={value}").expect("memory");
    }
    let mut units = String::new();
    for (number, file) in files.iter().enumerate() {
        writeln!(
            units,
            "\u{1}environment-{number}.service\n[Service]\nType=oneshot\nEnvironmentFile=/run/encode/env.{number}\n\
             ExecStart=/bin/cp /proc/self/environ /run/encode/read.{number}"
        )
        .expect("memory");
        machine.run(&format!("mkdir -p /run/encode && cat >/run/encode/env.{number}"), file.as_bytes());
    }
    write_units(machine, &units);
    let script = "cd /run/systemd/system && rm -f /run/encode/read.* && systemctl start environment-*.service
        cat /run/encode/read.*";
    let environment: BTreeMap<Vec<u8>, Vec<u8>> = between_nuls(&machine.run(script, b""))
        .into_iter()
        .filter_map(|variable| {
            let at = variable.iter().position(|byte| *byte == b'=')?;
            Some((variable[..at].to_vec(), variable[at + 1..].to_vec()))
        })
        .collect();
    // It drops variables with a line break; the plan for a host of Ubuntu 16.04 refuses them.
    let is_229 = machine.run("systemctl --version", b"").starts_with(b"systemd 229\n");
    let read = values.values.iter().enumerate().map(|(number, value)| {
        match environment.get(format!("V{number}").as_bytes()) {
            Some(_) if is_229 && value.text.contains('\n') => b"(it was dropped before)".to_vec(),
            Some(read) => read.clone(),
            None if is_229 && value.text.contains('\n') => value.text.clone().into_bytes(),
            None => b"(it is not set)".to_vec(),
        }
    });
    let read: Vec<Vec<u8>> = read.collect();
    came_back(machine, &values, "an environment file", &read);
}

fn came_back(machine: &dyn Machine, values: &Values, place: &str, read: &[Vec<u8>]) {
    values.came_back(&format!("systemd as {place} on {}", machine.name()), read);
}

/// Writes units, each after a line of its name, which begins with a character that no unit can have.
fn write_units(machine: &dyn Machine, units: &str) {
    let program = include_str!("scripts/units.py");
    machine.run(&format!("python3 -c {} && systemctl daemon-reload", shell::quote(program)), units.as_bytes());
}
