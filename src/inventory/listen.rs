//! From the tree to the listeners of a site, plain or HTTPS.

use super::decode::{Decode as _, Decoder, Fields};
use crate::diagnostic::Span;
use crate::model::Listen;

/// The listeners below the key `listen`, which may be none; `default` where the key is absent.
pub fn decode(fields: &Fields<'_>, default: Listen, decoder: &Decoder<'_>) -> Option<Vec<(Listen, Span)>> {
    let Some(node) = fields.get("listen") else { return Some(vec![(default, fields.place)]) };
    let mut listeners: Vec<(Listen, Span)> = Vec::new();
    let mut complete = true;
    for item in decoder.list(node)? {
        match Listen::decode(item, decoder) {
            Some(listen) => match listeners.iter().find(|(earlier, _)| same_socket(*earlier, listen)) {
                Some((_, first)) => decoder.twice("this listener", item.span, *first),
                None => listeners.push((listen, item.span)),
            },
            None => complete = false,
        }
    }
    complete.then_some(listeners)
}

/// A port and the address that stands for all of IPv4 are two words for one socket. `[::]:80` beside `80` only says
/// that the host has IPv6.
fn same_socket(one: Listen, other: Listen) -> bool {
    one.sockets().first() == other.sockets().first()
}
