//! The encoders against hostile texts, judged by the real readers of each language: thousands of texts for each encoder
//! come back exactly, or are refused for a reason that the language gives. `make encode` takes ten thousand, the normal
//! tests a fifth of that.
//!
//! Each run takes other texts; `PROVISION_ENCODE_SEED`, which a failure names, takes the same ones again. The readers
//! of a host (Nginx, systemd) run on one sandbox host, of the suite that `PROVISION_ENCODE_SUITE` names, together with
//! that release's own shells, Python and logrotate.

// The e2e tests need more of these than are needed here.
#[path = "../e2e/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "../e2e/http.rs"]
#[allow(dead_code)]
mod http;
#[path = "../e2e/lab.rs"]
#[allow(dead_code)]
mod lab;
#[path = "../support/skip.rs"]
#[allow(dead_code)]
mod skip;

mod comments;
mod hostile;
mod inert;
mod inventory;
mod logrotate;
mod machine;
mod nginx;
mod python;
mod rental;
mod shells;
mod skeleton;
mod systemd;
mod texts;
mod trial;
mod upstart;
mod upstart_reader;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use machine::{Here, Machine};

/// Writes values for a reader of a machine, and compares what it understood.
type Reader = fn(&dyn Machine);

/// The readers that any machine has.
fn common_readers(machine: &dyn Machine) {
    shells::words_come_back(machine);
    shells::script_words_come_back(machine);
    shells::environment_files_come_back(machine);
    python::literals_come_back(machine);
    comments::are_ignored(machine);
}

#[test]
fn readers_of_this_machine_give_every_value_back() {
    common_readers(&Here);
}

#[test]
fn logrotate_of_this_machine_gives_every_path_back() {
    if Here.has("logrotate") {
        logrotate::paths_come_back(&Here);
    } else {
        skip::skip("`logrotate` is not installed, so its reading of paths is not tested");
    }
}

#[test]
fn a_model_of_upstart_gives_every_value_back() {
    upstart::env_values_come_back();
    upstart::exec_words_come_back(&Here);
}

#[test]
fn readers_of_a_real_host_give_every_value_back() {
    let Some(host) = rental::Rental::open() else { return };
    host.install(&["nginx", "logrotate"]);
    let readers: [(&str, Reader); 8] = [
        ("nginx parameters", nginx::parameters_come_back),
        ("nginx locations", nginx::locations_come_back),
        ("nginx server names", nginx::server_names_come_back),
        ("systemd lines", systemd::lines_come_back),
        ("systemd words", systemd::exec_words_come_back),
        ("systemd environments", systemd::environment_files_come_back),
        ("logrotate paths", logrotate::paths_come_back),
        ("shells, Python", common_readers),
    ];
    // Every reader has its turn, whatever the others say.
    let fails = |(name, reader): &(&str, Reader)| {
        let begin = Instant::now();
        let failed = catch_unwind(AssertUnwindSafe(|| reader(&host))).is_err();
        lab::say(&format!("encode: {name} on {}: {:.1} s", host.name(), begin.elapsed().as_secs_f64()));
        failed
    };
    let failed: Vec<&str> = readers.into_iter().filter(fails).map(|(name, _)| name).collect();
    assert_eq!(failed, [] as [&str; 0], "see above");
}
