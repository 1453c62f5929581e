//! Log rotation, for apps that log to files.

use serde::Serialize;

use super::app::AppContext;
use super::scope::Scope;
use crate::model::layout;
use crate::model::{App, File, RemotePath, Target};
use crate::template::TemplateError;

const TEMPLATE: &str = "logrotate.tera";
const SANDBOX_TEMPLATE: &str = "logrotate-tmp.conf.tera";

#[derive(Serialize)]
struct Page<'a> {
    app: &'a AppContext,
    reopens_logs: &'static [&'static str],
}

#[derive(Serialize)]
struct SandboxPage {
    logs: Vec<String>,
}

/// The rotation of the app's log files, if it has any and can open them anew.
pub(super) fn file(app: &App, context: &AppContext, scope: &Scope) -> Result<Option<File>, TemplateError> {
    if app.runtime.reopens_logs.is_empty() || app.log.files().next().is_none() {
        return Ok(None);
    }
    scope
        .file(layout::ROTATION.of(&app.name), TEMPLATE, &Page { app: context, reopens_logs: app.runtime.reopens_logs })
        .map(Some)
}

/// On newer hosts, such as Debian 12, `logrotate.service` runs with a `/tmp` of its own and would never find a log that
/// lies in the real one. A drop-in opens it, on hosts where an app logs there.
pub(super) fn sandbox_exception(target: &Target, scope: &Scope) -> Result<Option<File>, TemplateError> {
    let in_tmp = |log: &&RemotePath| layout::TEMPORARY.iter().any(|folder| log.is_below(folder));
    let logs: Vec<String> =
        target.apps.iter().flat_map(|app| app.log.files()).filter(in_tmp).map(ToString::to_string).collect();
    if logs.is_empty() {
        return Ok(None);
    }
    scope.file(layout::LOGROTATE_ADDITION.on_host(), SANDBOX_TEMPLATE, &SandboxPage { logs }).map(Some)
}
