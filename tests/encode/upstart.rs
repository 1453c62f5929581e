//! Stanzas of Upstart jobs, through the model of its reader.

use std::fmt::Write as _;

use crate::machine::Machine;
use crate::trial::{Trial, between_nuls, has_control};
use crate::upstart_reader::{arguments, command, needs_shell};

const MAY_REFUSE: fn(&str) -> bool = |text| has_control(text, &['\t']);

const ENV_VALUE: Trial = Trial { encoder: "upstart", shape: |text| text, may_refuse: MAY_REFUSE };

const EXEC_WORD: Trial = Trial { encoder: "upstart_exec", shape: |text| text, may_refuse: MAY_REFUSE };

pub fn env_values_come_back() {
    let values = ENV_VALUE.values();
    let read = values.encoded().map(|value| {
        let arguments = arguments(&format!("V={value} # a comment")).unwrap_or_default();
        let [argument] = arguments.as_slice() else { return vec![] };
        argument.strip_prefix("V=").unwrap_or_default().to_owned().into_bytes()
    });
    values.came_back("the model's `env`", &read.collect::<Vec<_>>());
    let alone = values.encoded().map(|value| arguments(value).unwrap_or_default().concat().into_bytes());
    values.came_back("the model's `description`", &alone.collect::<Vec<_>>());
}

/// What Upstart leaves of an `exec` line goes to the program word by word, or through `sh`.
pub fn exec_words_come_back(machine: &dyn Machine) {
    let words = EXEC_WORD.values();
    let mut script = String::from("set -eu\n");
    for word in words.encoded() {
        let command = command(&format!(" printf %s\\\\0 {word} end # a comment")).unwrap_or_default();
        if needs_shell(word) {
            writeln!(script, "{}", command.trim_end()).expect("memory");
        } else {
            let word = command.split([' ', '\t']).nth(2).unwrap_or_default();
            writeln!(script, "printf '%s\\0end\\0' '{word}'").expect("memory");
        }
    }
    let read = between_nuls(&machine.run("dash -s", script.as_bytes()));
    let (words_read, ends): (Vec<_>, Vec<_>) = read.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).unzip();
    assert!(ends.iter().all(|end| end == b"end"), "a word is not one word");
    words.came_back("the model's `exec`, and dash", &words_read);
}
