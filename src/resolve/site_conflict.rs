//! Sites that are right by themselves but cannot share one Nginx. Sockets are compared as on a host with IPv6.

use crate::diagnostic::{Diagnostic, Span};
use crate::inventory::site::PlacedSite;
use crate::model::{Listen, ServerName};

/// Why two sites cannot share a host, if they cannot.
pub(super) fn between(earlier: &PlacedSite, site: &PlacedSite) -> Option<Diagnostic> {
    same_name(earlier, site).or_else(|| mixed_listener(earlier, site)).or_else(|| same_requests(earlier, site))
}

/// The names of a site's upstreams begin with its own, and Nginx compares those as it does host names.
fn same_name(first: &PlacedSite, second: &PlacedSite) -> Option<Diagnostic> {
    let (first, second) = if first.place <= second.place { (first, second) } else { (second, first) };
    let (one, other) = (&first.site.name, &second.site.name);
    one.as_str().eq_ignore_ascii_case(other.as_str()).then(|| {
        Diagnostic::new(format!("sites `{one}` and `{other}` have the same name for Nginx"), second.place)
            .related(first.place, "the other site")
            .hint("choose names that differ in more than capital letters")
    })
}

/// Nginx would serve only the first of two sites that answer the same names on the same listener.
fn same_requests(first: &PlacedSite, second: &PlacedSite) -> Option<Diagnostic> {
    let (first, second) = if first.place <= second.place { (first, second) } else { (second, first) };
    let (listener, place) = shared_listener(first, second)?;
    let (one, other) = (&first.site, &second.site);
    let both = format!("sites `{}` and `{}`", one.name, other.name);
    let names = shared_names(&one.server_names, &other.server_names);
    if let Some(names) = names {
        let hint = "give each site its own `server_names` or listener, or put the routes into one site";
        let same_route = other.routes.iter().zip(&second.routes).find_map(|(route, place)| {
            let earlier = one.routes.iter().position(|earlier| earlier.path == route.path)?;
            Some((&route.path, *place, first.routes.get(earlier).copied()?))
        });
        return Some(match same_route {
            Some((path, place, earlier)) => {
                Diagnostic::new(format!("{both} both claim the route `{path}` of {names} on {listener}"), place)
                    .related(earlier, format!("claimed by `{}`", one.name))
                    .hint(hint)
            }
            None => Diagnostic::new(format!("{both} both answer {names} on {listener}"), place)
                .related(first.place, "the other site")
                .hint(hint),
        });
    }
    (one.default_server && other.default_server).then(|| {
        Diagnostic::new(format!("{both} are both the default on {listener}"), second.place)
            .related(first.place, "the other default")
            .hint("write `default: false` in one of them")
    })
}

/// One of them would speak HTTPS to clients that speak plain HTTP, for Nginx decides by the socket alone.
fn mixed_listener(first: &PlacedSite, second: &PlacedSite) -> Option<Diagnostic> {
    let (first, second) = if first.place <= second.place { (first, second) } else { (second, first) };
    let listeners = |placed: &PlacedSite| -> Vec<(Listen, bool, Span)> {
        let plain = placed.site.listen.len();
        let places = placed.listen.iter().enumerate();
        placed.site.listeners().zip(places).map(|(listen, (at, place))| (listen, at >= plain, *place)).collect()
    };
    let others = listeners(first);
    listeners(second).into_iter().find_map(|(listen, tls, place)| {
        let (_, _, earlier) = others.iter().find(|(other, by_tls, _)| *by_tls != tls && share(*other, listen))?;
        let (one, other) = (&first.site.name, &second.site.name);
        let (here, there) = if tls { ("HTTPS", "plain HTTP") } else { ("plain HTTP", "HTTPS") };
        Some(
            Diagnostic::new(
                format!("site `{other}` would speak {here} on {}, where `{one}` speaks {there}", shown(listen)),
                place,
            )
            .related(*earlier, format!("{there} here"))
            .hint("give one of them another port"),
        )
    })
}

fn shared_listener(first: &PlacedSite, second: &PlacedSite) -> Option<(String, Span)> {
    second.site.listeners().zip(&second.listen).find_map(|(listen, place)| {
        first.site.listeners().any(|other| share(other, listen)).then(|| (shown(listen), *place))
    })
}

/// Whether two listeners have a socket in common, on a host with IPv6.
fn share(one: Listen, other: Listen) -> bool {
    let others = other.sockets();
    one.sockets().iter().any(|socket| others.iter().any(|other| other.address == socket.address))
}

fn shown(listen: Listen) -> String {
    match listen {
        Listen::Port(port) => format!("port {port}"),
        Listen::Address(address) => format!("`{address}`"),
    }
}

fn shared_names(first: &[ServerName], second: &[ServerName]) -> Option<String> {
    if first.is_empty() && second.is_empty() {
        return Some("any host name".to_owned());
    }
    let shared =
        first.iter().find(|name| second.iter().any(|other| other.as_str().eq_ignore_ascii_case(name.as_str())));
    shared.map(|name| format!("`{name}`"))
}
