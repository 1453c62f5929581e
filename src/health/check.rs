//! How to tell that each app works: asked directly, and through every site that routes to it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{App, AppName, Bind, Listen, Route, Site, StatusRange, Target};

/// One request that must be answered well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// The app that is asked.
    pub app: AppName,
    /// What is asked, for people.
    #[serde(deserialize_with = "crate::outside::deserialize_phrase")]
    pub label: String,
    /// Where the request goes, seen from the host itself.
    pub endpoint: Endpoint,
    /// Speak HTTPS there. Who answers is known from the address, so the certificate is not judged.
    #[serde(default)]
    pub tls: bool,
    /// The `Host` header.
    #[serde(deserialize_with = "crate::outside::deserialize_phrase")]
    pub host: String,
    /// The request path.
    #[serde(deserialize_with = "crate::outside::deserialize_phrase")]
    pub path: String,
    /// The statuses that count as healthy.
    pub status: StatusRange,
    /// How long it may take to become healthy.
    pub timeout: Duration,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// An address of the host itself.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(String),
}

/// Any answer of a working app when the inventory does not say what a healthy one looks like.
const ANY_ANSWER: StatusRange = StatusRange { first: 100, last: 499 };

/// The checks of all apps of a target.
pub fn checks(target: &Target) -> Vec<HealthCheck> {
    let mut checks: Vec<HealthCheck> = target.apps.iter().map(direct).collect();
    for site in &target.sites {
        for app in &target.apps {
            checks.extend(through_site(site, app));
        }
    }
    checks
}

/// What the new release of each app is asked before it goes live, on a socket of its own: what it is asked directly,
/// under the names of its sites too. The first check of an app is the direct one.
#[must_use]
pub fn proofs(checks: &[HealthCheck]) -> Vec<HealthCheck> {
    let mut proofs: Vec<HealthCheck> = vec![];
    for check in checks {
        let Some(direct) = proofs.iter().find(|proof| proof.app == check.app) else {
            proofs.push(HealthCheck { label: format!("the new {}", check.app), ..check.clone() });
            continue;
        };
        let HealthCheck { host, tls, status, .. } = check.clone();
        let proof = HealthCheck { host, tls, status, ..direct.clone() };
        let is_known =
            |known: &HealthCheck| known.app == proof.app && (&known.host, known.tls) == (&proof.host, proof.tls);
        if !proofs.iter().any(is_known) {
            proofs.push(proof);
        }
    }
    proofs
}

fn direct(app: &App) -> HealthCheck {
    let endpoint = match &app.bind {
        Bind::Tcp(address) => Endpoint::Tcp(reachable(*address)),
        Bind::Unix(path) => Endpoint::Unix(path.to_string()),
    };
    HealthCheck {
        app: app.name.clone(),
        label: format!("{} directly", app.name),
        endpoint,
        tls: false,
        host: "localhost".to_owned(),
        path: app.health.path.as_ref().map_or_else(|| "/".to_owned(), ToString::to_string),
        status: app.health.status,
        timeout: app.health.timeout,
    }
}

fn through_site(site: &Site, app: &App) -> Option<HealthCheck> {
    if site.maintenance {
        return None;
    }
    let routes = || site.routes.iter().filter(|route| route.to.answering() == Some(&app.name));
    let first = routes().next()?;
    let mapped = app.health.path.as_ref().and_then(|path| {
        routes().find_map(|route| {
            let outside = format!("{}{path}", route.to.strip());
            (best_route(site, &outside) == Some(route)).then_some(outside)
        })
    });
    // The health path may lie outside every route; then any answer that is not a failure proves the way to the app.
    let (path, status) = match mapped {
        Some(path) => (path, app.health.status),
        None => (first.path.to_string(), ANY_ANSWER),
    };
    // Plain HTTP may only lead to HTTPS, which proves nothing of the app.
    let (listen, tls) = match site.tls_listen().first() {
        Some(listen) => (listen, true),
        None => (site.listen.first()?, false),
    };
    let address = match listen {
        Listen::Port(port) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), *port),
        Listen::Address(address) => reachable(*address),
    };
    Some(HealthCheck {
        app: app.name.clone(),
        label: format!("{} through {}", app.name, site.name),
        endpoint: Endpoint::Tcp(address),
        tls,
        host: name_of(site),
        path,
        status,
        timeout: app.health.timeout,
    })
}

/// A name that the site answers to: `*.example.com` answers to every name below it, `.example.com` also to itself.
#[must_use]
pub fn name_of(site: &Site) -> String {
    let named = site.server_names.first().map(|name| name.as_str().trim_start_matches('.').replace('*', "www"));
    named.unwrap_or_else(|| "localhost".to_owned())
}

/// Nginx's rule: the longest matching prefix wins.
fn best_route<'a>(site: &'a Site, path: &str) -> Option<&'a Route> {
    let matching = site.routes.iter().filter(|route| path.starts_with(route.path.as_str()));
    matching.max_by_key(|route| route.path.as_str().len())
}

/// A listening address as a client on the same host reaches it.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_release_is_asked_once_under_each_name_for_what_it_is_asked_directly() {
        let check = |app: &str, host: &str, tls: bool, path: &str| HealthCheck {
            app: app.parse().expect("a name"),
            label: format!("{app} through {host}"),
            endpoint: Endpoint::Tcp(([127, 0, 0, 1], 80).into()),
            tls,
            host: host.to_owned(),
            path: path.to_owned(),
            status: StatusRange { first: 200, last: 200 },
            timeout: Duration::from_secs(5),
        };
        let checks = [
            check("web", "localhost", false, "/status"),
            check("api", "localhost", false, "/"),
            check("web", "www.example.com", true, "/shop/status"),
            check("web", "localhost", false, "/shop/status"),
        ];
        let asked: Vec<_> = proofs(&checks)
            .into_iter()
            .map(|proof| (proof.app.to_string(), proof.host, proof.tls, proof.path, proof.label))
            .collect();
        let expected = |app: &str, host: &str, tls: bool, path: &str| {
            (app.to_owned(), host.to_owned(), tls, path.to_owned(), format!("the new {app}"))
        };
        assert_eq!(
            asked,
            [
                expected("web", "localhost", false, "/status"),
                expected("api", "localhost", false, "/"),
                expected("web", "www.example.com", true, "/status"),
            ]
        );
    }
}
