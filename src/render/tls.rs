//! A certificate or key that the inventory brings along, as a file of the host.

use serde::Serialize;

use super::paths;
use super::scope::Scope;
use crate::encode::pem;
use crate::model::{File, Mode, Pem, RemotePath, Site, SiteName};
use crate::template::TemplateError;

const TEMPLATE: &str = "tls.pem.tera";

#[derive(Serialize)]
struct Page<'a> {
    site: Name<'a>,
    what: &'static str,
    pem: &'a str,
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

/// The files of a site whose texts come with the inventory.
pub(super) fn files(site: &Site, scope: &Scope) -> Result<Vec<File>, TemplateError> {
    let Some(tls) = &site.tls else { return Ok(Vec::new()) };
    let parts = [("certificate", CERTIFICATE, &tls.certificate), ("private key", KEY, &tls.key)];
    let file = |(what, name, pem): (&'static str, &str, &Pem)| {
        let Pem::Content(text) = pem else { return None };
        let page = Page { site: Name { name: site.name.as_str() }, what, pem: text };
        let file = scope.file(paths::site_file(&site.name, name), TEMPLATE, &page);
        // Nginx reads it as root, before its workers become another user.
        Some(file.map(|file| File { mode: Mode::new(0o600), secrets: shapes(text), ..file }))
    };
    parts.into_iter().filter_map(file).collect()
}

const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "key.pem";

/// Where Nginx finds the certificate of a site.
pub(super) fn certificate(site: &SiteName, pem: &Pem) -> RemotePath {
    place(site, pem, CERTIFICATE)
}

/// Where Nginx finds the private key of a site.
pub(super) fn key(site: &SiteName, pem: &Pem) -> RemotePath {
    place(site, pem, KEY)
}

fn place(site: &SiteName, pem: &Pem, name: &str) -> RemotePath {
    match pem {
        Pem::Path(path) => path.clone(),
        Pem::Content(_) => paths::site_file(site, name),
    }
}

/// Every text by which it can be seen: whole, and, because a diff goes line by line, each line of base64.
fn shapes(text: &str) -> Vec<String> {
    let written = pem::blocks(text).unwrap_or_default();
    let lines = written.lines().filter(|line| !line.starts_with("-----")).map(str::to_owned);
    let mut shapes: Vec<String> = lines.chain([written.clone(), text.to_owned()]).collect();
    shapes.retain(|shape| !shape.trim().is_empty());
    shapes.sort_unstable_by_key(|shape| (std::cmp::Reverse(shape.len()), shape.clone()));
    shapes.dedup();
    shapes
}
