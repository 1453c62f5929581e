//! Shell words, and the environment file as shells read it.

use std::fmt::Write as _;

use crate::machine::Machine;
use crate::trial::{Trial, Values, between_nuls, has_control, has_noncharacter};

const SHELLS: [&str; 2] = ["bash", "dash"];

/// The longest text that a process can be given in its environment, less room for a name.
const LONGEST_VARIABLE: usize = 130_000;

const WORD: Trial = Trial { encoder: "shell", shape: |text| text, may_refuse: |text| text.contains('\0') };

const SCRIPT_WORD: Trial =
    Trial { encoder: "upstart_script", shape: |text| text, may_refuse: |text| has_control(text, &['\t']) };

pub const ENV_FILE: Trial = Trial {
    encoder: "env_file",
    shape: |text| text,
    may_refuse: |text| has_control(text, &['\t', '\n']) || has_noncharacter(text) || text.len() > LONGEST_VARIABLE,
};

pub fn words_come_back(machine: &dyn Machine) {
    let words = WORD.values();
    for shell in SHELLS {
        words.came_back(&format!("arguments of {shell} on {}", machine.name()), &arguments(machine, shell, &words));
        words.came_back(&format!("assignments of {shell} on {}", machine.name()), &assignments(machine, shell, &words));
    }
}

/// Upstart hands the lines of a script to dash as they are.
pub fn script_words_come_back(machine: &dyn Machine) {
    let words = SCRIPT_WORD.values();
    assert!(words.encoded().all(|word| !word.contains('\n')), "a line could be `end script`");
    words.came_back(&format!("dash on {}", machine.name()), &arguments(machine, "dash", &words));
}

pub fn arguments(machine: &dyn Machine, shell: &str, words: &Values) -> Vec<Vec<u8>> {
    let mut script = String::from("set -eu\n");
    for word in words.encoded() {
        writeln!(script, "printf '%s\\0' {word}").expect("memory");
    }
    between_nuls(&machine.run(&format!("{shell} -s"), script.as_bytes()))
}

/// As `readonly name={{ value | shell }}` in a script.
fn assignments(machine: &dyn Machine, shell: &str, words: &Values) -> Vec<Vec<u8>> {
    let mut script = String::from("set -eu\n");
    for (number, word) in words.encoded().enumerate() {
        writeln!(script, "readonly v{number}={word}\nprintf '%s\\0' \"$v{number}\"").expect("memory");
    }
    between_nuls(&machine.run(&format!("{shell} -s"), script.as_bytes()))
}

pub fn environment_files_come_back(machine: &dyn Machine) {
    let values = ENV_FILE.values();
    let mut file = String::new();
    let mut print = String::new();
    for (number, value) in values.encoded().enumerate() {
        writeln!(file, "V{number}={value}").expect("memory");
        writeln!(print, "printf '%s\\0' \"$V{number}\"").expect("memory");
    }
    // Two files in one stream: a base64 line has no blank.
    for shell in SHELLS {
        let script = format!(
            "set -eu; cd \"$(mktemp -d)\"; cat >all; sed '/^printf/,$d' all >env; sed -n '/^printf/,$p' all >print
            {shell} -euc 'set -a; . ./env; set +a; . ./print'; rm all env print; rmdir \"$PWD\""
        );
        // No value can pretend to be the first line of the second file: lines of values stand in quotes.
        let marked = format!("{file}printf ''\n{print}");
        values.came_back(
            &format!("`.` of {shell} on {}", machine.name()),
            &between_nuls(&machine.run(&script, marked.as_bytes())),
        );
    }
}
