//! Rules for Nginx.

mod access;
mod headers;
mod location;
mod paths;
mod read;
mod servers;
mod tls;
mod upstream;
mod variables;
mod words;

pub use servers::{Listener, Server, servers};

use super::found::Found;
use super::host::Host;
use super::rule::Rule;
use super::source::Language;
use read::Config;

pub static RULES: &[&Rule] = &[
    &words::SYNTAX,
    &words::UNKNOWN_DIRECTIVE,
    &words::LATER_DIRECTIVE,
    &paths::ALIAS_TRAVERSAL,
    &paths::ALIAS_SLASH,
    &paths::PROXY_PASS_PATH,
    &paths::UNESCAPED_DOT,
    &headers::HOST_SPOOFING,
    &headers::REDIRECT_SERVER_NAME,
    &headers::ADD_HEADER_DROPPED,
    &headers::PROXY_HEADER_DROPPED,
    &variables::HTTP_SPLITTING,
    &upstream::SSRF,
    &upstream::RESOLVER,
    &access::IF_IN_LOCATION,
    &access::ALLOW_WITHOUT_DENY,
    &access::REFERERS_NONE,
    &access::VERSION_DISCLOSURE,
    &tls::WEAK_PROTOCOL,
    &tls::DEFAULT_PROTOCOLS,
    &tls::WEAK_CIPHER,
    &servers::DUPLICATE_DEFAULT,
    &servers::NO_DEFAULT,
    &servers::DUPLICATE_NAME,
];

/// Checks all files of Nginx on a host.
pub(super) fn check(files: &mut [Found<'_>], host: &Host) {
    let mut configs: Vec<(usize, Config)> = vec![];
    for (index, found) in files.iter_mut().enumerate() {
        if found.language != Language::Nginx {
            continue;
        }
        let config = read::read(found.source.content);
        for node in config.nodes() {
            if node.directive.block.is_some() {
                found.blocks.push((node.directive.line, node.directive.last_line));
            }
        }
        words::check(found, &config, host);
        paths::check(found, &config);
        headers::check(found, &config);
        variables::check(found, &config);
        upstream::check(found, &config);
        access::check(found, &config);
        tls::check(found, &config, host);
        configs.push((index, config));
    }
    servers::check(files, &configs);
}
