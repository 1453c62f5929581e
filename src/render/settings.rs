//! The settings of what runs an app, where it has such a file.

use serde::Serialize;

use super::app::AppContext;
use super::scope::Scope;
use crate::model::layout;
use crate::model::{App, File, LogTarget, Mode};
use crate::template::TemplateError;

#[derive(Serialize)]
struct Page<'a> {
    app: &'a AppContext,
    log: Log,
}

/// `-` stands for standard output or error, and `None` for nowhere.
#[derive(Serialize)]
struct Log {
    access: Option<String>,
    error: Option<String>,
}

pub(super) fn file(app: &App, context: &AppContext, scope: &Scope) -> Result<Option<File>, TemplateError> {
    let Some((template, path)) = app.runtime.settings.zip(layout::settings(&app.name, app.runtime)) else {
        return Ok(None);
    };
    let log = Log { access: target(&app.log.access), error: target(&app.log.error) };
    Ok(Some(File {
        mode: Mode::new(0o640),
        group: app.user.clone(),
        ..scope.file(path, template.name, &Page { app: context, log })?
    }))
}

fn target(log: &LogTarget) -> Option<String> {
    match log {
        LogTarget::Journal => Some("-".to_owned()),
        LogTarget::File(path) => Some(path.to_string()),
        LogTarget::Off => None,
    }
}
