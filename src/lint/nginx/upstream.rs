//! Who decides where a request is passed on to.

use super::read::{Config, Directive, Node};
use super::variables;
use crate::lint::found::Found;
use crate::lint::rule::{Example, Rule, Severity};

pub static SSRF: Rule = Rule {
    id: "nginx/ssrf",
    severity: Severity::Error,
    title: "the client chooses the server that `proxy_pass` asks",
    why: "With a part of the request in the address, anyone outside sends requests from this host to any server that \
          it can reach: databases, metadata of the cloud, other sites behind the firewall.",
    remedy: "Name the server, or choose it by a `map` from known values to known servers.",
    wrong: &[Example::site(
        "\
server {
    location ~ ^/to/([^/\\s]+)/ {
        resolver 127.0.0.53;
        proxy_pass http://$1;
    }
}
",
    )],
    right: &[Example::site(
        "\
map $arg_to $server {
    a 127.0.0.1:5001;
    default 127.0.0.1:5000;
}
server {
    location / {
        proxy_pass http://$server;
    }
}
",
    )],
};

pub static RESOLVER: Rule = Rule {
    id: "nginx/resolver",
    severity: Severity::Error,
    title: "`proxy_pass` looks up a name for each request and no `resolver` is set",
    why: "With a variable in its URL, Nginx looks the host's name up when the request comes. It does not ask the \
          system for that: without `resolver` every request ends with 502.",
    remedy: "Set `resolver`, or name the server in an `upstream` block and use its name.",
    wrong: &[Example::site(
        "server {\n    location / {\n        proxy_pass http://app.internal$request_uri;\n    }\n}\n",
    )],
    right: &[Example::site(
        "\
upstream app.internal {
    server 127.0.0.1:5000;
}
server {
    location / {
        proxy_pass http://app.internal$request_uri;
    }
}
",
    )],
};

pub(super) fn check(found: &mut Found<'_>, config: &Config) {
    for node in config.nodes() {
        if node.directive.is("proxy_pass") {
            proxy_pass(found, config, &node);
        }
    }
}

fn proxy_pass(found: &mut Found<'_>, config: &Config, node: &Node<'_>) {
    let url = node.directive.argument(0);
    if !url.contains('$') {
        return;
    }
    let authority = authority(url);
    let foreign = variables::of(authority).into_iter().find(|name| values(config, node, name).is_none());
    if let Some(name) = foreign {
        found.add(&SSRF, node.directive.line, format!("`${name}` comes from the request, and chooses the server"));
    }
    let hosts = variables::of(authority).into_iter().filter_map(|name| values(config, node, name)).flatten();
    let named: Vec<&str> = if authority.contains('$') { hosts.collect() } else { vec![url] };
    let upstreams: Vec<&str> =
        config.directives.iter().filter(|one| one.is("upstream")).map(|one| one.argument(0)).collect();
    let looked_up = named.into_iter().map(host_of).find(|host| !is_address(host) && !upstreams.contains(host));
    if let Some(name) = looked_up
        && config.in_force(node, "resolver").is_empty()
    {
        found.add(&RESOLVER, node.directive.line, format!("`{name}` is looked up for each request, by no `resolver`"));
    }
}

/// Scheme, host and port: a URL up to its path, or all of it where a variable holds the scheme too.
fn authority(url: &str) -> &str {
    let start = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[start..].find('/').map_or(url.len(), |slash| start + slash);
    // `$request_uri` and the like follow the host without a slash.
    let paths = ["$request_uri", "$uri", "$document_uri", "$is_args", "${request_uri}", "${uri}"];
    let end =
        paths.iter().filter_map(|path| url[start..end].find(path).map(|found| start + found)).min().unwrap_or(end);
    &url[start..end]
}

/// The texts that a variable may hold, if they all stand in the configuration.
fn values<'a>(config: &'a Config, node: &Node<'a>, name: &str) -> Option<Vec<&'a str>> {
    let is_it = |text: &str| text.strip_prefix('$').is_some_and(|text| text.trim_matches(['{', '}']) == name);
    let mut values: Vec<&str> = vec![];
    let levels = node.around.iter().flat_map(|block| block.block.iter().flatten()).chain(&config.directives);
    for directive in levels {
        match directive.name.as_str() {
            "set" if is_it(directive.argument(0)) => values.push(directive.argument(1)),
            "map" | "geo" | "split_clients" if is_it(directive.arguments.last().map_or("", String::as_str)) => {
                values.extend(directive.block.iter().flatten().map(Directive::last));
            }
            _ => {}
        }
    }
    (!values.is_empty() && values.iter().all(|value| variables::of(value).is_empty())).then_some(values)
}

impl Directive {
    /// Its last word.
    fn last(&self) -> &str {
        self.arguments.last().map_or(self.name.as_str(), String::as_str)
    }
}

/// The host in an address that may have a scheme, a port and a path.
fn host_of(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    if let Some(end) = rest.find(']') {
        return &rest[..=end];
    }
    let end = rest.find([':', '/', '$']).unwrap_or(rest.len());
    &rest[..end]
}

fn is_address(host: &str) -> bool {
    host == "unix" || host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_in_urls() {
        for (text, host) in [
            ("http://a.b:80/c", "a.b"),
            ("127.0.0.1:5000", "127.0.0.1"),
            ("http://unix:/run/a.sock:/", "unix"),
            ("http://[::1]:80/", "[::1]"),
            ("http://a$uri", "a"),
        ] {
            assert_eq!(host_of(text), host);
        }
        assert_eq!(authority("http://$host/x$arg_y"), "$host");
        assert_eq!(authority("http://a$request_uri"), "a");
        assert_eq!(authority("$backend"), "$backend");
    }
}
