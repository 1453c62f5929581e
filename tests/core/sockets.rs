//! Unix sockets that listeners leave behind: which a plan removes, and `folder.py` that does it as a host runs it.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use provision::apply::{Call, Options, transaction};
use provision::model::{Bind, Target};

use crate::fixture::{converged, desired, plan, target};

fn on_a_socket(path: &str) -> Target {
    let mut target = target();
    target.apps[0].bind = Bind::Unix(path.parse().unwrap());
    target
}

/// The sockets that go on the way from one target to another, and those that are new there.
fn sockets(from: &Target, to: &Target) -> (Vec<String>, Vec<String>) {
    let desired = desired(to);
    let transaction = transaction(&desired, &plan(&desired, &converged(from)).unwrap(), Options::default());
    let gone = transaction
        .steps
        .iter()
        .filter_map(|step| if let Call::RemoveSocket { path } = &step.call { Some(path.clone()) } else { None });
    let new = transaction.payload.touches.iter().filter_map(|line| line.strip_prefix("socket\t"));
    (gone.collect(), new.map(ToOwned::to_owned).collect())
}

#[test]
fn a_socket_goes_with_its_app_and_with_another_address() {
    let old = on_a_socket("/run/old.sock");
    let mut without = target();
    without.apps.remove(0);
    without.sites.clear();
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(sockets(&old, &without), (strings(&["/run/old.sock"]), vec![]));
    let moved = (strings(&["/run/old.sock"]), strings(&["/run/new%.sock"]));
    assert_eq!(sockets(&old, &on_a_socket("/run/new%.sock")), moved);
    assert_eq!(sockets(&old, &target()), (strings(&["/run/old.sock"]), vec![]));
    assert_eq!(sockets(&old, &old), (vec![], vec![]));
    // Another app has it now.
    let mut other = on_a_socket("/run/new.sock");
    other.apps[1].bind = Bind::Unix("/run/old.sock".parse().unwrap());
    assert_eq!(sockets(&old, &other).0, strings(&[]));
}

#[track_caller]
fn remove(path: &Path) {
    let mut python = Command::new("python3");
    let run =
        python.args(["-I", "-S", "-W", "error", "src/apply/host/folder.py", "socket"]).arg(path).output().unwrap();
    assert!(run.status.success() && run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn only_a_socket_without_a_listener_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    drop(UnixListener::bind(at("left")).unwrap());
    let _listener = UnixListener::bind(at("in use")).unwrap();
    fs::write(at("file"), "").unwrap();
    std::os::unix::fs::symlink(at("left"), at("link")).unwrap();
    for name in ["link", "in use", "file", "left", "never there", "no folder/left"] {
        remove(&at(name));
    }
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["file", "in use", "link"]);
}
