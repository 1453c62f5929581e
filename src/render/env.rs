//! The environment of an app's processes.

use serde::Serialize;

use super::app::AppContext;
use super::paths;
use super::scope::Scope;
use crate::encode::env_file;
use crate::model::{App, EnvValue, File, Mode};
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
    let variable = |(name, value)| Variable::new(name, value);
    let variables = app.env.iter().map(|(name, value)| variable((name.as_str(), value))).collect();
    Ok(File {
        mode: Mode::new(0o640),
        group: app.user.clone(),
        secrets: app.env.values().filter(|value| value.secret).flat_map(shapes).collect(),
        ..scope.file(paths::env_file(&app.name), TEMPLATE, &Page { app: context, variables })?
    })
}

impl<'a> Variable<'a> {
    fn new(name: &'a str, value: &'a EnvValue) -> Self {
        Self { name, value: &value.value, secret: value.secret }
    }
}

/// Every text by which a secret can be seen: as it is, as it is written in the file, and, because a diff goes line by
/// line, each of its lines. Empty texts would redact everything and are left out.
fn shapes(secret: &EnvValue) -> Vec<String> {
    let written = env_file::value(&secret.value).unwrap_or_default();
    let written = written.trim_matches('"');
    let mut shapes = vec![secret.value.as_str(), written];
    shapes.extend(secret.value.lines());
    shapes.extend(written.lines());
    shapes.retain(|shape| !shape.trim().is_empty());
    shapes.sort_unstable_by_key(|shape| (std::cmp::Reverse(shape.len()), *shape));
    shapes.dedup();
    shapes.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_in_every_shape_it_is_written_in() {
        let shapes = |value: &str| shapes(&EnvValue { value: value.to_owned(), secret: true });
        assert_eq!(shapes("plain"), ["plain"]);
        assert_eq!(shapes("pa$s"), [r"pa\$s", "pa$s"]);
        assert_eq!(shapes("one\ntwo"), ["one\ntwo", "one", "two"]);
        assert_eq!(shapes(""), [] as [&str; 0]);
    }
}
