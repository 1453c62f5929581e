//! Parameters as a real Nginx reads them: it serves them back.

use std::fmt::Write as _;

use crate::comments;
use crate::machine::Machine;
use crate::trial::{Trial, Values, between_nuls, has_control};

const PORT: u16 = 8099;

/// Nginx reads its configuration in pieces of 4096 bytes, and a parameter must fit into one.
const LONGEST: usize = 4_000;

const MAY_REFUSE: fn(&str) -> bool = |text| {
    let written = text.len() + 2 + text.matches(['"', '\\']).count();
    has_control(text, &['\t']) || text.contains('$') || written > LONGEST
};

const PARAMETER: Trial = Trial { encoder: "nginx", shape: |text| text, may_refuse: MAY_REFUSE };

/// One segment of a path, which Nginx does not tidy.
const LOCATION: Trial = Trial {
    encoder: "nginx",
    shape: |text| format!("/-{}", text.replace('/', "-").chars().take(60).collect::<String>()),
    may_refuse: MAY_REFUSE,
};

const SERVER_NAME: Trial = Trial {
    encoder: "nginx",
    shape: |text| {
        let plain = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        format!("a{}.example.com", text.chars().filter(plain).take(50).collect::<String>())
    },
    may_refuse: MAY_REFUSE,
};

/// A value as a header of an answer and as its body, with a comment before it.
pub fn parameters_come_back(machine: &dyn Machine) {
    let (values, comments) = (PARAMETER.values(), comments::values());
    let mut server = format!("server {{ listen 127.0.0.1:{PORT};\n");
    let mut requests = String::new();
    for (number, (value, comment)) in values.encoded().zip(comments.encoded()).enumerate() {
        writeln!(
            server,
            "# {comment}\nlocation = /{number:06} {{ add_header X-Value {value} always; return 200 {value}; }}"
        )
        .expect("memory");
        writeln!(requests, "localhost /{number:06}").expect("memory");
    }
    let (headers, bodies) = ask(machine, &format!("{server}}}\n"), &requests);
    came_back(machine, &values, "a header", &headers);
    came_back(machine, &values, "a body", &bodies);
}

pub fn locations_come_back(machine: &dyn Machine) {
    let locations = LOCATION.values();
    let mut server = format!("server {{ listen 127.0.0.1:{PORT};\n");
    let mut requests = String::new();
    for value in &locations.values {
        let encoded: String = value.text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        // The default server's location is an exact one here: ten thousand prefixes could hide each other.
        writeln!(server, "location = {0} {{ return 200 {0}; }}", value.encoded).expect("memory");
        writeln!(requests, "localhost /{}", &encoded[3..]).expect("memory");
    }
    let (_, bodies) = ask(machine, &format!("{server}}}\n"), &requests);
    came_back(machine, &locations, "a location", &bodies);
}

pub fn server_names_come_back(machine: &dyn Machine) {
    let names = SERVER_NAME.some_values(500);
    let mut servers = format!("server {{ listen 127.0.0.1:{PORT} default_server; return 404 nobody; }}\n");
    let mut requests = String::new();
    for name in names.encoded() {
        writeln!(servers, "server {{ listen 127.0.0.1:{PORT}; server_name {name}; return 200 {name}; }}")
            .expect("memory");
        writeln!(requests, "{name} /").expect("memory");
    }
    let (_, bodies) = ask(machine, &servers, &requests);
    came_back(machine, &names, "a server name", &bodies);
}

fn came_back(machine: &dyn Machine, values: &Values, place: &str, read: &[Vec<u8>]) {
    values.came_back(&format!("Nginx as {place} on {}", machine.name()), read);
}

/// The header `X-Value` and the body of each answer.
fn ask(machine: &dyn Machine, servers: &str, requests: &str) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let config = format!(
        "pid nginx.pid; error_log error.log; worker_processes 1; events {{}}\n\
         http {{ access_log off; keepalive_requests 1000000; server_names_hash_bucket_size 256;\n{servers}}}\n"
    );
    machine.run("mkdir -p /run/encode && cat >/run/encode/nginx.conf", config.as_bytes());
    machine.run("cat >/run/encode/requests", requests.as_bytes());
    let program = include_str!("scripts/ask.py");
    let script = format!(
        "set -e; cd /run/encode
        nginx -p /run/encode/ -c nginx.conf
        trap 'kill \"$(cat nginx.pid)\"; while [ -e nginx.pid ]; do sleep 0.05; done' EXIT
        python3 - {PORT} <<'EOF'\n{program}EOF\n"
    );
    let parts = between_nuls(&machine.run(&script, b""));
    parts.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).unzip()
}
