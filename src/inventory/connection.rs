//! From the tree to a connection.

use super::address::Port;
use super::decode::Decoder;
use super::node::{Entry, Node, Value};
use super::scalar::{Argument, Text};
use super::schema;
use crate::diagnostic::Span;
use crate::model::Connection;

/// The connection to `address` that `node`, an `ssh:` mapping, describes.
pub fn decode(node: &Node, address: String, decoder: &Decoder<'_>) -> Option<Connection> {
    let fields = decoder.fields(node, &schema::SSH)?;
    let user = fields.optional::<Argument>("user");
    let port = fields.optional::<Port>("port");
    let escalate = fields.or_default("become");
    let identity = fields.optional::<Text>("identity");
    let private_key = fields.optional::<Text>("private_key");
    let known_hosts = fields.optional::<Text>("known_hosts");
    let connect_timeout = fields.or_default("connect_timeout");
    let persist = fields.or_default("persist");
    if fields.get("identity").is_some() && fields.get("private_key").is_some() {
        decoder.twice("the private key", fields.place_of("private_key"), fields.place_of("identity"));
    }
    let path = |Text(path): Text| decoder.local_path(&path);
    Some(Connection {
        address,
        port: port?.map(|Port(port)| port),
        user: user?.map(|Argument(user)| user),
        identity: identity?.or(private_key?).map(path),
        known_hosts: known_hosts?.map(path),
        escalate: escalate?,
        connect_timeout: connect_timeout?,
        persist: persist?,
    })
}

/// One `ssh:` mapping of several, of which later ones override earlier ones key by key.
pub fn merge<'n>(layers: impl IntoIterator<Item = &'n Node>) -> Node {
    let mut entries: Vec<Entry> = Vec::new();
    for layer in layers {
        let Value::Map(overriding) = &layer.value else { continue };
        for entry in overriding {
            let mut entry = entry.clone();
            if entry.key.text == "private_key" {
                entry.key.text = "identity".to_owned();
            }
            entries.retain(|earlier| earlier.key.text != entry.key.text);
            entries.push(entry);
        }
    }
    Node { value: Value::Map(entries), span: Span::default() }
}
