//! The page that a site in maintenance shows.

use serde::Serialize;

use super::scope::Scope;
use crate::model::layout;
use crate::model::{File, Site};
use crate::template::TemplateError;

const TEMPLATE: &str = "maintenance.html.tera";

/// The page is the same for every site, and for everybody to read: it says nothing of the host.
#[derive(Serialize)]
struct Page {}

pub(super) fn page(site: &Site, scope: &Scope) -> Option<Result<File, TemplateError>> {
    site.maintenance.then(|| scope.file(layout::SITE_MAINTENANCE.of(&site.name), TEMPLATE, &Page {}))
}
