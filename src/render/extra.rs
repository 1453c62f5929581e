//! Files that the model has no word for, rendered from the user's own templates.

use serde::Serialize;

use super::app::AppContext;
use super::nginx::SiteContext;
use super::scope::Scope;
use crate::model::{ExtraFile, File, Target};
use crate::template::TemplateError;

#[derive(Serialize)]
struct Page {
    apps: Vec<AppContext>,
    sites: Vec<SiteContext>,
}

pub(super) fn file(extra: &ExtraFile, target: &Target, scope: &Scope) -> Result<File, TemplateError> {
    let sites = target.sites.iter().map(|site| SiteContext::new(site, target));
    let page =
        Page { apps: target.apps.iter().map(AppContext::new).collect(), sites: sites.collect::<Result<_, _>>()? };
    Ok(File {
        mode: extra.mode,
        owner: extra.owner.clone(),
        group: extra.group.clone(),
        ..scope.file(extra.destination.clone(), &extra.template, &page)?
    })
}
