//! Literals as Python reads them.

use crate::machine::Machine;
use crate::trial::Trial;

const LITERAL: Trial = Trial { encoder: "python", shape: |text| text, may_refuse: |_| false };

pub fn literals_come_back(machine: &dyn Machine) {
    let literals = LITERAL.values();
    let lines: String = literals.encoded().flat_map(|literal| [literal, "\n"]).collect();
    let program = include_str!("scripts/literals.py");
    let script = format!("python3 -c {}", provision::encode::shell::quote(program));
    let texts: Vec<String> = serde_json::from_slice(&machine.run(&script, lines.as_bytes())).expect("a list of texts");
    let bytes: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    literals.came_back(&format!("python3 on {}", machine.name()), &bytes);
}
