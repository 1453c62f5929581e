//! Two hosts of an inventory that are one machine: each would undo what the other does.

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Span};
use crate::inventory::group::Host;
use crate::model::{HostName, Target};

/// A mistake for each host that ssh would reach just as an earlier one. Another port or user may lead elsewhere.
pub(super) fn shared(targets: &[Target], hosts: &IndexMap<HostName, Host>) -> Vec<Diagnostic> {
    let mut mistakes: Vec<Diagnostic> = vec![];
    for (later, target) in targets.iter().enumerate() {
        let Some(earlier) = targets[..later].iter().find(|earlier| way(earlier) == way(target)) else { continue };
        let place = place_of(&target.host, hosts);
        // A range of hosts has one line.
        if mistakes.iter().any(|mistake| mistake.place == place) {
            continue;
        }
        let address = &target.connection.address;
        mistakes.push(
            Diagnostic::new(format!("hosts `{}` and `{}` are both at `{address}`", earlier.host, target.host), place)
                .related(place_of(&earlier.host, hosts), format!("`{}` is here", earlier.host))
                .hint("keep one of them, with the apps and sites of both; another port or user would be another host"),
        );
    }
    mistakes
}

/// Where ssh connects unless it is told otherwise.
const SSH: u16 = 22;

/// How ssh reaches a host, as far as the inventory says it.
fn way(target: &Target) -> (String, u16, Option<&str>) {
    let connection = &target.connection;
    let address = match connection.address.parse::<std::net::IpAddr>() {
        Ok(address) => address.to_canonical().to_string(),
        // Names mean the same however they are written.
        Err(_) => connection.address.trim_end_matches('.').to_ascii_lowercase(),
    };
    (address, connection.port.unwrap_or(SSH), connection.user.as_deref())
}

fn place_of(name: &HostName, hosts: &IndexMap<HostName, Host>) -> Span {
    let place = |host: &Host| host.address.as_ref().map_or(host.place, |node| node.span);
    hosts.get(name).map(place).unwrap_or_default()
}
