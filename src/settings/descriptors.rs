//! How many hosts this process can work on at once: each takes some of its open files.

use provision::report::talk;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the program itself has open: standard streams, event loop, inventory, code that is read.
const OWN: usize = 24;

/// What one host takes at its worst, while its connection is opened.
const HOST: usize = 12;

/// As many of `forks` as there can be for `hosts`, with a note where these are fewer. Raises the limit of open files as
/// far as it may.
pub fn at_once(forks: u16, hosts: usize) -> usize {
    let forks = usize::from(forks).max(1);
    let wanted = forks.min(hosts.max(1));
    let can = fitting(limit());
    if can < wanted {
        talk(&format!(
            "note: at most {can} hosts at once: this machine allows {} open files (`ulimit -n`), and each host takes \
             up to {HOST}",
            limit()
        ));
    }
    forks.min(can)
}

fn fitting(files: usize) -> usize {
    (files.saturating_sub(OWN) / HOST).max(1)
}

/// Open files that this process may have from here on.
fn limit() -> usize {
    let now = getrlimit(Resource::Nofile);
    // Where it cannot be raised it stays what it is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: now.maximum, maximum: now.maximum });
    getrlimit(Resource::Nofile).current.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_room_for_one_host() {
        assert_eq!([0, 24, 64, 1024, usize::MAX / 16].map(fitting)[..4], [1, 1, 3, 83]);
    }
}
