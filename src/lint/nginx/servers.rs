//! Servers against each other, over all files of a host: which of them answers.

use std::collections::BTreeMap;

use super::read::{Config, Directive};
use crate::lint::found::Found;
use crate::lint::rule::{Example, Rule, Severity};

const OTHER: &str = "/etc/nginx/sites-available/other";

pub static DUPLICATE_DEFAULT: Rule = Rule {
    id: "nginx/duplicate-default-server",
    severity: Severity::Error,
    title: "two servers are the default of one address",
    why: "Nginx refuses the whole configuration, and no site of the host can be reloaded any more.",
    remedy: "Leave `default_server` to one of them.",
    wrong: &[
        Example::site("server {\n    listen 80 default_server;\n}\n"),
        Example::file(OTHER, "server {\n    listen 80 default_server;\n}\n"),
    ],
    right: &[
        Example::site("server {\n    listen 80 default_server;\n}\n"),
        Example::file(OTHER, "server {\n    listen 8080 default_server;\n}\n"),
    ],
};

pub static NO_DEFAULT: Rule = Rule {
    id: "nginx/no-default-server",
    severity: Severity::Warning,
    title: "several servers share an address and none is its default",
    why: "Requests for unknown names go to whichever file comes first by name: a new site, or a renamed one, silently \
          takes them over.",
    remedy: "Write `default_server` behind `listen` of the one that should have them, or `default: true` on the site \
             in the inventory.",
    wrong: &[
        Example::site("server {\n    listen 80;\n    server_name a.example.com;\n}\n"),
        Example::file(OTHER, "server {\n    listen 80;\n    server_name b.example.com;\n}\n"),
    ],
    right: &[
        Example::site("server {\n    listen 80;\n    server_name a.example.com;\n}\n"),
        Example::file(OTHER, "server {\n    listen 80 default_server;\n    server_name b.example.com;\n}\n"),
    ],
};

pub static DUPLICATE_NAME: Rule = Rule {
    id: "nginx/duplicate-server-name",
    severity: Severity::Error,
    title: "two servers have one name at one address",
    why: "Nginx warns, takes the first, and never asks the second one.",
    remedy: "Give each server names of its own, or join the two.",
    wrong: &[
        Example::site("server {\n    listen 80;\n    server_name example.com;\n}\n"),
        Example::file(OTHER, "server {\n    listen 80;\n    server_name www.example.com example.com;\n}\n"),
    ],
    right: &[
        Example::site("server {\n    listen 80 default_server;\n    server_name example.com;\n}\n"),
        Example::file(OTHER, "server {\n    listen 80;\n    server_name www.example.com;\n}\n"),
    ],
};

/// A server at one of its addresses.
struct Seat<'a> {
    file: usize,
    server: &'a Directive,
    listen: &'a Directive,
}

pub(super) fn check(files: &mut [Found<'_>], configs: &[(usize, Config)]) {
    let mut seats: BTreeMap<String, Vec<Seat<'_>>> = BTreeMap::new();
    for (file, config) in configs {
        for node in config.nodes() {
            let server = node.directive;
            if !server.is("server") || server.block.is_none() {
                continue;
            }
            for listen in server.inside("listen") {
                seats.entry(address(listen.argument(0))).or_default().push(Seat { file: *file, server, listen });
            }
        }
    }
    for (address, seats) in &seats {
        defaults(files, address, seats);
        names(files, address, seats);
    }
}

/// A server, as other servers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Where it listens.
    pub listeners: Vec<Listener>,
    /// Its names; none where it has no name.
    pub names: Vec<String>,
}

/// A listener of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The address, with `*` for every IPv4 one.
    pub address: String,
    /// The server answers there for names that no other server has.
    pub is_default: bool,
    /// It speaks TLS there.
    pub tls: bool,
}

/// Every server of a file.
#[must_use]
pub fn servers(content: &str) -> Vec<Server> {
    let config = super::read::read(content);
    let nodes = config.nodes();
    let servers = nodes.iter().map(|node| node.directive).filter(|node| node.is("server") && node.block.is_some());
    servers
        .map(|server| {
            let names = server.inside("server_name").flat_map(|names| &names.arguments);
            let listener = |listen: &Directive| Listener {
                address: address(listen.argument(0)),
                is_default: is_default(listen),
                tls: listen.arguments.iter().any(|word| word == "ssl"),
            };
            Server {
                listeners: server.inside("listen").map(listener).collect(),
                names: names.filter(|name| !matches!(name.as_str(), "" | "_")).cloned().collect(),
            }
        })
        .collect()
}

/// `80` is `*:80`, and so is `0.0.0.0:80`; an address alone has port 80.
fn address(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_digit()) {
        return format!("*:{text}");
    }
    let has_port = text.starts_with("unix:") || text.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
    let text = if has_port { text.to_owned() } else { format!("{text}:80") };
    text.strip_prefix("0.0.0.0:").map_or_else(|| text.clone(), |port| format!("*:{port}"))
}

fn is_default(listen: &Directive) -> bool {
    listen.arguments.iter().skip(1).any(|word| word == "default_server" || word == "default")
}

fn defaults(files: &mut [Found<'_>], address: &str, seats: &[Seat<'_>]) {
    let defaults: Vec<_> = seats.iter().filter(|seat| is_default(seat.listen)).collect();
    if let [first, others @ ..] = defaults.as_slice() {
        for seat in others {
            let path = files[first.file].source.path;
            let message = format!("`{address}` has a default server already, in {path}:{}", first.listen.line);
            files[seat.file].add(&DUPLICATE_DEFAULT, seat.listen.line, message);
        }
    } else if let [first, others @ ..] = seats
        && !others.is_empty()
    {
        let message = format!("none of the {} servers at `{address}` is its default", seats.len());
        files[first.file].add(&NO_DEFAULT, first.listen.line, message);
    }
}

fn names(files: &mut [Found<'_>], address: &str, seats: &[Seat<'_>]) {
    let mut taken: BTreeMap<&str, &Seat<'_>> = BTreeMap::new();
    for seat in seats {
        for names in seat.server.inside("server_name") {
            for name in &names.arguments {
                let first = taken.entry(name).or_insert(seat);
                if !std::ptr::eq(first.server, seat.server) {
                    let message = format!(
                        "`{name}` is taken at `{address}` by {}:{}",
                        files[first.file].source.path, first.server.line
                    );
                    files[seat.file].add(&DUPLICATE_NAME, names.line, message);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_are_compared_as_nginx_does() {
        assert_eq!(address("80"), "*:80");
        assert_eq!(address("0.0.0.0:80"), "*:80");
        assert_eq!(address("192.0.2.1"), "192.0.2.1:80");
        assert_eq!(address("[::]"), "[::]:80");
        assert_eq!(address("[::]:443"), "[::]:443");
        assert_eq!(address("unix:/run/a.sock"), "unix:/run/a.sock");
    }
}
