//! From the tree to a site.

use std::time::Duration;

use indexmap::IndexMap;

use super::decode::{Decode, Decoder, Fields};
use super::node::{Entry, Name, Node, Value};
use super::renamed::renamed_from;
use super::scalar::{Count, Line, Size};
use super::{listen, schema, tls};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::{
    AppName, HeaderName, Listen, Network, Rate, RateLimit, RelativePath, Route, RouteTo, ServerName, Site, Socket, Tls,
    UrlPath,
};

/// Nginx keeps the length of a location in one byte: it takes one of 301 bytes for its first 45, and every path that
/// begins with them.
const LONGEST_PATH: usize = 255;

/// A site and the places that a clash with another site points at.
#[derive(Debug, Clone)]
pub struct PlacedSite {
    /// The site.
    pub site: Site,
    /// Where it begins.
    pub place: Span,
    /// Where each of its listeners stands, in the order of [`Site::listeners`].
    pub listen: Vec<Span>,
    /// Where each of its routes stands, in their order.
    pub routes: Vec<Span>,
}

/// The site called `name` that `node` describes.
pub fn decode(name: &Name, node: &Node, decoder: &Decoder<'_>) -> Option<PlacedSite> {
    let site_name = decoder.check(name.text.parse(), name.span);
    // Shown by its name, however it is written.
    let node = Node { value: node.value.clone(), span: name.span };
    let fields = decoder.fields(&node, &schema::SITE)?;
    let listen = listen::decode(&fields, Listen::Port(80), decoder);
    let tls = tls::decode(&fields, decoder);
    let renamed_from = renamed_from("site", &fields, &decoder.names.sites, decoder);
    let server_names = fields.or_empty::<Vec<ServerName>>("server_names");
    let default = fields.optional::<bool>("default");
    let catch_all = fields.or_default::<bool>("catch_all");
    let security_headers = fields.or_default::<bool>("security_headers");
    let headers = headers(&fields, decoder);
    let max_body = fields.or_default::<Size>("max_body");
    let behind = fields.or_empty::<Vec<Network>>("behind");
    let rate_limit = rate_limit(&fields, decoder);
    let maintenance = fields.or_default::<bool>("maintenance");
    let routes = match fields.get("routes") {
        Some(node) => routes(node, decoder),
        None => fields.required::<Line>("routes").and(None),
    };
    let (tls, tls_places) = tls?.map_or((None, Vec::new()), |placed| (Some(placed.tls), placed.listen));
    let (listen, mut listen_places): (Vec<Listen>, Vec<Span>) = listen?.into_iter().unzip();
    listen_places.extend(tls_places);
    check_listeners(&listen, tls.as_ref(), &listen_places, fields.place_of("listen"), decoder)?;
    let (routes, route_places): (Vec<Route>, Vec<Span>) = routes?.into_iter().unzip();
    check_acme(tls.as_ref(), &routes, &route_places, decoder)?;
    let server_names = server_names?;
    let site = Site {
        name: site_name?,
        renamed_from: renamed_from?,
        listen,
        tls,
        default_server: default?.unwrap_or(server_names.is_empty()),
        server_names,
        catch_all: catch_all?,
        security_headers: security_headers?,
        headers: headers?,
        max_body_bytes: max_body?.0,
        behind: behind?,
        rate_limit: rate_limit?,
        maintenance: maintenance?,
        routes,
    };
    Some(PlacedSite { site, place: name.span, listen: listen_places, routes: route_places })
}

fn check_listeners(
    plain: &[Listen],
    tls: Option<&Tls>,
    places: &[Span],
    place: Span,
    decoder: &Decoder<'_>,
) -> Option<()> {
    let Some(tls) = tls else {
        if plain.is_empty() {
            let mistake = Diagnostic::new("a site must listen somewhere", place);
            return decoder.report(mistake.hint("write a port, such as `[80]`, or remove the key"));
        }
        return Some(());
    };
    for (at, listen) in tls.listen.iter().enumerate() {
        let address = |socket: &Socket| socket.address;
        let taken: Vec<_> = listen.sockets().iter().map(address).collect();
        let both = |plain: &Listen| plain.sockets().iter().map(address).any(|address| taken.contains(&address));
        if let Some(other) = plain.iter().position(both) {
            let mistake = Diagnostic::new("one listener cannot speak plain HTTP and HTTPS", places[plain.len() + at]);
            let hint = "give `tls` another port than `listen`, or write `listen: []` for HTTPS alone";
            return decoder.report(mistake.related(places[other], "plain HTTP here").hint(hint));
        }
    }
    Some(())
}

/// Both would be the same `location` of one server.
fn check_acme(tls: Option<&Tls>, routes: &[Route], places: &[Span], decoder: &Decoder<'_>) -> Option<()> {
    if tls.is_none_or(|tls| tls.acme.is_none() || tls.redirect) {
        return Some(());
    }
    let taken = routes.iter().position(|route| route.path.as_str() == "/.well-known/acme-challenge/");
    let Some(at) = taken else { return Some(()) };
    let mistake = Diagnostic::new("challenges are answered from the folder `acme` already", places[at]);
    decoder.report(mistake.hint("remove the route, or `acme` below `tls`"))
}

fn rate_limit(site: &Fields<'_>, decoder: &Decoder<'_>) -> Option<Option<RateLimit>> {
    let Some(node) = site.get("rate_limit") else { return Some(None) };
    let fields = decoder.fields(node, &schema::RATE_LIMIT)?;
    let rate = fields.required::<Rate>("rate");
    let burst = fields.or_default::<Count<0, 10_000>>("burst");
    Some(Some(RateLimit { rate: rate?, burst: burst?.0 }))
}

fn headers(site: &Fields<'_>, decoder: &Decoder<'_>) -> Option<IndexMap<HeaderName, String>> {
    let Some(node) = site.get("headers") else { return Some(IndexMap::new()) };
    let entries = decoder.entries(node, "headers")?;
    for (at, entry) in entries.iter().enumerate() {
        // Capital letters make no difference: clients would see the header twice.
        if let Some(first) = entries[..at].iter().find(|first| first.key.text.eq_ignore_ascii_case(&entry.key.text)) {
            decoder.twice(&format!("header `{}`", entry.key.text), entry.key.span, first.key.span);
        }
    }
    let pairs: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let name = decoder.check(entry.key.text.parse(), entry.key.span);
            let value = Line::decode(&entry.value, decoder);
            Some((name?, value?.0))
        })
        .collect();
    pairs.into_iter().collect()
}

fn routes(node: &Node, decoder: &Decoder<'_>) -> Option<Vec<(Route, Span)>> {
    let entries = decoder.entries(node, "routes")?;
    if entries.is_empty() && !matches!(node.value, Value::Unknown) {
        let mistake = Diagnostic::new("a site needs at least one route", node.span);
        return decoder.report(mistake.hint("write `routes: { /: { app: NAME } }`"));
    }
    let routes: Vec<_> = entries.into_iter().map(|entry| route(entry, decoder)).collect();
    routes.into_iter().collect()
}

fn route(entry: &Entry, decoder: &Decoder<'_>) -> Option<(Route, Span)> {
    let path = route_path(&entry.key, decoder);
    let fields = decoder.fields(&entry.value, &schema::ROUTE)?;
    let app = fields.required::<Name>("app").and_then(|name| known_app(&name, decoder));
    let strip = fields.optional::<UrlPath>("strip");
    let folder = fields.optional::<RelativePath>("files");
    let cache = fields.or_default::<Duration>("cache");
    if fields.get("cache").is_some() && fields.get("files").is_none() {
        let mistake = Diagnostic::new("`cache` has no meaning for an app", fields.place_of("cache"));
        return decoder.report(mistake.hint("remove it: the app says by itself how long its answers keep"));
    }
    if let (Some(path), Some(Some(strip))) = (&path, &strip) {
        check_strip(path, strip, fields.place_of("strip"), decoder)?;
    }
    let to = match (strip?, folder?) {
        (Some(_), Some(_)) => {
            let mistake = Diagnostic::new("`strip` has no meaning for files", fields.place_of("strip"));
            return decoder.report(
                mistake
                    .related(fields.place_of("files"), "served by Nginx itself")
                    .hint("remove `strip`: what follows the route's path is looked up in the folder"),
            );
        }
        (strip, None) => RouteTo::App { app: app?, strip },
        (None, Some(folder)) => RouteTo::Files { app: app?, folder, cache: cache? },
    };
    Some((Route { path: path?, to }, entry.key.span))
}

/// The app names that the routes of a site write, whatever else is wrong with it.
pub fn apps_in_words(site: &Node) -> Vec<&str> {
    let routes = values_of(site, "routes").into_iter().flat_map(|routes| match &routes.value {
        Value::Map(entries) => entries.iter().map(|entry| &entry.value).collect(),
        _ => vec![],
    });
    let apps = routes.flat_map(|route| values_of(route, "app"));
    apps.filter_map(|app| if let Value::Scalar(scalar) = &app.value { Some(scalar.text.as_str()) } else { None })
        .collect()
}

fn values_of<'n>(node: &'n Node, key: &str) -> Vec<&'n Node> {
    match &node.value {
        Value::Map(entries) => entries.iter().filter(|entry| entry.key.text == key).map(|entry| &entry.value).collect(),
        _ => vec![],
    }
}

/// The app of that name, if the inventory defines it. A name that is no app name is reported where it is defined.
pub fn known_app(name: &Name, decoder: &Decoder<'_>) -> Option<AppName> {
    decoder.known("app", name, decoder.names.apps.iter().map(String::as_str))?;
    name.text.parse().ok()
}

fn route_path(key: &Name, decoder: &Decoder<'_>) -> Option<UrlPath> {
    let text = &key.text;
    let wrong = |hint: String| {
        decoder.report(Diagnostic::new(format!("`{text}` is not the path of a route"), key.span).hint(hint))
    };
    if !text.starts_with('/') || !text.ends_with('/') {
        let core = text.trim_matches('/');
        return wrong(format!(
            "write `/{core}/`: it begins with `/`, and ends with `/` so that `/api` does not match `/apifoo`"
        ));
    }
    if text.contains("//") || text.contains(['?', '*', '(', ')']) {
        return wrong("write plain path segments: no empty ones, no query and no pattern".to_owned());
    }
    if text.len() > LONGEST_PATH {
        return wrong(format!(
            "write at most {LONGEST_PATH} bytes: Nginx would take a longer one for its first bytes alone"
        ));
    }
    if encodes_plain(text) {
        return wrong(
            "write letters, digits, `-`, `.`, `_`, `~` and `/` as they are: Nginx compares paths decoded".to_owned(),
        );
    }
    decoder.check(text.parse(), key.span)
}

/// Whether a character is percent-encoded that need not be: the path would be another than it looks, or, with an
/// encoded `/` or dot, one that no request has once Nginx has decoded and tidied it.
fn encodes_plain(text: &str) -> bool {
    text.match_indices('%').any(|(at, _)| {
        let digits = text.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).is_some_and(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') || byte.is_ascii_control()
        })
    })
}

/// A prefix can be taken off if it ends where a segment of the path does.
fn check_strip(path: &UrlPath, strip: &UrlPath, place: Span, decoder: &Decoder<'_>) -> Option<()> {
    let text = strip.as_str();
    let bare = text.trim_end_matches('/');
    let hint = if bare.is_empty() {
        "remove `strip`: without it the app sees the whole path".to_owned()
    } else if text.ends_with('/') {
        format!("write `{bare}`, without the final `/`")
    } else if path.as_str().strip_prefix(text).is_some_and(|rest| rest.starts_with('/')) {
        return Some(());
    } else {
        let whole = path.as_str().trim_end_matches('/');
        if whole.is_empty() {
            "remove `strip`: this route has no prefix".to_owned()
        } else {
            format!("write whole segments of the route's path, such as `{whole}`")
        }
    };
    decoder.report(Diagnostic::new(format!("`{text}` cannot be stripped from `{path}`"), place).hint(hint))
}
