//! A certificate or key that the inventory brings along, as a file of the host.

use serde::Serialize;

use super::scope::Scope;
use super::secret;
use crate::model::layout::{self, Place};
use crate::model::{File, Form, Mode, Pem, RemotePath, Secret, Site, SiteName};
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
    let parts =
        [("certificate", layout::SITE_CERTIFICATE, &tls.certificate), ("private key", layout::SITE_KEY, &tls.key)];
    let file = |(what, place, pem): (&'static str, Place<SiteName>, &Pem)| {
        let Pem::Content { variable, text } = pem else { return None };
        let secret = Secret { variable: variable.clone(), value: text.clone(), form: Form::Pem };
        let file = scope.file(place.of(&site.name), TEMPLATE, &page(site, what, text));
        let secrets = [secret];
        let again = |marks: &[String]| scope.render(TEMPLATE, &page(site, what, &marks[0]));
        let secrecy = |content: &str| secret::secrecy(content, &secrets, again);
        // Nginx reads it as root, before its workers become another user.
        Some(file.map(|file| File {
            mode: Mode::new(0o600),
            secrets: secret::shapes(&secrets[0]),
            secrecy: secrecy(&file.content),
            ..file
        }))
    };
    parts.into_iter().filter_map(file).collect()
}

fn page<'a>(site: &'a Site, what: &'static str, pem: &'a str) -> Page<'a> {
    Page { site: Name { name: site.name.as_str() }, what, pem }
}

/// Where Nginx finds the certificate of a site.
pub(super) fn certificate(site: &SiteName, pem: &Pem) -> RemotePath {
    place(site, pem, &layout::SITE_CERTIFICATE)
}

/// Where Nginx finds the private key of a site.
pub(super) fn key(site: &SiteName, pem: &Pem) -> RemotePath {
    place(site, pem, &layout::SITE_KEY)
}

fn place(site: &SiteName, pem: &Pem, place: &Place<SiteName>) -> RemotePath {
    match pem {
        Pem::Path(path) => path.clone(),
        Pem::Content { .. } => place.of(site),
    }
}
