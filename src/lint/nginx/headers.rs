//! Headers: whose word they repeat, and which of them get lost.

use std::collections::BTreeSet;

use super::read::{Config, Directive, Node};
use super::variables;
use crate::lint::found::Found;
use crate::lint::rule::{Example, Rule, Severity};

pub static HOST_SPOOFING: Rule = Rule {
    id: "nginx/host-spoofing",
    severity: Severity::Error,
    title: "the client's own word is taken for the host's name",
    why: "`$http_host`, `$http_x_forwarded_host` and parameters are what the client wrote, whatever site it reached: \
          the app builds links, and Nginx redirects, to a host of the client's choice, and caches keep them.",
    remedy: "Use `$host`, which is the name that Nginx has chosen the site by, or a name that stands in the \
             configuration.",
    wrong: &[Example::site("server {\n    proxy_set_header Host $http_host;\n}\n")],
    right: &[Example::site("server {\n    proxy_set_header Host $host;\n}\n")],
};

pub static REDIRECT_SERVER_NAME: Rule = Rule {
    id: "nginx/redirect-server-name",
    severity: Severity::Error,
    title: "a redirect leads to `$server_name`, which is no single name",
    why: "`$server_name` is the first name of the site as it is written: `_`, `*.example.com` or a pattern. Browsers \
          are sent to a host that does not exist.",
    remedy: "Redirect to `$host`, or to a name that stands in the configuration.",
    wrong: &[Example::site("server {\n    server_name _;\n    return 301 https://$server_name$request_uri;\n}\n")],
    right: &[Example::site(
        "server {\n    server_name example.com;\n    return 301 https://$server_name$request_uri;\n}\n",
    )],
};

pub static ADD_HEADER_DROPPED: Rule = Rule {
    id: "nginx/add-header-dropped",
    severity: Severity::Error,
    title: "`add_header` in a block drops those of the blocks around it",
    why: "Nginx inherits `add_header` only where a block has none of its own: one header more in a location takes away \
          all others, security headers included, and nothing says so.",
    remedy: "Repeat the outer headers in the block.",
    wrong: &[Example::site(
        "\
server {
    add_header X-Frame-Options DENY always;
    location / {
        add_header Cache-Control no-store;
    }
}
",
    )],
    right: &[Example::site(
        "\
server {
    add_header X-Frame-Options DENY always;
    location / {
        add_header X-Frame-Options DENY always;
        add_header Cache-Control no-store;
    }
}
",
    )],
};

pub static PROXY_HEADER_DROPPED: Rule = Rule {
    id: "nginx/proxy-header-dropped",
    severity: Severity::Error,
    title: "`proxy_set_header` in a block drops those of the blocks around it",
    why: "Nginx inherits `proxy_set_header` only where a block has none of its own: the app then learns neither the \
          host's name nor the client's address, and believes what the client sent instead.",
    remedy: "Repeat the outer headers in the block, or set them once outside with variables.",
    wrong: &[Example::site(
        "\
server {
    proxy_set_header X-Real-IP $remote_addr;
    location / {
        proxy_set_header X-Prefix /app;
        proxy_pass http://127.0.0.1:5000;
    }
}
",
    )],
    right: &[Example::site(
        "\
server {
    proxy_set_header X-Real-IP $remote_addr;
    location / {
        proxy_pass http://127.0.0.1:5000;
    }
}
",
    )],
};

pub(super) fn check(found: &mut Found<'_>, config: &Config) {
    for node in config.nodes() {
        host(found, &node);
        if node.directive.block.is_some() {
            dropped(found, config, &node, "add_header", &ADD_HEADER_DROPPED);
            dropped(found, config, &node, "proxy_set_header", &PROXY_HEADER_DROPPED);
        }
    }
}

fn host(found: &mut Found<'_>, node: &Node<'_>) {
    let directive = node.directive;
    let (told, redirected) = match directive.name.as_str() {
        "proxy_set_header" if is_host_header(directive.argument(0)) => (directive.argument(1), false),
        "return" => (directive.arguments.last().map_or("", String::as_str), true),
        "rewrite" => (directive.argument(1), true),
        _ => return,
    };
    // In a redirect only what stands before the path is the host.
    let told = if redirected { authority(told).unwrap_or_default() } else { told };
    let by_client = |name: &&str| {
        name.starts_with("arg_") || name.starts_with("cookie_") || (name.starts_with("http_") && name.contains("host"))
    };
    if let Some(name) = variables::of(told).into_iter().find(by_client) {
        found.add(&HOST_SPOOFING, directive.line, format!("`${name}` is whatever the client wrote"));
    }
    let site_names = node.within("server").and_then(|server| server.inside("server_name").next());
    let name = site_names.map_or("", |names| names.argument(0));
    let single = !(name.is_empty() || name == "_" || name.contains('*') || name.starts_with(['~', '.']));
    if redirected && !single && variables::of(told).contains(&"server_name") {
        let message = format!("`$server_name` is `{name}` here, which no browser can reach");
        found.add(&REDIRECT_SERVER_NAME, directive.line, message);
    }
}

fn is_host_header(name: &str) -> bool {
    ["Host", "X-Forwarded-Host"].iter().any(|header| header.eq_ignore_ascii_case(name))
}

/// The part of a URL between its scheme and its path.
fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://").or_else(|| url.strip_prefix("//").map(|rest| ("", rest)))?;
    Some(rest.split('/').next().unwrap_or(rest))
}

/// Finds headers that hold around a block and are lost in it.
fn dropped(found: &mut Found<'_>, config: &Config, node: &Node<'_>, directive: &str, rule: &'static Rule) {
    let block = node.directive;
    let Some(first) = block.inside(directive).next() else { return };
    let merges = block.inside("add_header_inherit").any(|inherit| inherit.argument(0) == "merge");
    if merges && directive == "add_header" {
        return;
    }
    let name = |header: &Directive| header.argument(0).to_ascii_lowercase();
    let own: BTreeSet<String> = block.inside(directive).map(name).collect();
    let mut lost: Vec<&str> = vec![];
    for outer in config.in_force(node, directive) {
        if !own.contains(&name(outer)) && !lost.contains(&outer.argument(0)) {
            lost.push(outer.argument(0));
        }
    }
    if !lost.is_empty() {
        found.add(rule, first.line, format!("this drops what was set outside: {}", lost.join(", ")));
    }
}
