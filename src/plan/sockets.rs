//! Unix sockets: a listener that goes, or moves elsewhere, leaves its socket on the disk.

use std::collections::BTreeSet;

use super::change::{Change, Operation};
use crate::desired::Desired;
use crate::model::{Bind, layout};
use crate::probe::Facts;

/// The sockets that listeners have once `changes` are made no more, and that no app of the host uses.
pub fn left(desired: &Desired, facts: &Facts, changes: &[Change]) -> Vec<String> {
    let used: BTreeSet<String> = desired.apps.iter().filter_map(|app| in_use(&app.app.bind)).collect();
    let before = changes.iter().filter_map(|change| {
        let path = match &change.operation {
            Operation::PutFile(file) => file.path.as_str(),
            Operation::RemoveFile(path) => path,
            _ => return None,
        };
        layout::SOCKET.name_in(path)?;
        of_unit(&String::from_utf8_lossy(facts.nodes.get(path)?.content.as_ref()?))
    });
    before.filter(|socket| !used.contains(socket)).collect()
}

fn in_use(bind: &Bind) -> Option<String> {
    if let Bind::Unix(path) = bind { Some(path.to_string()) } else { None }
}

/// The socket on the disk that a listener of that definition makes.
#[must_use]
pub fn of_unit(definition: &str) -> Option<String> {
    address(definition).filter(|address| address.starts_with('/'))
}

/// Where a socket unit of ours listens.
pub(super) fn address(definition: &str) -> Option<String> {
    let address = definition.lines().find_map(|line| line.strip_prefix("ListenStream="))?;
    Some(address.replace("%%", "%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_is_a_socket_on_the_disk() {
        assert_eq!(of_unit("[Socket]\nListenStream=/run/a%%b.sock\n"), Some("/run/a%b.sock".to_owned()));
        assert_eq!(of_unit("[Socket]\nListenStream=127.0.0.1:5000\n"), None);
        assert_eq!(of_unit("# ListenStream=/run/web.sock\n"), None);
    }
}
