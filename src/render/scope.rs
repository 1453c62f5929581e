//! What every template can use, and the rendering of one file from it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::paths;
use crate::model::{File, Init, Mode, RemotePath, Target};
use crate::template::{Engine, TemplateError};

/// The values common to all templates of one host.
pub(super) struct Scope<'a> {
    engine: &'a Engine,
    common: Map<String, Value>,
}

/// What the oldest Nginx that is known can do.
const FEATURES: [(&str, Option<&str>); 13] = [
    ("nginx_realip", None),
    ("nginx_gzip_static", None),
    ("nginx_http2", None),
    ("nginx_request_id", Some("requests have no number")),
    ("nginx_curves", Some("one curve")),
    ("nginx_absolute_redirect", Some("absolute redirects")),
    ("nginx_tls13", Some("no TLS 1.3")),
    ("nginx_keepalive_timeout", Some("no timeout")),
    ("nginx_limit_req_delay", Some("no delay")),
    ("nginx_reject_handshake", Some("no refusal")),
    ("nginx_http2_directive", Some("a parameter of listen")),
    ("nginx_ticket_rotation", Some("tickets off")),
    ("ipv6", None),
];

#[derive(Serialize)]
struct Common<'a> {
    host: Host<'a>,
    vars: &'a BTreeMap<String, Value>,
    inventory: &'a str,
    init: &'static str,
    features: BTreeMap<&'static str, bool>,
    downgrades: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
struct Host<'a> {
    name: &'a str,
    address: &'a str,
    groups: &'a [String],
}

impl<'a> Scope<'a> {
    pub(super) fn new(target: &'a Target, init: Init, engine: &'a Engine) -> Self {
        let common = Common {
            host: Host { name: target.host.as_str(), address: &target.connection.address, groups: &target.groups },
            vars: &target.vars,
            inventory: &target.inventory,
            init: match init {
                Init::Systemd => "systemd",
                Init::Upstart => "upstart",
            },
            features: FEATURES.iter().map(|(name, without)| (*name, without.is_none())).collect(),
            downgrades: FEATURES.iter().filter_map(|(name, without)| Some((*name, (*without)?))).collect(),
        };
        Self { engine, common: object(&common) }
    }

    /// The file at `path`, rendered from `template` with the common values and the fields of `own`: root's, and
    /// readable by all. Callers close what is not for all.
    pub(super) fn file<T: Serialize>(&self, path: RemotePath, template: &str, own: &T) -> Result<File, TemplateError> {
        Ok(File {
            path,
            content: self.render(template, own)?,
            mode: Mode::new(0o644),
            owner: paths::root(),
            group: paths::root(),
            template: template.to_owned(),
            secrets: Vec::new(),
        })
    }

    fn render<T: Serialize>(&self, template: &str, own: &T) -> Result<String, TemplateError> {
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
