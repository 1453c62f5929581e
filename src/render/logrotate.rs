//! Log rotation, for apps that log to files.

use serde::Serialize;

use super::app::{AppContext, log_files};
use super::paths::{self, is_below};
use super::scope::Scope;
use crate::model::{App, File, RemotePath, Target};
use crate::template::TemplateError;

const TEMPLATE: &str = "logrotate.tera";
const SANDBOX_TEMPLATE: &str = "logrotate-tmp.conf.tera";

#[derive(Serialize)]
struct Page<'a> {
    app: &'a AppContext,
}

#[derive(Serialize)]
struct SandboxPage {
    logs: Vec<String>,
}

/// The rotation of the app's log files, if it has any.
pub(super) fn file(app: &App, context: &AppContext, scope: &Scope) -> Result<Option<File>, TemplateError> {
    if log_files(app).next().is_none() {
        return Ok(None);
    }
    scope.file(paths::logrotate(&app.name), TEMPLATE, &Page { app: context }).map(Some)
}

/// On newer hosts, such as Debian 12, `logrotate.service` runs with a `/tmp` of its own and would never find a log that
/// lies in the real one. A drop-in opens it, on hosts where an app logs there.
pub(super) fn sandbox_exception(target: &Target, scope: &Scope) -> Result<Option<File>, TemplateError> {
    let in_tmp = |log: &&RemotePath| is_below(log, "/tmp") || is_below(log, "/var/tmp");
    let logs: Vec<String> = target.apps.iter().flat_map(log_files).filter(in_tmp).map(ToString::to_string).collect();
    if logs.is_empty() {
        return Ok(None);
    }
    let path = paths::path(&format!("{}/provision.conf", paths::logrotate_drop_ins()));
    scope.file(path, SANDBOX_TEMPLATE, &SandboxPage { logs }).map(Some)
}
