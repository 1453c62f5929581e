//! Who may ask, what `if` may do, and what an answer tells.

use super::read::{Config, Directive, Node};
use crate::lint::found::Found;
use crate::lint::rule::{Example, Rule, Severity};

pub static IF_IN_LOCATION: Rule = Rule {
    id: "nginx/if-in-location",
    severity: Severity::Error,
    title: "`if` in a location does more than `return` or `rewrite`",
    why: "A request for which the condition holds is handled by the `if` as if it were a location of its own, in which \
          most of the outer directives do not work as they read: headers vanish, `try_files` is skipped, the wrong \
          block wins.",
    remedy: "Keep `if` to `return`, or `rewrite` with `last`, `break` or a redirect; choose values by a `map` outside \
             the server.",
    wrong: &[Example::site(
        "\
server {
    location / {
        if ($arg_debug) {
            add_header X-Debug on;
        }
    }
}
",
    )],
    right: &[Example::site(
        "\
server {
    location / {
        if ($request_method = POST) {
            return 405;
        }
    }
}
",
    )],
};

pub static ALLOW_WITHOUT_DENY: Rule = Rule {
    id: "nginx/allow-without-deny",
    severity: Severity::Error,
    title: "`allow` lists who may come in and nobody is kept out",
    why: "Who is in no list is let in: `allow` alone does nothing.",
    remedy: "End the list with `deny all;`.",
    wrong: &[Example::site("server {\n    location /admin/ {\n        allow 192.0.2.0/24;\n    }\n}\n")],
    right: &[Example::site(
        "server {\n    location /admin/ {\n        allow 192.0.2.0/24;\n        deny all;\n    }\n}\n",
    )],
};

pub static REFERERS_NONE: Rule = Rule {
    id: "nginx/valid-referers-none",
    severity: Severity::Warning,
    title: "`valid_referers none` lets in whoever sends no `Referer`",
    why: "Any page can tell the browser to send none (`Referrer-Policy: no-referrer`), so the check keeps out nobody \
          who means harm.",
    remedy: "Leave out `none`, or protect against forged requests in the app, by a token.",
    wrong: &[Example::site("server {\n    valid_referers none server_names;\n}\n")],
    right: &[Example::site("server {\n    valid_referers server_names;\n}\n")],
};

pub static VERSION_DISCLOSURE: Rule = Rule {
    id: "nginx/version-disclosure",
    severity: Severity::Warning,
    title: "answers tell the version of Nginx",
    why: "`server_tokens` is on unless it is switched off: every answer and error page helps those who look for hosts \
          with a known hole.",
    remedy: "Write `server_tokens off;` into the server.",
    wrong: &[Example::site("server {\n    listen 80;\n}\n")],
    right: &[Example::site("server {\n    listen 80;\n    server_tokens off;\n}\n")],
};

pub(super) fn check(found: &mut Found<'_>, config: &Config) {
    for node in config.nodes() {
        let directive = node.directive;
        match directive.name.as_str() {
            "allow" => allow(found, config, &node),
            "valid_referers" if directive.arguments.iter().any(|word| word == "none") => {
                found.add(&REFERERS_NONE, directive.line, "whoever sends no `Referer` is let in");
            }
            "server_tokens" if matches!(directive.argument(0), "on" | "build") => {
                found.add(&VERSION_DISCLOSURE, directive.line, "this tells everybody the version of Nginx");
            }
            "server" if directive.block.is_some() => {
                let here = directive.inside("server_tokens").next().is_some();
                if !here && config.in_force(&node, "server_tokens").is_empty() {
                    found.add(&VERSION_DISCLOSURE, directive.line, "this server does not set `server_tokens off`");
                }
            }
            _ => {}
        }
        let in_if = node.parent().is_some_and(|parent| parent.is("if")) && node.within("location").is_some();
        if in_if && !is_safe_in_if(directive) {
            let name = &directive.name;
            found.add(&IF_IN_LOCATION, directive.line, format!("`{name}` does not work in an `if` as it does outside"));
        }
    }
}

fn is_safe_in_if(directive: &Directive) -> bool {
    match directive.name.as_str() {
        "return" => true,
        "rewrite" => matches!(directive.argument(2), "last" | "break" | "redirect" | "permanent"),
        _ => false,
    }
}

/// Only the first of a list is found.
fn allow(found: &mut Found<'_>, config: &Config, node: &Node<'_>) {
    let here = |name: &'static str| -> Vec<&Directive> {
        match node.parent() {
            Some(parent) => parent.inside(name).collect(),
            None => config.directives.iter().filter(|one| one.is(name)).collect(),
        }
    };
    let first = here("allow").first().is_some_and(|first| first.line == node.directive.line);
    let opens = here("allow").iter().any(|allow| allow.argument(0) == "all");
    let closes = here("deny").iter().any(|deny| deny.argument(0) == "all");
    if first && !opens && !closes {
        found.add(&ALLOW_WITHOUT_DENY, node.directive.line, "everybody else is let in as well: there is no `deny all`");
    }
}
