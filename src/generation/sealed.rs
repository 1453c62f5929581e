//! What was wanted of a host, with its secrets taken out: each is named where it stood, and kept apart. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fmt;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::first_format as first;
use crate::desired::{Desired, Inputs, Service, ServiceKind};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::model::{EnvName, File, Form, Mode, Part, RemotePath, Secrecy, Secret, UserName};
use crate::render::{joined, of_text, shapes};

/// Secrets by what they are called: a variable of the controller's environment, or `file-…` for the whole content of a
/// file.
pub type Secrets = BTreeMap<String, String>;

/// Everything that should be on a host, without its secrets.
pub type Sealed<F = SealedFile, S = SealedService> = Desired<F, S>;

/// A file without its secrets.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedFile {
    path: RemotePath,
    content: Vec<SealedPart>,
    mode: Mode,
    owner: UserName,
    group: UserName,
    template: String,
}

/// A piece of a file's content.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SealedPart {
    /// As it stands in the file.
    Text(String),
    /// A secret stands here.
    Secret { variable: EnvName, form: Form },
    /// The content as a whole is kept among the secrets, by that name: nobody can tell what in it is secret.
    Kept(String),
}

impl fmt::Debug for SealedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Secret { variable, .. } => write!(f, "Secret({variable})"),
            Self::Kept(name) => write!(f, "Kept({name})"),
        }
    }
}

/// A service without digests: they follow from what it reads, and one over a secret that is no longer in use would help
/// to guess it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedService {
    #[serde(deserialize_with = "crate::outside::deserialize_phrase")]
    name: String,
    kind: ServiceKind,
    restart_paths: BTreeSet<RemotePath>,
    reload_paths: BTreeSet<RemotePath>,
}

/// A file that is kept as a whole, and what in it may not be shown.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptFile {
    content: String,
    secrets: Vec<String>,
}

/// Takes the secrets out of everything that is wanted of a host.
#[must_use]
pub fn seal(desired: &Desired) -> (Sealed, Secrets) {
    let mut secrets = Secrets::new();
    let service = |Service { name, kind, restart_paths, reload_paths, .. }, _: &Inputs<'_, SealedFile>| SealedService {
        name,
        kind,
        restart_paths,
        reload_paths,
    };
    let Ok(sealed) = desired.clone().try_map(|file| Ok::<_, Infallible>(seal_file(file, &mut secrets)), service);
    (sealed, secrets)
}

fn seal_file(file: File, secrets: &mut Secrets) -> SealedFile {
    let File { path, content, mode, owner, group, template, secrets: shapes, secrecy } = file;
    let part = |part| match part {
        Part::Text(text) => SealedPart::Text(text),
        Part::Secret(Secret { variable, value, form }) => {
            secrets.insert(variable.to_string(), value);
            SealedPart::Secret { variable, form }
        }
    };
    let content = match secrecy {
        Secrecy::Open => vec![SealedPart::Text(content)],
        Secrecy::Pieces(parts) => parts.into_iter().map(part).collect(),
        Secrecy::Whole => {
            // No variable has a `-` in its name.
            let name = format!("file-{}", Digest::of(path.as_str().as_bytes()).short(12));
            let kept = serde_json::to_string(&KeptFile { content, secrets: shapes }).expect("texts become JSON");
            secrets.insert(name.clone(), kept);
            vec![SealedPart::Kept(name)]
        }
    };
    SealedFile { path, content, mode, owner, group, template }
}

/// A secret that a host does not keep any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The file that needs it.
    pub path: RemotePath,
    /// The variable of the controller's environment that it came from; `None` where no variable brings the file back.
    pub variable: Option<EnvName>,
}

impl Sealed {
    /// The secrets that are needed, and that neither `kept` nor `environment` has, each once.
    #[must_use]
    pub fn missing(&self, kept: &Secrets, environment: &dyn Fn(&EnvName) -> Option<String>) -> Vec<Missing> {
        let mut missing: Vec<Missing> = vec![];
        for file in &self.files {
            for part in &file.content {
                let variable = match part {
                    SealedPart::Secret { variable, .. }
                        if !kept.contains_key(variable.as_str()) && environment(variable).is_none() =>
                    {
                        Some(variable.clone())
                    }
                    SealedPart::Kept(name) if !kept.contains_key(name) => None,
                    SealedPart::Text(_) | SealedPart::Secret { .. } | SealedPart::Kept(_) => continue,
                };
                let one = Missing { path: file.path.clone(), variable };
                if !missing.contains(&one) {
                    missing.push(one);
                }
            }
        }
        missing
    }

    /// Puts the secrets back: those that the host has kept, and from `environment` those that it has not.
    ///
    /// # Errors
    /// When one is [`missing`](Self::missing), or a file cannot hold the one that the environment has.
    pub fn open(self, kept: &Secrets, environment: &dyn Fn(&EnvName) -> Option<String>) -> Result<Desired> {
        let open = |file| open_file(file, kept, environment);
        // What was read anew may have another secret in it, so what services loaded is digested anew as well.
        let service = |SealedService { name, kind, restart_paths, reload_paths }, inputs: &Inputs<'_>| {
            Service::of(name, kind, restart_paths, reload_paths, inputs)
        };
        self.try_map(open, service)
    }
}

impl Sealed<first::File, first::Service> {
    /// What the first format held, which kept every secret in its place.
    ///
    /// # Errors
    /// Never, so far.
    pub fn open(self) -> Result<Desired> {
        let service = |service: first::Service, inputs: &Inputs<'_>| {
            Service::of(service.name, service.kind, service.restart_paths, service.reload_paths, inputs)
        };
        self.try_map(|file| Ok(file.into()), service)
    }
}

fn open_file(file: SealedFile, kept: &Secrets, environment: &dyn Fn(&EnvName) -> Option<String>) -> Result<File> {
    let SealedFile { path, content, mode, owner, group, template } = file;
    let mut parts = vec![];
    for part in content {
        parts.push(match part {
            SealedPart::Text(text) => Part::Text(text),
            SealedPart::Secret { variable, form } => {
                let value = kept.get(variable.as_str()).cloned().or_else(|| environment(&variable));
                let value = value.with_context(|| format!("`{variable}` for {path} is neither kept nor set"))?;
                Part::Secret(Secret { variable, value, form })
            }
            SealedPart::Kept(name) => {
                let json = kept.get(&name).with_context(|| format!("the content of {path} is not kept any more"))?;
                // What JSON complains of may be a part of it.
                let kept = serde_json::from_str(json).ok();
                let KeptFile { content, secrets } =
                    kept.with_context(|| format!("the content of {path} is damaged"))?;
                return Ok(File { path, content, mode, owner, group, template, secrets, secrecy: Secrecy::Whole });
            }
        });
    }
    let content = match joined(&parts) {
        Ok(content) => content,
        Err((Secret { variable, .. }, refusal)) => {
            let what = format!("`{variable}` of your environment cannot be written into {path}: {refusal}");
            return Err(Fault::new(what).hint("set it to what it was, or to what it is now").into());
        }
    };
    let secrets = parts.iter().filter_map(Part::secret).flat_map(shapes).collect();
    let has_secrets = parts.iter().any(|part| part.secret().is_some());
    let secrecy = if has_secrets { Secrecy::Pieces(parts) } else { of_text(&path, &content) };
    Ok(File { path, content, mode, owner, group, template, secrets, secrecy })
}
