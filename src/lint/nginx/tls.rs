//! Old protocols and ciphers.

use super::read::{Config, Directive};
use crate::lint::found::Found;
use crate::lint::host::{Host, too_old};
use crate::lint::rule::{Example, Rule, Severity};

pub static WEAK_PROTOCOL: Rule = Rule {
    id: "nginx/weak-tls-protocol",
    severity: Severity::Error,
    title: "a protocol older than TLS 1.2 is offered",
    why: "SSL 2 and 3, TLS 1.0 and 1.1 can be broken or forced upon a connection (POODLE, BEAST), and are forbidden by \
          RFC 8996. No browser of today needs them.",
    remedy: "Write `ssl_protocols TLSv1.2;`, and `TLSv1.3` too where Nginx is at least 1.13.0.",
    wrong: &[Example::site("server {\n    ssl_protocols TLSv1 TLSv1.2;\n}\n")],
    right: &[Example::site("server {\n    ssl_protocols TLSv1.2;\n}\n")],
};

pub static DEFAULT_PROTOCOLS: Rule = Rule {
    id: "nginx/default-tls-protocols",
    severity: Severity::Warning,
    title: "a server speaks TLS and does not say which versions",
    why: "Before Nginx 1.27.3, TLS 1.0 and 1.1 are offered unless `ssl_protocols` says otherwise, and Debian's own \
          `nginx.conf` names them too.",
    remedy: "Write `ssl_protocols TLSv1.2;` into the server, and `TLSv1.3` too where Nginx is at least 1.13.0.",
    wrong: &[Example::site("server {\n    listen 443 ssl;\n    ssl_certificate /etc/ssl/a.pem;\n}\n")],
    right: &[Example::site(
        "server {\n    listen 443 ssl;\n    ssl_protocols TLSv1.2;\n    ssl_certificate /etc/ssl/a.pem;\n}\n",
    )],
};

pub static WEAK_CIPHER: Rule = Rule {
    id: "nginx/weak-cipher",
    severity: Severity::Error,
    title: "a weak cipher is offered",
    why: "RC4, DES, 3DES, export ciphers and those without encryption or authentication can be read or forged by \
          others.",
    remedy: "Write `ssl_ciphers HIGH:!aNULL:!MD5:!3DES;`, or take the list of a generator such as Mozilla's.",
    wrong: &[Example::site("server {\n    ssl_ciphers HIGH:RC4-SHA:!aNULL;\n}\n")],
    right: &[Example::site("server {\n    ssl_ciphers HIGH:!RC4:!3DES:!aNULL:!MD5;\n}\n")],
};

/// Parts of ciphers' names that make them weak.
const WEAK: [&str; 12] =
    ["RC4", "DES", "3DES", "DES-CBC3", "MD5", "NULL", "aNULL", "eNULL", "EXP", "EXPORT", "LOW", "ADH"];

pub(super) fn check(found: &mut Found<'_>, config: &Config, host: &Host) {
    for node in config.nodes() {
        let directive = node.directive;
        match directive.name.as_str() {
            "ssl_protocols" | "proxy_ssl_protocols" => {
                let old = |word: &&String| matches!(word.as_str(), "SSLv2" | "SSLv3" | "TLSv1" | "TLSv1.1");
                if let Some(protocol) = directive.arguments.iter().find(old) {
                    found.add(&WEAK_PROTOCOL, directive.line, format!("`{protocol}` can be broken"));
                }
            }
            "ssl_ciphers" | "proxy_ssl_ciphers" => {
                if let Some(cipher) = directive.argument(0).split([':', ' ', ',']).find(|cipher| is_weak(cipher)) {
                    found.add(&WEAK_CIPHER, directive.line, format!("`{cipher}` is weak"));
                }
            }
            "server" if directive.block.is_some() && speaks_tls(directive) => {
                let said = directive.inside("ssl_protocols").next().is_some()
                    || !config.in_force(&node, "ssl_protocols").is_empty();
                if !said && too_old(host.nginx, crate::platform::Version::new(1, 27, 3)).is_some() {
                    found.add(&DEFAULT_PROTOCOLS, directive.line, "this server does not set `ssl_protocols`");
                }
            }
            _ => {}
        }
    }
}

fn speaks_tls(server: &Directive) -> bool {
    let by_port = |listen: &Directive| listen.arguments.iter().skip(1).any(|word| word == "ssl");
    server.inside("listen").any(by_port) || server.inside("ssl").any(|ssl| ssl.argument(0) == "on")
}

/// Whether a word of OpenSSL's list of ciphers lets a weak one in; `!` and `-` keep ciphers out, `+` moves them.
fn is_weak(cipher: &str) -> bool {
    if cipher.starts_with(['!', '-', '+', '@']) {
        return false;
    }
    matches!(cipher, "ALL" | "COMPLEMENTOFDEFAULT" | "COMPLEMENTOFALL")
        || cipher.split(['-', '+', '_']).chain([cipher]).any(|part| WEAK.contains(&part) || part.starts_with("EXP"))
}
