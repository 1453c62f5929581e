//! What the first format of stored generations held: every file with its whole content, secrets included, and digests
//! over it. It is read, and never written any more.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::desired::ServiceKind;
use crate::digest::Digest;
use crate::model::{Mode, RemotePath, Secrecy, UserName};
use crate::render::of_text;

/// A file with its secrets in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    path: RemotePath,
    content: String,
    mode: Mode,
    owner: UserName,
    group: UserName,
    template: String,
    /// Texts inside the content that must never be shown. Where they came from is not known.
    secrets: Vec<String>,
}

impl From<File> for crate::model::File {
    fn from(file: File) -> Self {
        let File { path, content, mode, owner, group, template, secrets } = file;
        let secrecy = if secrets.is_empty() { of_text(&path, &content) } else { Secrecy::Whole };
        Self { path, content, mode, owner, group, template, secrets, secrecy }
    }
}

/// A service. The digests follow from the files, and are made anew.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    #[serde(deserialize_with = "crate::outside::deserialize_phrase")]
    pub(super) name: String,
    pub(super) kind: ServiceKind,
    #[serde(rename = "restart")]
    _restart: Digest,
    pub(super) restart_paths: BTreeSet<RemotePath>,
    #[serde(rename = "reload")]
    _reload: Digest,
    pub(super) reload_paths: BTreeSet<RemotePath>,
}
