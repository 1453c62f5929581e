//! Gunicorn's settings file.

use serde::Serialize;

use super::app::AppContext;
use super::scope::Scope;
use crate::model::layout;
use crate::model::{App, File, LogTarget, Mode};
use crate::template::TemplateError;

const TEMPLATE: &str = "gunicorn.conf.py.tera";

#[derive(Serialize)]
struct Page<'a> {
    app: &'a AppContext,
    log: Log,
}

/// `-` is gunicorn's word for standard output or error; `None` switches a log off.
#[derive(Serialize)]
struct Log {
    access: Option<String>,
    error: Option<String>,
}

pub(super) fn settings(app: &App, context: &AppContext, scope: &Scope) -> Result<File, TemplateError> {
    let log = Log { access: target(&app.log.access), error: target(&app.log.error) };
    Ok(File {
        mode: Mode::new(0o640),
        group: app.user.clone(),
        ..scope.file(layout::WSGI_SETTINGS.of(&app.name), TEMPLATE, &Page { app: context, log })?
    })
}

fn target(log: &LogTarget) -> Option<String> {
    match log {
        LogTarget::Journal => Some("-".to_owned()),
        LogTarget::File(path) => Some(path.to_string()),
        LogTarget::Off => None,
    }
}
