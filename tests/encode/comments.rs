//! Comments, which every reader ignores.

use std::fmt::Write as _;

use crate::machine::Machine;
use crate::trial::{Trial, Values, between_nuls, has_control};

/// The longest comment of which systemd 229, which reads lines in pieces, is sure to see the `#` in every piece.
const LONGEST: usize = 1_000;

const COMMENT: Trial = Trial {
    encoder: "comment",
    shape: |text| text,
    may_refuse: |text| {
        has_control(text, &[])
            || text.ends_with('\\')
            || text.len() > LONGEST
            // They make a first line the call of a program, and a Python file one of another encoding.
            || text.starts_with('!')
            || text.contains("coding:")
            || text.contains("coding=")
    },
};

/// Comments for the files of other readers.
pub fn values() -> Values {
    COMMENT.values()
}

pub fn are_ignored(machine: &dyn Machine) {
    let comments = values();
    let interleaved = |statement: fn(usize) -> String| {
        comments.encoded().enumerate().fold(String::new(), |mut text, (number, comment)| {
            writeln!(text, "# {comment}\n{}", statement(number)).expect("memory");
            text
        })
    };
    let all: Vec<Vec<u8>> = (0..comments.values.len()).map(|number| number.to_string().into_bytes()).collect();
    let script = interleaved(|number| format!("printf '%s\\0' {number}"));
    for shell in ["bash", "dash"] {
        let read = between_nuls(&machine.run(&format!("{shell} -s"), script.as_bytes()));
        assert!(read == all, "{shell} on {} reads comments ({})", machine.name(), comments.repeat());
    }
    let program = format!("import sys\n{}", interleaved(|number| format!("sys.stdout.write('{number}\\0')")));
    let read = between_nuls(&machine.run("python3 -", program.as_bytes()));
    assert!(read == all, "python3 on {} reads comments ({})", machine.name(), comments.repeat());
    first_lines_are_ignored(machine, &comments);
}

/// Comments as the first line of a Python file, where one can say in which encoding the rest is.
fn first_lines_are_ignored(machine: &dyn Machine, comments: &Values) {
    let lines: String = comments.encoded().flat_map(|comment| ["# ", comment, "\n"]).collect();
    let program = include_str!("scripts/encodings.py");
    let script = format!("python3 -c {}", provision::encode::shell::quote(program));
    let strange = machine.run(&script, lines.as_bytes());
    assert_eq!(String::from_utf8_lossy(&strange), "", "python3 on {} ({})", machine.name(), comments.repeat());
}
