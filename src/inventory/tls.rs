//! From the tree to a site's certificate and what goes with it.

use super::decode::{Decoder, Fields};
use super::node::{Node, Value};
use super::scalar::OffOrDuration;
use super::secret::{self, FromEnv};
use super::{listen, schema};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::{Listen, Pem, RemotePath, Tls};

/// A certificate, and where its listeners stand, in their order.
pub struct PlacedTls {
    /// The certificate.
    pub tls: Tls,
    /// Where each of its listeners stands.
    pub listen: Vec<Span>,
}

/// The certificate of a site that has the key `tls`.
pub fn decode(site: &Fields<'_>, decoder: &Decoder<'_>) -> Option<Option<PlacedTls>> {
    let Some(node) = site.get("tls") else { return Some(None) };
    let fields = decoder.fields(node, &schema::TLS)?;
    let certificate = pem("certificate", "-----BEGIN CERTIFICATE-----", &fields, decoder);
    let key = pem("key", "PRIVATE KEY-----", &fields, decoder);
    let listeners = listen::decode(&fields, Listen::Port(443), decoder);
    let redirect = fields.or_default::<bool>("redirect");
    let hsts = fields.or_default::<OffOrDuration>("hsts");
    let acme = fields.optional::<RemotePath>("acme");
    let listeners = listeners?;
    if listeners.is_empty() {
        let mistake = Diagnostic::new("HTTPS must listen somewhere", fields.place_of("listen"));
        return decoder.report(mistake.hint("write a port, such as `[443]`, or remove the key"));
    }
    let (listen, places) = listeners.into_iter().unzip();
    let tls = Tls { certificate: certificate?, key: key?, listen, redirect: redirect?, hsts: hsts?.0, acme: acme? };
    Some(Some(PlacedTls { tls, listen: places }))
}

/// A path on the host, or a text of the controller's environment that has `mark` in it.
fn pem(name: &str, mark: &str, tls: &Fields<'_>, decoder: &Decoder<'_>) -> Option<Pem> {
    let is_text = |node: &&Node| matches!(node.value, Value::Map(_));
    let Some(node) = tls.get(name).filter(is_text) else { return tls.required(name).map(Pem::Path) };
    let FromEnv { variable, value: text, place } = secret::from_env(node, &schema::PEM, decoder)?;
    if !text.contains(mark) {
        let (what, mark) = if name == "key" { ("private key", "-----BEGIN PRIVATE KEY-----") } else { (name, mark) };
        let mistake = Diagnostic::new(format!("the variable does not hold a {what} in PEM form"), place);
        return decoder.report(
            mistake.hint(format!(
                "put the whole file into it, with its line `{mark}`: `export NAME=\"$(cat {name}.pem)\"`"
            )),
        );
    }
    Some(Pem::Content { variable, text })
}
