//! What every template can use, and the rendering of one file from it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::lines::refuse_long_lines;
use crate::model::layout::root;
use crate::model::{File, Init, Mode, RemotePath, Secrecy, Target};
use crate::platform::Features;
use crate::template::{Engine, TemplateError};

/// The values common to all templates of one host.
pub(super) struct Scope<'a> {
    engine: &'a Engine,
    common: Map<String, Value>,
}

#[derive(Serialize)]
struct Common<'a> {
    host: Host<'a>,
    vars: &'a BTreeMap<String, Value>,
    inventory: &'a str,
    init: &'static str,
    features: &'a BTreeMap<&'static str, bool>,
    downgrades: &'a BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Host<'a> {
    name: &'a str,
    address: &'a str,
    groups: &'a [String],
}

impl<'a> Scope<'a> {
    pub(super) fn new(target: &'a Target, init: Init, features: &Features, engine: &'a Engine) -> Self {
        let common = Common {
            host: Host { name: target.host.as_str(), address: &target.connection.address, groups: &target.groups },
            vars: &target.vars,
            inventory: &target.inventory,
            init: match init {
                Init::Systemd => "systemd",
                Init::Upstart => "upstart",
            },
            features: &features.present,
            downgrades: &features.downgrades,
        };
        Self { engine, common: object(&common) }
    }

    /// The file at `path`, rendered from `template` with the common values and the fields of `own`: root's, and
    /// readable by all. Callers close what is not for all.
    pub(super) fn file<T: Serialize>(&self, path: RemotePath, template: &str, own: &T) -> Result<File, TemplateError> {
        let content = self.render(template, own)?;
        refuse_long_lines(&path, template, &content)?;
        Ok(File {
            path,
            content,
            mode: Mode::new(0o644),
            owner: root(),
            group: root(),
            template: template.to_owned(),
            secrets: Vec::new(),
            secrecy: Secrecy::Open,
        })
    }

    /// The text alone.
    pub(super) fn render<T: Serialize>(&self, template: &str, own: &T) -> Result<String, TemplateError> {
        let mut context = self.common.clone();
        context.insert("template".to_owned(), template.into());
        context.extend(object(own));
        self.engine.render(template, &context)
    }
}

/// The fields of a struct as a map.
fn object<T: Serialize>(fields: &T) -> Map<String, Value> {
    match serde_json::to_value(fields) {
        Ok(Value::Object(map)) => map,
        _ => unreachable!("contexts are structs of texts, numbers and lists"),
    }
}
