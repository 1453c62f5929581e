//! Words that Nginx does not understand.

use super::read::{Config, Directive};
use crate::diagnostic::did_you_mean;
use crate::lint::found::Found;
use crate::lint::host::{Host, running, too_old};
use crate::lint::rule::{Example, Rule, Severity};
use crate::lint::versions::{NGINX, Words};

pub static SYNTAX: Rule = Rule {
    id: "nginx/syntax",
    severity: Severity::Error,
    title: "Nginx cannot read the file",
    why: "One file that Nginx cannot read blocks every reload of every site on the host.",
    remedy: "Close the block or the quote, or end the directive with `;`.",
    wrong: &[Example::site("server {\n    listen 80\n    server_name _;\n}}\n")],
    right: &[Example::site("server {\n    listen 80;\n    server_name _;\n}\n")],
};

pub static UNKNOWN_DIRECTIVE: Rule = Rule {
    id: "nginx/unknown-directive",
    severity: Severity::Error,
    title: "no version of Nginx knows this directive",
    why: "Nginx refuses the whole configuration for one word that it does not know.",
    remedy: "Repair the spelling. If a module brings the directive, say so: `# provision: allow \
             nginx/unknown-directive because …`.",
    wrong: &[Example::site("server {\n    proxy_set_haeder Host $host;\n}\n")],
    right: &[Example::site("server {\n    proxy_set_header Host $host;\n}\n")],
};

pub static LATER_DIRECTIVE: Rule = Rule {
    id: "nginx/later-directive",
    severity: Severity::Error,
    title: "a directive, value or variable is younger than the host's Nginx",
    why: "The host's Nginx refuses the whole configuration. Where the host's version is not known the oldest supported \
          one, 1.10.3, is kept in mind, and the finding is a warning.",
    remedy: "Write what the old version knows too, or make the line depend on the host, as by a variable of its group.",
    wrong: &[Example::site("server {\n    listen 443 ssl;\n    http2 on;\n    ssl_protocols TLSv1.2 TLSv1.3;\n}\n")],
    right: &[Example::site("server {\n    listen 443 ssl http2;\n    ssl_protocols TLSv1.2;\n}\n")],
};

const OLDEST: Option<crate::platform::Version> = Host::XENIAL.nginx;

pub(super) fn check(found: &mut Found<'_>, config: &Config, host: &Host) {
    for (line, message) in &config.faults {
        found.add(&SYNTAX, *line, message.clone());
    }
    let words: &Words = &NGINX;
    for node in config.nodes() {
        let directive = node.directive;
        if !words.knows(&directive.name) {
            let message = format!("Nginx knows no directive `{}`", directive.name);
            let hint = did_you_mean(&directive.name, words.all());
            found.add(
                &UNKNOWN_DIRECTIVE,
                directive.line,
                [Some(message), hint].into_iter().flatten().collect::<Vec<_>>().join(": "),
            );
        }
        for (what, since) in later(directive, words) {
            if let Some(severity) = too_old(host.nginx, since) {
                let host = running("Nginx", host.nginx, OLDEST);
                let message = format!("`{what}` came with Nginx {}, and {host}", since);
                found.add_as(severity, &LATER_DIRECTIVE, directive.line, message);
            }
        }
    }
}

/// What in a directive did not exist from the beginning, and since when it does.
fn later<'a>(directive: &'a Directive, words: &Words) -> Vec<(&'a str, crate::platform::Version)> {
    let name = directive.name.as_str();
    let mut later: Vec<_> = words.since(name).map(|since| (name, since)).into_iter().collect();
    for argument in &directive.arguments {
        later.extend(words.value_since(name, argument).map(|since| (argument.as_str(), since)));
        for variable in super::variables::of(argument) {
            later.extend(words.since(&format!("${variable}")).map(|since| (variable, since)));
        }
    }
    later
}
