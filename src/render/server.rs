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
            acme: tls.acme.as_ref().map(|folder| folder.to_string()),
        }
    }

    /// The same certificate on other listeners.
    pub(super) fn on(self, sockets: &[Socket]) -> Self {
        Self { listen: listeners(sockets.iter().copied()), ..self }
    }
}

/// A header that tells browsers to be careful, unless the app sends its own.
#[derive(Clone, Serialize)]
pub(super) struct Protection {
    name: &'static str,
    value: String,
    /// As Nginx calls it among the headers of an app's answer.
    sent: String,
    /// The variable that has the value, or nothing where the app sent its own.
    variable: String,
}

impl Protection {
    fn new(name: &'static str, variable: String, value: String) -> Self {
        Self { name, value, sent: name.to_ascii_lowercase().replace('-', "_"), variable }
    }

    /// Whether the inventory gives the header a value for that site.
    fn is_replaced(&self, site: &Site) -> bool {
        site.headers.keys().any(|header| header.as_str().eq_ignore_ascii_case(self.name))
    }
}

/// Those that all sites share. Nginx has room for few variables with long names, so that not every site can have its
/// own.
pub(super) fn shared_protections() -> Vec<Protection> {
    let header = |name, variable: &str, value: &str| Protection::new(name, variable.to_owned(), value.to_owned());
    vec![
        header("X-Content-Type-Options", "provision_nosniff", "nosniff"),
        header("X-Frame-Options", "provision_frame", "SAMEORIGIN"),
        header("Referrer-Policy", "provision_referrer", "strict-origin-when-cross-origin"),
    ]
}

/// Those that `site` adds, but for those that the inventory gives another value.
pub(super) fn protections(site: &Site) -> Vec<Protection> {
    let shared = if site.security_headers { shared_protections() } else { Vec::new() };
    shared.into_iter().filter(|protection| !protection.is_replaced(site)).collect()
}

/// What keeps browsers of `site` to HTTPS. It is said by HTTPS alone, and for as long as the site wants.
pub(super) fn hsts(site: &Site) -> Option<Protection> {
    let duration = site.tls.as_ref()?.hsts?;
    let variable = format!("provision_{}_hsts", slug(site.name.as_str()));
    let hsts = Protection::new("Strict-Transport-Security", variable, format!("max-age={}", seconds(duration)));
    (!hsts.is_replaced(site)).then_some(hsts)
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

/// Where requests of the host itself come from, beside `127.…`: IPv6's loopback, and each address that the site listens
/// on.
pub(super) fn own_addresses(site: &Site) -> Vec<String> {
    let mut addresses = vec!["::1".to_owned()];
    for listen in site.listeners() {
        let Listen::Address(address) = listen else { continue };
        let (everywhere, address) = (address.ip().is_unspecified(), address.ip().to_string());
        if !everywhere && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

/// A variable of Nginx may have 46 characters: its table of them has places of 64 bytes. This is what `provision_`
/// before and the longest of our words behind leave.
const LONGEST_SLUG: usize = 28;

/// A site's name as a part of a variable's name, which has lower-case letters, digits and `_` alone; no two sites,
/// which differ in more than capitals, give the same. Every other character becomes `_` and two digits, and the end of
/// a long name its digest, after a `__` that no short one has.
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
