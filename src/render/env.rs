//! The environment of an app's processes.

use serde::Serialize;

use super::app::AppContext;
use super::scope::Scope;
use super::secret;
use crate::model::layout;
use crate::model::{App, EnvName, EnvValue, File, Form, Mode, Secret};
use crate::template::TemplateError;

const TEMPLATE: &str = "env.tera";

#[derive(Serialize)]
struct Page<'a> {
    app: &'a AppContext,
    variables: Vec<Variable<'a>>,
}

#[derive(Serialize)]
struct Variable<'a> {
    name: &'a str,
    value: &'a str,
    secret: bool,
}

pub(super) fn file(app: &App, context: &AppContext, scope: &Scope) -> Result<File, TemplateError> {
    let secrets: Vec<Secret> = app.env.values().filter_map(secret).collect();
    let values = app.env.values().map(|value| value.value.as_str());
    let file = scope.file(layout::ENVIRONMENT.of(&app.name), TEMPLATE, &page(app, context, values))?;
    let secrecy = secret::secrecy(&file.content, &secrets, |marks| {
        let mut marks = marks.iter();
        let value = |value: &'_ EnvValue| if value.secret.is_some() { marks.next() } else { None };
        let marks: Vec<Option<&String>> = app.env.values().map(value).collect();
        let values = app.env.values().zip(marks).map(|(value, mark)| mark.unwrap_or(&value.value).as_str());
        scope.render(TEMPLATE, &page(app, context, values))
    });
    Ok(File {
        mode: Mode::new(0o640),
        group: app.user.clone(),
        secrets: secrets.iter().flat_map(secret::shapes).collect(),
        secrecy,
        ..file
    })
}

/// The page with these values, in the order of the app's environment.
fn page<'a>(app: &'a App, context: &'a AppContext, values: impl Iterator<Item = &'a str>) -> Page<'a> {
    let variable = |((name, value), text): ((&'a EnvName, &'a EnvValue), &'a str)| Variable {
        name: name.as_str(),
        value: text,
        secret: value.secret.is_some(),
    };
    Page { app: context, variables: app.env.iter().zip(values).map(variable).collect() }
}

fn secret(value: &EnvValue) -> Option<Secret> {
    Some(Secret { variable: value.secret.clone()?, value: value.value.clone(), form: Form::EnvFile })
}
