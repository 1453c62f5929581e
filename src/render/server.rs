//! What stands around the routes of a site: listeners, certificates, headers and limits.

use std::fmt::Write as _;

use serde::Serialize;

use super::app::seconds;
use super::tls;
use crate::digest::Digest;
use crate::model::{Listen, Rate, RateLimit, Site, SiteName, Socket, Tls};

/// Something to listen on.
#[derive(Serialize)]
pub(super) struct Listener {
    address: String,
    /// Only where the host has IPv6.
    if_ipv6: bool,
}

/// Each socket once; one that somebody wrote down is there in any case.
pub(super) fn listeners(sockets: impl IntoIterator<Item = Socket>) -> Vec<Listener> {
    let mut listeners: Vec<Listener> = Vec::new();
    for socket in sockets {
        let unspecified = socket.address.is_ipv4() && socket.address.ip().is_unspecified();
        let address = if unspecified { socket.address.port().to_string() } else { socket.address.to_string() };
        match listeners.iter_mut().find(|known| known.address == address) {
            Some(known) => known.if_ipv6 &= socket.if_ipv6,
            None => listeners.push(Listener { address, if_ipv6: socket.if_ipv6 }),
        }
    }
    listeners
}

/// A certificate and what goes with it.
#[derive(Serialize)]
pub(super) struct TlsContext {
    listen: Vec<Listener>,
    certificate: String,
    key: String,
    /// What a link to HTTPS has between host and path: nothing, or `:8443`.
    port: String,
    /// Seconds that browsers refuse plain HTTP; 0 when they are not told.
    hsts: u64,
    acme: Option<String>,
}

impl TlsContext {
    pub(super) fn new(site: &SiteName, tls: &Tls) -> Self {
        let ports: Vec<u16> = tls.listen.iter().map(|listen| listen.port()).collect();
        let port = match ports.first() {
            Some(port) if !ports.contains(&443) => format!(":{port}"),
            _ => String::new(),
        };
        Self {
            listen: listeners(tls.listen.iter().flat_map(|listen| listen.sockets())),
            certificate: tls::certificate(site, &tls.certificate).to_string(),
            key: tls::key(site, &tls.key).to_string(),
            port,
            hsts: tls.hsts.map_or(0, seconds),
            acme: tls.acme.as_ref().map(|folder| folder.to_string()),
        }
    }

    /// The same certificate on other listeners.
    pub(super) fn on(self, sockets: &[Socket]) -> Self {
        Self { listen: listeners(sockets.iter().copied()), ..self }
    }
}

/// A header that tells browsers to be careful, unless the app sends its own.
#[derive(Serialize)]
pub(super) struct Protection {
    name: &'static str,
    value: String,
    /// As Nginx calls it among the headers of an app's answer.
    sent: String,
    /// The end of the name of its own variable.
    variable: &'static str,
    /// Said only to who came by HTTPS.
    only_https: bool,
}

/// Our headers for `site`, but for those that the inventory gives another value.
pub(super) fn protections(site: &Site) -> Vec<Protection> {
    let mut protections = Vec::new();
    let mut add = |name: &'static str, variable: &'static str, value: String| {
        if !site.headers.keys().any(|header| header.as_str().eq_ignore_ascii_case(name)) {
            let sent = name.to_ascii_lowercase().replace('-', "_");
            protections.push(Protection { name, value, sent, variable, only_https: variable == "hsts" });
        }
    };
    if site.security_headers {
        add("X-Content-Type-Options", "nosniff", "nosniff".to_owned());
        add("X-Frame-Options", "frame", "SAMEORIGIN".to_owned());
        add("Referrer-Policy", "referrer", "strict-origin-when-cross-origin".to_owned());
    }
    if let Some(hsts) = site.tls.as_ref().and_then(|tls| tls.hsts) {
        add("Strict-Transport-Security", "hsts", format!("max-age={}", seconds(hsts)));
    }
    protections
}

/// How often one client may ask, in Nginx's terms.
#[derive(Serialize)]
pub(super) struct RateContext {
    rate: String,
    burst: u16,
    /// Requests of the burst that are answered at once.
    delay: u16,
}

impl RateContext {
    pub(super) fn new(limit: &RateLimit) -> Self {
        let rate = match limit.rate {
            Rate::PerSecond(count) => format!("{count}r/s"),
            Rate::PerMinute(count) => format!("{count}r/m"),
        };
        Self { rate, burst: limit.burst, delay: limit.burst / 2 }
    }
}

/// Where requests of the host itself come from: loopback, and each address that the site listens on.
pub(super) fn own_networks(site: &Site) -> Vec<String> {
    let mut networks = vec!["127.0.0.0/8".to_owned(), "::1/128".to_owned()];
    for listen in site.listeners() {
        let Listen::Address(address) = listen else { continue };
        if !address.ip().is_unspecified() && !address.ip().is_loopback() {
            networks.push(format!("{}/{}", address.ip(), if address.is_ipv4() { 32 } else { 128 }));
        }
    }
    networks.dedup();
    networks
}

/// A variable of Nginx may have 46 characters: its table of them has places of 64 bytes. This is what `provision_` before
/// and the longest of our words behind leave.
const LONGEST_SLUG: usize = 26;

/// A site's name as a part of a variable's name, which has lower-case letters, digits and `_` alone; no two sites, which differ
/// in more than capitals, give the same. Every other character becomes `_` and two digits, and the end of a long name its
/// digest, after a `__` that no short one has.
pub(super) fn slug(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let mut slug = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            slug.push(byte.into());
        } else {
            let _ = write!(slug, "_{byte:02x}");
        }
    }
    if slug.len() > LONGEST_SLUG {
        slug.truncate(LONGEST_SLUG - 10);
        slug.push_str("__");
        slug.push_str(Digest::of(name.as_bytes()).short(8));
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sites_share_variables() {
        assert_eq!(slug("airbnb"), "airbnb");
        assert_eq!(slug("my-site.example"), "my_2dsite_2eexample");
        let names = ["a-b", "a_b", "a.b", "ab", "a2db", "a_2db", "a-2db"];
        let mut slugs = names.map(slug);
        slugs.sort();
        assert!(slugs.windows(2).all(|pair| pair[0] != pair[1]), "{slugs:?}");
        let long = "a-very-long-name-for-a-site-".repeat(2);
        let (one, other) = (slug(&format!("{long}a")), slug(&format!("{long}b")));
        assert!(one != other && one.len() == LONGEST_SLUG, "{one} and {other}");
        assert_eq!(slug("Airbnb"), "airbnb", "Nginx makes no difference between capitals");
    }

    #[test]
    fn a_socket_is_listened_on_once() {
        let sockets = [Listen::Port(80), Listen::Address("[::]:80".parse().unwrap())];
        let listeners = listeners(sockets.iter().flat_map(|listen| listen.sockets()));
        let shown: Vec<_> = listeners.iter().map(|listener| (listener.address.as_str(), listener.if_ipv6)).collect();
        assert_eq!(shown, [("80", false), ("[::]:80", false)]);
    }
}
