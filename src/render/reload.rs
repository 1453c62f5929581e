//! The script that reloads one app without losing a request, where its runtime can.

use serde::Serialize;

use super::app::{AppContext, seconds};
use super::scope::Scope;
use crate::model::layout;
use crate::model::{App, File, Mode};
use crate::template::TemplateError;

/// Time for new workers to import the app, on top of what old ones may take to finish.
const START_MARGIN: u64 = 30;

#[derive(Serialize)]
struct Page<'a> {
    app: &'a AppContext,
    patience: u64,
}

pub(super) fn script(app: &App, context: &AppContext, scope: &Scope) -> Result<Option<File>, TemplateError> {
    let Some(reload) = &app.runtime.reload else { return Ok(None) };
    let patience = seconds(app.graceful_timeout) + START_MARGIN;
    Ok(Some(File {
        mode: Mode::new(0o755),
        ..scope.file(layout::RELOAD.of(&app.name), reload.script.name, &Page { app: context, patience })?
    }))
}
