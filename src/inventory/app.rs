//! From the tree to an app.

use indexmap::IndexMap;

use super::decode::{Decode, Decoder, Fields, FromText as _};
use super::node::{Name, Node, Value};
use super::python;
use super::renamed::{former_user, renamed_from};
use super::repository::Repository;
use super::runtime;
use super::scalar::{Argument, Count, DurationWithin, Line, Size, Text, Workers};
use super::schema;
use super::secret::{self, FromEnv};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::layout::LOGS;
use crate::model::{
    App, EnvName, EnvValue, Guard, Hardening, Health, Limits, LocalFolder, Log, LogTarget, RelativePath, RemotePath,
    Source, StatusRange, UserName, gain_of_account,
};

/// An app and the places that a clash with another app points at.
#[derive(Debug, Clone)]
pub struct PlacedApp {
    /// The app.
    pub app: App,
    /// Where its address stands.
    pub bind: Span,
    /// Where its user stands, or the app's name where none is named.
    pub user: Span,
    /// Where its log targets stand: access, error.
    pub logs: [Span; 2],
}

impl PlacedApp {
    /// The files that the app logs to, and where each stands.
    #[must_use]
    pub fn log_files(&self) -> Vec<(&RemotePath, Span)> {
        let targets = [&self.app.log.access, &self.app.log.error].into_iter().zip(self.logs);
        targets.filter_map(|(target, place)| target.file().map(|file| (file, place))).collect()
    }

    /// The paths that the app or its listener makes where the inventory says, and where each stands.
    pub fn chosen_paths(&self) -> impl Iterator<Item = (&RemotePath, Span)> {
        self.log_files().into_iter().chain(self.app.bind.socket().map(|path| (path, self.bind)))
    }
}

/// The app called `name` that `node` describes.
pub fn decode(name: &Name, node: &Node, decoder: &Decoder<'_>) -> Option<PlacedApp> {
    let app_name = decoder.check(name.text.parse(), name.span);
    // Shown by its name, however it is written.
    let node = Node { value: node.value.clone(), span: name.span };
    let fields = decoder.fields(&node, &schema::APP)?;
    let source = match fields.get("source") {
        Some(node) => source(node, decoder),
        None => fields.required::<Line>("source").and(None),
    };
    let (runtime, wsgi, bind) = (runtime::chosen(&fields, decoder), fields.required("wsgi"), fields.required("bind"));
    let renamed_from = renamed_from("app", &fields, &decoder.names.apps, decoder);
    let user = user(name, &fields, decoder);
    let workers = fields.or_default::<Workers>("workers");
    let connections = connections(&fields, decoder);
    let max_requests = fields.or_default::<Count<0, 65535>>("max_requests");
    let timeout = fields.or_default("timeout");
    let graceful_timeout = fields.or_default("graceful_timeout");
    let python = python::decode(&fields, decoder);
    let env = env(&fields, decoder);
    let log = log(&fields);
    if let (Some(user), Some((log, places))) = (&user, &log) {
        check_log_folders(name, user, log, *places, decoder);
    }
    let health = health(&fields, decoder);
    let hardening = hardening(&fields, decoder);
    let limits = limits(&fields);
    let release_command = fields.optional::<Line>("release_command");
    let release_timeout = fields.or_default::<DurationWithin<1, 86_400>>("release_timeout");
    let keep_releases = fields.or_default::<Count<1, 100>>("keep_releases");
    let (log, logs) = log?;
    let app = App {
        name: app_name?,
        renamed_from: renamed_from?,
        source: source?,
        runtime: runtime?,
        wsgi: wsgi?,
        bind: bind?,
        bind_allowance: decoder.allowance(fields.place_of("bind")),
        user: user?,
        workers: workers?.0,
        threads: connections?.0,
        keepalive: connections?.1,
        max_requests: max_requests?.0,
        timeout: timeout?,
        graceful_timeout: graceful_timeout?,
        python: python?,
        hardening: hardening?,
        limits: limits?,
        env: env?,
        log,
        health: health?,
        release_command: release_command?.map(|Line(command)| command),
        release_timeout: release_timeout?.0,
        keep_releases: keep_releases?.0,
    };
    Some(PlacedApp { app, bind: fields.place_of("bind"), user: fields.place_of("user"), logs })
}

fn user(name: &Name, app: &Fields<'_>, decoder: &Decoder<'_>) -> Option<UserName> {
    match app.get("user") {
        Some(node) => Decode::decode(node, decoder).and_then(|user| of_its_own(user, node.span, decoder)),
        // Every app name is a user name. What belonged to an app under its former name stays its own.
        None => app.get("renamed_from").map_or_else(|| name.text.parse().ok(), former_user),
    }
}

/// The user of an app has what the app has, and nothing that is the host's or another service's.
fn of_its_own(user: UserName, place: Span, decoder: &Decoder<'_>) -> Option<UserName> {
    let Some(gain) = gain_of_account(user.as_str()) else { return Some(user) };
    let mistake = Diagnostic::new(gain, place);
    decoder.report(mistake.hint("remove `user`: the app then gets a user of its own, called like the app"))
}

/// The threads of a worker, and how many connections it keeps open.
fn connections(app: &Fields<'_>, decoder: &Decoder<'_>) -> Option<(u16, u16)> {
    let threads = app.or_default::<Count<1, 256>>("threads");
    let keepalive = app.or_default::<Count<0, 256>>("keepalive");
    let (Count(threads), Count(keepalive)) = (threads?, keepalive?);
    check_keepalive(threads, keepalive, app, decoder);
    Some((threads, keepalive))
}

/// A worker without threads closes every connection after its answer.
fn check_keepalive(threads: u16, keepalive: u16, app: &Fields<'_>, decoder: &Decoder<'_>) {
    if threads == 1 && keepalive > 0 {
        let mistake = Diagnostic::new("a worker without threads keeps no connection open", app.place_of("keepalive"));
        decoder.report::<()>(mistake.hint("write `threads: 2` or more, or remove `keepalive`"));
    }
}

fn source(node: &Node, decoder: &Decoder<'_>) -> Option<Source> {
    let fields = decoder.fields(node, &schema::SOURCE)?;
    let path = fields.optional::<Text>("path");
    let git = fields.get("git").map_or(Some(None), |node| repository(node, decoder).map(Some));
    let reference = fields.or_default::<Argument>("ref");
    let include = fields.or_empty::<Vec<RelativePath>>("include");
    match (path?, git?) {
        (Some(Text(path)), None) => {
            if fields.get("ref").is_some() {
                let mistake = Diagnostic::new("`ref` has no meaning for a folder", fields.place_of("ref"));
                return decoder.report(mistake.hint("remove it, or name the repository with `git`"));
            }
            Some(Source::Path(LocalFolder {
                path: decoder.local_path(&path),
                include: include?,
                inventory: decoder.inventory(),
            }))
        }
        (None, Some(_)) if fields.get("include").is_some() => {
            let mistake = Diagnostic::new("`include` has no meaning for a repository", fields.place_of("include"));
            decoder.report(mistake.hint("remove it: a host gets what the commit has"))
        }
        (None, Some(Repository(url))) => Some(Source::Git { url, reference: reference?.0 }),
        (Some(_), Some(_)) => {
            let mistake = Diagnostic::new("a source is either a folder or a repository", fields.place_of("git"));
            decoder.report(mistake.related(fields.place_of("path"), "the folder").hint("remove `path` or `git`"))
        }
        (None, None) => {
            let mistake = Diagnostic::new("a source needs `path` or `git`", fields.place);
            decoder.report(mistake.hint("write `{ path: ../folder }` or `{ git: URL, ref: main }`"))
        }
    }
}

/// What is refused may hold a password, which the error would otherwise quote.
fn repository(node: &Node, decoder: &Decoder<'_>) -> Option<Repository> {
    match &node.value {
        Value::Scalar(scalar) if scalar.text.contains('@') => match Repository::from_text(&scalar.text) {
            Ok(repository) => Some(repository),
            Err(error) => {
                decoder.report(Diagnostic::new(error.message, node.span).hint(error.hint).label("not shown").secret())
            }
        },
        Value::Null | Value::Scalar(_) | Value::List(_) | Value::Map(_) | Value::Unknown => {
            Decode::decode(node, decoder)
        }
    }
}

fn env(app: &Fields<'_>, decoder: &Decoder<'_>) -> Option<IndexMap<EnvName, EnvValue>> {
    let Some(node) = app.get("env") else { return Some(IndexMap::new()) };
    let pairs: Vec<_> = decoder
        .entries(node, "environment variables")?
        .into_iter()
        .map(|entry| {
            let name = decoder.check(entry.key.text.parse(), entry.key.span);
            let value = env_value(&entry.value, decoder);
            Some((name?, value?))
        })
        .collect();
    pairs.into_iter().collect()
}

fn env_value(node: &Node, decoder: &Decoder<'_>) -> Option<EnvValue> {
    if !matches!(node.value, Value::Map(_)) {
        let Text(value) = Decode::decode(node, decoder)?;
        return Some(EnvValue { value, secret: None });
    }
    let FromEnv { variable, value, .. } = secret::from_env(node, &schema::SECRET, decoder)?;
    Some(EnvValue { value, secret: Some(variable) })
}

/// Where the app logs, and where each of the two targets stands.
fn log(app: &Fields<'_>) -> Option<(Log, [Span; 2])> {
    let fields = app.section("log", &schema::LOG)?;
    let access = fields.or_default::<LogTarget>("access");
    let error = fields.or_default::<LogTarget>("error");
    Some((Log { access: access?, error: error? }, [fields.place_of("access"), fields.place_of("error")]))
}

/// The folder of all logs is root's: the app could not make its log there, and would not start.
fn check_log_folders(name: &Name, user: &UserName, log: &Log, places: [Span; 2], decoder: &Decoder<'_>) {
    for (target, place) in [&log.access, &log.error].into_iter().zip(places) {
        if let Some(file) = target.file().filter(|file| file.folder().is_some_and(|folder| folder.as_str() == LOGS)) {
            let mistake = Diagnostic::new(format!("user `{user}` cannot write in `{LOGS}` itself"), place);
            let file = file.file_name();
            decoder.report::<()>(
                mistake.hint(format!("write `{LOGS}/{}/{file}`: the folder is made for the app", name.text)),
            );
        }
    }
}

fn hardening(app: &Fields<'_>, decoder: &Decoder<'_>) -> Option<Hardening> {
    let fields = app.section("hardening", &schema::HARDENING)?;
    let write = fields.or_empty::<Vec<RemotePath>>("write");
    let loosen = fields.or_empty::<Vec<Guard>>("loosen");
    let write = write?;
    // systemd reads a list of words there, and its versions unquote them differently.
    if let Some(path) = write.iter().find(|path| path.as_str().contains([' ', '\t', '\'', '"', '\\'])) {
        let mistake = Diagnostic::new(format!("`{path}` has a blank, quote or backslash"), fields.place_of("write"));
        return decoder.report(mistake.hint("name a folder without them, such as the one above it"));
    }
    Some(Hardening { write, loosen: loosen?.into_iter().collect() })
}

fn limits(app: &Fields<'_>) -> Option<Limits> {
    let fields = app.section("limits", &schema::LIMITS)?;
    let files = fields.or_default::<Count<64, 65535>>("files");
    let memory = fields.optional::<Size>("memory");
    Some(Limits { files: files?.0, memory: memory?.map(|Size(bytes)| bytes) })
}

fn health(app: &Fields<'_>, decoder: &Decoder<'_>) -> Option<Health> {
    let fields = app.section("health", &schema::HEALTH)?;
    let path = fields.optional("path");
    let status = fields.or_default("status");
    let timeout = fields.or_default("timeout");
    let before_switch = fields.or_default::<bool>("before_switch");
    let rehearse = rehearsal(&fields);
    let probation = fields.optional::<DurationWithin<10, 86_400>>("probation");
    let (path, status, timeout, before_switch) = (path?, status?, timeout?, before_switch?);
    let probation = probation?.map(|DurationWithin(lasts)| lasts);
    // Whoever names a status means an answer to a request, so the path is `/` if it is left out.
    let path = path.or_else(|| fields.get("status").and_then(|_| "/".parse().ok()));
    let status = if path.is_some() { status } else { StatusRange { first: 100, last: 499 } };
    let rehearse = rehearse?;
    if rehearse.is_some() && !before_switch {
        let mistake = "`rehearse` asks a new process before the switch, and `before_switch: false` starts none";
        return decoder.report(Diagnostic::new(mistake, fields.place_of("rehearse")).hint("leave out one of the two"));
    }
    Some(Health { path, status, timeout, before_switch, rehearse, probation })
}

/// How many requests are rehearsed; none where the key is left out.
fn rehearsal(health: &Fields<'_>) -> Option<Option<u16>> {
    if health.get("rehearse").is_none() {
        return Some(None);
    }
    let fields = health.section("rehearse", &schema::REHEARSE)?;
    let Count::<1, 1000>(requests) = fields.or_default("requests")?;
    Some(Some(requests))
}
