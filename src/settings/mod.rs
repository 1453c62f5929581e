//! What the command line, the environment and local files mean together: the inventory that was asked for, the hosts
//! that were selected, and how to reach them.

mod descriptors;
mod password;

pub use descriptors::at_once;
pub use provision::inventory::pattern::{Hint, PatternError};

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use provision::diagnostic::did_you_mean;
use provision::digest::Digest;
use provision::fault::Fault;
use provision::inventory::Inputs;
use provision::inventory::overrides;
use provision::mask;
use provision::model::{Connection, Target};
use provision::report::talk;
use provision::resolve::Targets;
use provision::run::{Access, Interrupt, InventoryText};
use provision::ssh::Escalation;
use provision::template::Engine;
use provision::template::engine::built_in;

use crate::cli::{ConnectionArgs, InventoryArgs, SelectionArgs};

/// Looked for in this order when no inventory is named.
const DEFAULT_INVENTORIES: [&str; 4] =
    ["inventory.yml", "inventory.yaml", "inventories/production.yml", "inventories/production.yaml"];

/// Whether a command needs the secrets that apps have from the environment of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// One that is not set is a mistake.
    Needed,
    /// Only hosts are looked up.
    Spared,
}

/// Stands for a secret that is not needed.
const SPARED: &str = "spared";

/// An inventory with its templates.
pub struct Loaded {
    /// Every host.
    pub targets: Targets,
    /// Its templates.
    pub engine: Engine,
    /// What the history of hosts says of it.
    pub inventory: InventoryText,
}

impl Loaded {
    /// Reads the inventory and the templates beside it.
    pub fn read(arguments: &InventoryArgs) -> Result<Self> {
        Ok(Self::read_if_there(arguments, Secrets::Needed)??)
    }

    /// Reads the inventory and the templates beside it, and tells a missing inventory from one that is wrong.
    pub fn read_if_there(arguments: &InventoryArgs, secrets: Secrets) -> Result<Result<Self, Fault>> {
        let path = match &arguments.inventory {
            Some(path) => path.clone(),
            None => match default_inventory() {
                Ok(path) => path,
                Err(missing) => return Ok(Err(missing)),
            },
        };
        let shown = path.display();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                let what = format!("the inventory `{shown}` cannot be read: {error}");
                let fault = Fault::misuse(what).hint("name another file with `-i`");
                return if error.kind() == io::ErrorKind::NotFound { Ok(Err(fault)) } else { Err(fault.into()) };
            }
        };
        Self::of(&path, &text, arguments, secrets).map(Ok)
    }

    fn of(path: &Path, text: &str, arguments: &InventoryArgs, secrets: Secrets) -> Result<Self> {
        let shown = path.display();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let base_dir = folder.canonicalize().with_context(|| format!("`{}` cannot be entered", folder.display()))?;
        let mut extra_vars = BTreeMap::new();
        for argument in &arguments.extra_vars {
            extra_vars.extend(overrides::parse(argument, &read_text).map_err(Fault::from)?);
        }
        let environment = |name: &str| {
            let value = variable(name);
            match secrets {
                Secrets::Spared if name != "HOME" => {
                    value.filter(|value| !value.is_empty()).or(Some(SPARED.to_owned()))
                }
                _ => value,
            }
        };
        let inputs = Inputs { base_dir: &base_dir, environment: &environment, extra_vars };
        let targets = Targets::load(&shown.to_string(), text, &inputs).map_err(Fault::from)?;
        let known = targets.all().iter().flat_map(|target| target.secrets());
        known.filter(|secret| *secret != SPARED).for_each(mask::learn);
        let templates = overriding_templates(&base_dir)?;
        let engine = Engine::new(&templates).map_err(|error| Fault::misuse(error.to_string()))?;
        warn_of_unused_templates(&templates, &targets);
        let inventory = InventoryText { name: shown.to_string(), digest: Digest::of(text.as_bytes()).to_string() };
        Ok(Self { targets, engine, inventory })
    }

    /// The selected hosts, in the order of the inventory.
    pub fn select(&self, selection: &SelectionArgs) -> Result<Vec<Target>> {
        Ok(self.select_from(&selection.patterns, selection.limit.as_deref()).map_err(Fault::from)?)
    }

    /// The hosts that `patterns` mean, of those that `limit` means, in the order of the inventory.
    pub fn select_from(&self, patterns: &[String], limit: Option<&str>) -> Result<Vec<Target>, PatternError> {
        Ok(self.targets.select(patterns, limit, &read_text)?.into_iter().cloned().collect())
    }
}

/// Gives a connection what the command line says about connections.
pub fn connect_as(connection: &mut Connection, arguments: &ConnectionArgs) {
    if let Some(user) = &arguments.user {
        connection.user = Some(user.clone());
    }
    if let Some(key) = &arguments.private_key {
        connection.identity = Some(key.clone());
    }
    if let Some(seconds) = arguments.timeout {
        connection.connect_timeout = Duration::from_secs(seconds);
    }
    connection.escalate |= arguments.r#become;
}

/// How to reach hosts: what all connections of a run have in common. Listens to Ctrl-C from here on.
pub fn access(escalation: Escalation) -> Result<Access> {
    Ok(Access { escalation, sockets: sockets(), interrupt: Interrupt::listen()? })
}

/// How to become root: with a password if one was asked for.
pub fn escalation(arguments: &ConnectionArgs) -> Result<Escalation> {
    let password = match std::env::var("PROVISION_BECOME_PASSWORD") {
        Ok(password) => password,
        Err(_) if arguments.ask_become_pass => password::ask("sudo password: ")?,
        Err(_) => return Ok(Escalation::default()),
    };
    mask::learn(&password);
    Ok(Escalation { password: Some(password) })
}

/// A variable of this machine's environment.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The folder of ssh's control sockets. It is in the user's own state folder, never one that others can write to.
pub fn sockets() -> PathBuf {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_RUNTIME_DIR")
        .or_else(|| absolute("XDG_STATE_HOME"))
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))
        .unwrap_or_else(std::env::temp_dir)
        .join("provision")
}

/// Who runs this, for the lock on the hosts.
pub fn who() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let user = user.ok().or_else(login).unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw()));
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{user} on {machine}, process {}", std::process::id())
}

/// The user's name, where the environment does not say it, as in cron.
fn login() -> Option<String> {
    let output = provision::process::command("id").arg("-un").output().ok()?;
    let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!name.is_empty()).then_some(name)
}

fn default_inventory() -> Result<PathBuf, Fault> {
    DEFAULT_INVENTORIES.iter().map(PathBuf::from).find(|path| path.is_file()).ok_or_else(|| {
        let tried = DEFAULT_INVENTORIES.join(", ");
        Fault::misuse(format!("no inventory was named, and there is none of {tried}")).hint("name it with `-i FILE`")
    })
}

fn read_text(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| error.to_string())
}

/// A template that nothing renders is most likely misspelt.
fn warn_of_unused_templates(templates: &BTreeMap<String, String>, targets: &Targets) {
    let built_in = built_in().map(|(name, _)| name);
    let extra = targets.all().iter().flat_map(|target| &target.files).map(|file| file.template.as_str());
    let used: BTreeSet<&str> = built_in.clone().chain(extra).collect();
    for name in templates.keys().filter(|name| !used.contains(name.as_str())) {
        let mut others = templates.clone();
        others.remove(name);
        // Where another template includes it, the others cannot do without.
        if Engine::new(&others).is_err() {
            continue;
        }
        let help =
            did_you_mean(name, built_in.clone()).unwrap_or_else(|| "name it in `files`, or remove it".to_owned());
        talk(&format!("warning: nothing uses the template `templates/{name}`\n  = help: {help}"));
    }
}

/// The texts of `templates/` beside the inventory, by file name.
fn overriding_templates(base_dir: &Path) -> Result<BTreeMap<String, String>> {
    let folder = base_dir.join("templates");
    let mut templates = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(templates);
    }
    for entry in fs::read_dir(&folder).with_context(|| format!("`{}` cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.is_file()
            && let Some(name) = path.file_name().and_then(|name| name.to_str())
        {
            let text = fs::read_to_string(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
            templates.insert(name.to_owned(), text);
        }
    }
    Ok(templates)
}
