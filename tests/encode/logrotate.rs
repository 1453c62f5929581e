//! Paths as logrotate reads them.

use std::fmt::Write as _;

use crate::machine::Machine;
use crate::trial::{Trial, has_control};

const SAID: &[u8] = b"considering log ";

const PATH: Trial = Trial {
    encoder: "logrotate",
    // In no folder that is there: logrotate passes over what is not a file.
    shape: |text| format!("/no-such-folder/{text}"),
    may_refuse: |text| {
        has_control(text, &[]) || text.ends_with('/') || text.contains(['*', '?', '[', ']', '{', '}', '\\', '"', '\''])
    },
};

pub fn paths_come_back(machine: &dyn Machine) {
    let paths = PATH.values();
    let mut config = String::new();
    for path in paths.encoded() {
        writeln!(config, "{path} {{\n    missingok\n    rotate 1\n}}").expect("memory");
    }
    let script = "set -eu; cd \"$(mktemp -d)\"; cat >config; chmod 644 config
        /usr/sbin/logrotate --debug --state state config 2>&1 || true; rm config; rmdir \"$PWD\"";
    let output = machine.run(script, config.as_bytes());
    let said = output.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(SAID).map(<[u8]>::to_vec));
    paths.came_back(&format!("logrotate on {}", machine.name()), &said.collect::<Vec<_>>());
}
