//! What all sites of a host share.

use serde::Serialize;

use super::scope::Scope;
use super::server::{Protection, shared_protections};
use crate::model::layout;
use crate::model::{File, Target};
use crate::template::TemplateError;

const TEMPLATE: &str = "nginx-shared.conf.tera";

#[derive(Serialize)]
struct Page {
    protections: Vec<Protection>,
}

/// The file, where a site needs it.
pub(super) fn file(target: &Target, scope: &Scope) -> Option<Result<File, TemplateError>> {
    let page = || Page { protections: shared_protections() };
    let needed = target.sites.iter().any(|site| site.security_headers);
    needed.then(|| scope.file(layout::NGINX_SHARED.on_host(), TEMPLATE, &page()))
}
