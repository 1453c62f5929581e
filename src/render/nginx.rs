//! An Nginx site: which app answers which path.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Serialize;

use super::route::RouteContext;
use super::scope::Scope;
use super::server;
use super::server::{Listener, Protection, RateContext, TlsContext, hsts, listeners, own_addresses, protections};
use crate::model::layout;
use crate::model::{App, AppName, Bind, File, Link, Listen, RouteTo, Site, SiteName, Target};
use crate::template::TemplateError;

const TEMPLATE: &str = "nginx-site.conf.tera";

#[derive(Serialize)]
struct Page<'a> {
    site: &'a SiteContext,
}

/// A site in plain texts and numbers.
#[derive(Serialize)]
pub(super) struct SiteContext {
    name: String,
    /// The site's part of the names of Nginx's variables and zones, which all sites share.
    slug: String,
    listen: Vec<Listener>,
    tls: Option<TlsContext>,
    /// Plain HTTP leads to HTTPS alone.
    redirects: bool,
    default_server: bool,
    server_names: Vec<String>,
    protections: Vec<Protection>,
    hsts: Option<Protection>,
    headers: Vec<Header>,
    max_body: String,
    /// Networks of proxies that are believed.
    behind: Vec<String>,
    /// The variable that has the scheme of the client's own connection.
    scheme: String,
    /// Some port is neither HTTP's nor HTTPS' own, so that the app must learn it to build links.
    odd_port: bool,
    rate_limit: Option<RateContext>,
    /// Addresses of the host itself, from which its own checks come.
    own_addresses: Vec<String>,
    /// The page that is shown instead of everything.
    maintenance: Option<String>,
    access_log: String,
    error_log: String,
    upstreams: Vec<Upstream>,
    routes: Vec<RouteContext>,
}

#[derive(Serialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Upstream {
    name: String,
    app: String,
    server: String,
    /// Connections that each worker of Nginx keeps open; 0 where the app would not.
    keepalive: u16,
}

pub(super) fn site(site: &Site, target: &Target, scope: &Scope) -> Result<File, TemplateError> {
    let context = SiteContext::new(site, target)?;
    scope.file(layout::SITE.of(&site.name), TEMPLATE, &Page { site: &context })
}

/// The link that switches the site on.
pub(super) fn link(site: &SiteName) -> Link {
    Link { path: layout::SITE_LINK.of(site), to: layout::SITE.of(site) }
}

impl SiteContext {
    pub(super) fn new(site: &Site, target: &Target) -> Result<Self, TemplateError> {
        let mut upstreams: Vec<Upstream> = Vec::new();
        let mut routes = Vec::new();
        // Nobody gets as far as an app while the site is in maintenance.
        for route in site.routes.iter().filter(|_| !site.maintenance) {
            let app = app(target, site, route.to.app())?;
            let upstream = upstream_name(&site.name, &app.name);
            if matches!(route.to, RouteTo::App { .. }) && upstreams.iter().all(|known| known.name != upstream) {
                upstreams.push(Upstream {
                    name: upstream.clone(),
                    app: app.name.to_string(),
                    server: address(&app.bind),
                    keepalive: if app.threads > 1 { app.keepalive } else { 0 },
                });
            }
            routes.push(RouteContext::new(route, app, &upstream));
        }
        let headers = site.headers.iter().map(|(name, value)| Header { name: name.to_string(), value: value.clone() });
        let slug = server::slug(site.name.as_str());
        Ok(Self {
            name: site.name.to_string(),
            listen: listeners(site.listen.iter().flat_map(|listen| listen.sockets())),
            tls: site.tls.as_ref().map(|tls| TlsContext::new(&site.name, tls)),
            redirects: site.tls.as_ref().is_some_and(|tls| tls.redirect) && !site.listen.is_empty(),
            default_server: site.default_server,
            server_names: site.server_names.iter().map(ToString::to_string).collect(),
            protections: protections(site),
            hsts: hsts(site),
            headers: headers.collect(),
            max_body: size(site.max_body_bytes),
            behind: site.behind.iter().map(ToString::to_string).collect(),
            scheme: if site.behind.is_empty() { "$scheme".to_owned() } else { format!("$provision_{slug}_scheme") },
            odd_port: odd_port(site),
            rate_limit: site.rate_limit.as_ref().map(RateContext::new),
            own_addresses: own_addresses(site),
            maintenance: site.maintenance.then(|| layout::SITE_MAINTENANCE.of(&site.name).to_string()),
            slug,
            access_log: layout::SITE_ACCESS_LOG.of(&site.name).to_string(),
            error_log: layout::SITE_ERROR_LOG.of(&site.name).to_string(),
            upstreams,
            routes,
        })
    }
}

fn app<'a>(target: &'a Target, site: &Site, name: &AppName) -> Result<&'a App, TemplateError> {
    target.app(name).ok_or_else(|| {
        TemplateError::whole(
            TEMPLATE,
            format!("site `{}` sends requests to app `{name}`, which host `{}` does not run", site.name, target.host),
            format!("add `{name}` to the host's apps, or take its routes off the site"),
        )
    })
}

/// Unique among all sites of the host: no app's name has a dot.
fn upstream_name(site: &SiteName, app: &AppName) -> String {
    format!("{site}.{app}")
}

/// The address at which Nginx, on the same host, reaches the app.
fn address(bind: &Bind) -> String {
    match bind {
        Bind::Unix(path) => format!("unix:{path}"),
        Bind::Tcp(address) => {
            let mut address = *address;
            if address.ip().is_unspecified() {
                address.set_ip(match address.ip() {
                    IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                    IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
                });
            }
            address.to_string()
        }
    }
}

/// A load balancer in front has ports of its own, and of this one nobody knows.
fn odd_port(site: &Site) -> bool {
    let odd = |own: u16| move |listen: &Listen| listen.port() != own;
    site.behind.is_empty() && (site.listen.iter().any(odd(80)) || site.tls_listen().iter().any(odd(443)))
}

/// Nginx's own way to write a size.
fn size(bytes: u64) -> String {
    match bytes {
        0 => "0".to_owned(),
        bytes if bytes.is_multiple_of(1 << 20) => format!("{}m", bytes >> 20),
        bytes if bytes.is_multiple_of(1 << 10) => format!("{}k", bytes >> 10),
        bytes => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_addresses_are_in_nginx_terms() {
        assert_eq!(size(1 << 20), "1m");
        assert_eq!(size(1536), "1536");
        assert_eq!(size(2048), "2k");
        assert_eq!(address(&Bind::Tcp("0.0.0.0:5000".parse().unwrap())), "127.0.0.1:5000");
        assert_eq!(address(&Bind::Tcp("[::]:5000".parse().unwrap())), "[::1]:5000");
        assert_eq!(address(&Bind::Unix("/run/a.sock".parse().unwrap())), "unix:/run/a.sock");
    }
}
