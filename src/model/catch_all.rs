//! Which sockets need a server of their own for host names that no site claims. Without one, Nginx would hand such
//! requests to the site whose file comes first, whoever that is.

use super::listen::Socket;
use super::site::Site;
use super::tls::Tls;

/// Sockets on which no site is the default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatchAll<'a> {
    /// Those that speak plain HTTP.
    pub plain: Vec<Socket>,
    /// Those that speak HTTPS, by the site whose certificate is shown where refusing without one is not possible.
    pub tls: Vec<(&'a Site, &'a Tls, Vec<Socket>)>,
}

impl<'a> CatchAll<'a> {
    /// The sockets of `sites` that no site claims whole, and that no site keeps out of this.
    #[must_use]
    pub fn of(sites: &'a [Site]) -> Self {
        let mut found = Self::default();
        for site in sites {
            for socket in free(site, site.listen.iter().flat_map(|listen| listen.sockets()), sites) {
                add(&mut found.plain, socket);
            }
            let Some(tls) = &site.tls else { continue };
            let mut sockets = Vec::new();
            for socket in free(site, tls.listen.iter().flat_map(|listen| listen.sockets()), sites) {
                match found.tls.iter_mut().find(|(_, _, known)| known.iter().any(|k| k.address == socket.address)) {
                    Some((_, _, known)) => add(known, socket),
                    None => add(&mut sockets, socket),
                }
            }
            if !sockets.is_empty() {
                found.tls.push((site, tls, sockets));
            }
        }
        found
    }

    /// Every site's sockets have a default.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.tls.is_empty()
    }

    /// All its sockets.
    pub fn sockets(&self) -> impl Iterator<Item = Socket> {
        self.plain.iter().chain(self.tls.iter().flat_map(|(_, _, sockets)| sockets)).copied()
    }
}

/// The sockets of `site` on which requests for unknown names would end by accident.
fn free(site: &Site, sockets: impl Iterator<Item = Socket>, sites: &[Site]) -> Vec<Socket> {
    let taken = |socket: &Socket| {
        let on_it =
            |other: &Site| other.listeners().flat_map(|l| l.sockets()).any(|known| known.address == socket.address);
        sites.iter().any(|other| (other.claims_any_name() || !other.catch_all) && on_it(other))
    };
    if site.claims_any_name() || !site.catch_all {
        return Vec::new();
    }
    sockets.filter(|socket| !taken(socket)).collect()
}

/// Each socket once; one that is written down is there in any case.
fn add(sockets: &mut Vec<Socket>, socket: Socket) {
    match sockets.iter_mut().find(|known| known.address == socket.address) {
        Some(known) => known.if_ipv6 &= socket.if_ipv6,
        None => sockets.push(socket),
    }
}
