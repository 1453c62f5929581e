//! An Nginx site: which app answers which path.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Serialize;

use super::app::seconds;
use super::scope::Scope;
use super::server::{Listener, Protection, RateContext, TlsContext, listeners, own_networks, protections};
use super::{paths, server};
use crate::model::{App, AppName, Bind, File, Link, Listen, Route, RouteTo, Site, SiteName, Target, UrlPath};
use crate::template::TemplateError;

const TEMPLATE: &str = "nginx-site.conf.tera";

/// Nginx waits this much longer than gunicorn does, so that gunicorn ends a stuck request and says why in its log.
const READ_MARGIN: u64 = 5;

/// What stands for "no limit": gunicorn's timeout can be switched off, Nginx's cannot.
const LONGEST_READ: u64 = 24 * 60 * 60;

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
    headers: Vec<Header>,
    max_body: String,
    /// Networks of proxies that are believed.
    behind: Vec<String>,
    /// The variable that has the scheme of the client's own connection.
    scheme: String,
    /// Some port is neither HTTP's nor HTTPS' own, so that the app must learn it to build links.
    odd_port: bool,
    rate_limit: Option<RateContext>,
    /// Networks of the host itself, from which its own checks come.
    own_networks: Vec<String>,
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

/// One `location`. `folder` is for files; `upstream`, `pass` and `read_timeout` are for an app.
#[derive(Serialize)]
struct RouteContext {
    /// What Nginx compares: percent-decoded, as Nginx decodes the request.
    location: String,
    app: String,
    folder: Option<String>,
    /// Seconds that browsers keep a file; 0 makes them ask each time.
    cache: u64,
    /// Matches dotfiles in the folder, where the path itself would be taken for one, such as `/.well-known/`.
    dotfiles: Option<String>,
    /// The same path without its final slash, where the app decides what that means.
    without_slash: Option<String>,
    pass: String,
    read_timeout: u64,
    /// The prefix that the app does not see, without a final slash.
    strip: Option<String>,
}

pub(super) fn site(site: &Site, target: &Target, scope: &Scope) -> Result<File, TemplateError> {
    let context = SiteContext::new(site, target)?;
    let (available, _) = paths::site(&site.name);
    scope.file(available, TEMPLATE, &Page { site: &context })
}

/// The link that switches the site on.
pub(super) fn link(site: &SiteName) -> Link {
    let (available, enabled) = paths::site(site);
    Link { path: enabled, to: available }
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
            headers: headers.collect(),
            max_body: size(site.max_body_bytes),
            behind: site.behind.iter().map(ToString::to_string).collect(),
            scheme: if site.behind.is_empty() { "$scheme".to_owned() } else { format!("$provision_{slug}_scheme") },
            odd_port: odd_port(site),
            rate_limit: site.rate_limit.as_ref().map(RateContext::new),
            own_networks: own_networks(site),
            maintenance: site.maintenance.then(|| paths::site_file(&site.name, "maintenance.html").to_string()),
            slug,
            access_log: format!("/var/log/nginx/{}.access.log", site.name),
            error_log: format!("/var/log/nginx/{}.error.log", site.name),
            upstreams,
            routes,
        })
    }
}

impl RouteContext {
    fn new(route: &Route, app: &App, upstream: &str) -> Self {
        let base = Self {
            location: percent_decode(&route.path),
            app: app.name.to_string(),
            folder: None,
            cache: 0,
            dotfiles: None,
            without_slash: None,
            pass: format!("http://{upstream}"),
            read_timeout: if app.timeout.is_zero() { LONGEST_READ } else { seconds(app.timeout) + READ_MARGIN },
            strip: None,
        };
        match &route.to {
            RouteTo::Files { folder, cache, .. } => {
                let folder = format!("{}/{folder}/", paths::current(&app.name));
                Self { folder: Some(folder), cache: seconds(*cache), dotfiles: dotfiles(&base.location), ..base }
            }
            RouteTo::App { strip, .. } => match strip.as_ref().and_then(|strip| stripped(&route.path, strip)) {
                Some((strip, rest)) => Self { pass: format!("http://{upstream}{rest}"), strip: Some(strip), ..base },
                None => Self { without_slash: without_slash(&base.location), ..base },
            },
        }
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

/// The prefix that is taken off `path`, and what is left of it; `None` when nothing is.
fn stripped(path: &UrlPath, strip: &UrlPath) -> Option<(String, String)> {
    let strip = strip.as_str().trim_end_matches('/');
    let rest = path.as_str().strip_prefix(strip).filter(|rest| !strip.is_empty() && rest.starts_with('/'))?;
    Some((strip.to_owned(), rest.to_owned()))
}

/// `/api` for `/api/`; `None` for `/`.
fn without_slash(location: &str) -> Option<String> {
    location.strip_suffix('/').filter(|path| !path.is_empty()).map(str::to_owned)
}

/// A pattern for dotfiles below a location that has a part with a leading dot itself: it counts the location's bytes, so
/// that nothing of it stands in the pattern. `(?s)` lets a dot match a line break too, which a request can encode.
fn dotfiles(location: &str) -> Option<String> {
    location.contains("/.").then(|| format!("(?s)^.{{{}}}(.*/)?[.]", location.len()))
}

/// Nginx compares a location with the decoded path. What does not decode to text stays as it is.
fn percent_decode(path: &UrlPath) -> String {
    let mut bytes = Vec::with_capacity(path.as_str().len());
    let mut rest = path.as_str();
    while let Some(at) = rest.find('%') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let digits = rest.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[at + 3..];
            }
            None => {
                bytes.push(b'%');
                rest = &rest[at + 1..];
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> UrlPath {
        path.parse().unwrap()
    }

    #[test]
    fn a_prefix_is_stripped_only_at_a_slash() {
        let stripped = |path, strip| stripped(&url(path), &url(strip));
        let parts = |strip: &str, rest: &str| Some((strip.to_owned(), rest.to_owned()));
        assert_eq!(stripped("/shop/", "/shop"), parts("/shop", "/"));
        assert_eq!(stripped("/shop/", "/shop/"), parts("/shop", "/"));
        assert_eq!(stripped("/shop/v1/", "/shop"), parts("/shop", "/v1/"));
        assert_eq!(stripped("/shopping/", "/shop"), None);
        assert_eq!(stripped("/shop/", "/"), None);
    }

    #[test]
    fn locations_are_decoded_as_nginx_decodes_requests() {
        assert_eq!(percent_decode(&url("/a%20b/%C3%A9/")), "/a b/é/");
        assert_eq!(percent_decode(&url("/100%/%zz/%FF/")), "/100%/%zz/%FF/");
        assert_eq!(percent_decode(&url("/a%+4b/")), "/a%+4b/");
    }

    #[test]
    fn dotfiles_are_looked_for_below_the_location() {
        assert_eq!(dotfiles("/static/"), None);
        assert_eq!(dotfiles("/.well-known/").as_deref(), Some("(?s)^.{13}(.*/)?[.]"));
    }

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
