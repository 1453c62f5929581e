//! One change of a plan: what is done, why, and how it differs from what is there.

use std::fmt;
use std::time::Duration;

use super::lasting::lasting;
use super::reason::Reason;
use crate::desired::User;
use crate::model::{AppName, Bind, Directory, File, Link, PackageName, RemotePath, UserName, layout};

/// One change of a plan.
#[derive(Clone, PartialEq)]
pub struct Change {
    /// What is done.
    pub operation: Operation,
    /// Why.
    pub reason: Reason,
    /// What is in the file now, when it is a text that differs.
    pub before: Option<String>,
}

impl Change {
    /// An operation that replaces no text.
    #[must_use]
    pub fn new(operation: Operation, reason: Reason) -> Self {
        Self { operation, reason, before: None }
    }

    /// The kind of change.
    #[must_use]
    pub fn verb(&self) -> Verb {
        self.operation.verb(!self.reason.was_empty())
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is in the file now may be secret.
        let before = self.before.as_ref().map(String::len);
        write!(f, "Change {{ {:?}, {:?}, before: {before:?} bytes }}", self.operation, self.reason)
    }
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Debian package, installed by apt.
    InstallPackage(PackageName),
    /// System user with a group of the same name.
    CreateUser(User),
    /// Directory created.
    PutDirectory(Directory),
    /// Directory given its mode and owner.
    MendDirectory(Directory),
    /// Log files given to another user.
    GiveLogs(Logs),
    /// Regular file, replaced as a whole.
    PutFile(File),
    /// Symbolic link, replaced as a whole.
    PutLink(Link),
    /// Release put into its folder, not yet live.
    AddRelease(AppName, String),
    /// `current` pointed at a release.
    ActivateRelease(AppName, String),
    /// Python dependencies installed.
    InstallPython(AppName),
    /// Debian's welcome site taken out of `sites-enabled`.
    DisableWelcome,
    /// Debian's welcome site put back.
    RestoreWelcome,
    /// Service enabled at boot and started.
    Start(String),
    /// Service restarted.
    Restart(String, Meanwhile),
    /// Service reloaded gracefully.
    Reload(String),
    /// Listener closed and opened anew, and its app restarted.
    MoveListener(AppName, Bind, Handover),
    /// App stopped; what brings it back stays for so long, and goes with it if that is no time at all.
    RemoveApp(AppName, Duration),
    /// What stayed of a removed app goes for good.
    PurgeApp(AppName),
    /// File or link removed.
    RemoveFile(String),
    /// Directory removed if it is empty.
    RemoveDirectory(String),
    /// System user removed.
    RemoveUser(String),
    /// Ownership record brought up to date.
    Record,
}

/// Log files that change hands, with those that were rotated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logs {
    /// The app that logs to them.
    pub app: AppName,
    /// Whose they are.
    pub from: UserName,
    /// Whose they will be.
    pub to: UserName,
    /// The files.
    pub paths: Vec<RemotePath>,
}

/// What becomes of requests while a service restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meanwhile {
    /// It serves none, or a second process does.
    Served,
    /// Its listener stays open, and they wait.
    Wait,
    /// It listens by itself, and they are refused.
    Refused,
}

/// How an app gets another listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handover {
    /// A second process answers at the former address until Nginx has turned to the new one.
    Seamless,
    /// The address is the same, or held by the app itself, or taken by another app: it is closed before the new one is
    /// opened.
    Gap,
    /// These apps give the address up.
    From(Vec<AppName>),
}

/// The kind of a change, for marks and colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Something new.
    Add,
    /// Something different.
    Update,
    /// Something gone.
    Remove,
    /// A process acts.
    Act,
}

impl Operation {
    /// Names the one compared resource that changes; `None` for what no longer is one.
    #[must_use]
    pub fn resource(&self) -> Option<String> {
        match self {
            // Code, what it requires and which of it is live are one resource.
            Self::AddRelease(app, _) | Self::ActivateRelease(app, _) | Self::InstallPython(app) => {
                Some(format!("release of {app}"))
            }
            Self::Start(unit) | Self::Restart(unit, _) | Self::Reload(unit) => Some(format!("service {unit}")),
            Self::MoveListener(app, ..) => Some(format!("service {}", layout::listener(app))),
            Self::InstallPackage(_)
            | Self::CreateUser(_)
            | Self::PutDirectory(_)
            | Self::MendDirectory(_)
            | Self::PutFile(_)
            | Self::PutLink(_) => Some(self.to_string()),
            Self::DisableWelcome
            | Self::RestoreWelcome
            | Self::GiveLogs(_)
            | Self::RemoveApp(..)
            | Self::PurgeApp(_)
            | Self::RemoveFile(_)
            | Self::RemoveDirectory(_)
            | Self::RemoveUser(_)
            | Self::Record => None,
        }
    }

    /// The kind of change; `existed` tells a new file from a changed one.
    fn verb(&self, existed: bool) -> Verb {
        match self {
            Self::MendDirectory(_) | Self::GiveLogs(_) => Verb::Update,
            Self::PutFile(_) | Self::PutLink(_) | Self::ActivateRelease(..) if existed => Verb::Update,
            Self::InstallPackage(_)
            | Self::CreateUser(_)
            | Self::PutDirectory(_)
            | Self::PutFile(_)
            | Self::PutLink(_)
            | Self::AddRelease(..)
            | Self::ActivateRelease(..)
            | Self::RestoreWelcome => Verb::Add,
            Self::DisableWelcome
            | Self::RemoveApp(..)
            | Self::PurgeApp(_)
            | Self::RemoveFile(_)
            | Self::RemoveDirectory(_)
            | Self::RemoveUser(_) => Verb::Remove,
            Self::InstallPython(_) | Self::Record => Verb::Update,
            Self::Start(_) | Self::Restart(..) | Self::Reload(_) | Self::MoveListener(..) => Verb::Act,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InstallPackage(name) => write!(f, "package {name}"),
            Self::CreateUser(user) => write!(f, "user {}", user.name),
            Self::PutDirectory(directory) | Self::MendDirectory(directory) => write!(f, "directory {}", directory.path),
            Self::GiveLogs(logs) => write!(f, "log files of {}", logs.app),
            Self::PutFile(file) => write!(f, "file {}", file.path),
            Self::PutLink(link) => write!(f, "link {} -> {}", link.path, link.to),
            Self::AddRelease(app, id) => write!(f, "release {app} {id}"),
            Self::ActivateRelease(app, id) => write!(f, "live release {app} {id}"),
            Self::InstallPython(app) => write!(f, "python dependencies of {app}"),
            Self::DisableWelcome => write!(f, "link {} (Debian's welcome page)", layout::WELCOME),
            Self::RestoreWelcome => write!(f, "link {} (Debian's welcome page, back)", layout::WELCOME),
            Self::Start(unit) => write!(f, "start {unit}"),
            Self::Restart(unit, Meanwhile::Served) => write!(f, "restart {unit}"),
            Self::Restart(unit, Meanwhile::Wait) => write!(f, "restart {unit}, while requests wait"),
            Self::Restart(unit, Meanwhile::Refused) => write!(f, "restart {unit}, refusing connections meanwhile"),
            Self::Reload(unit) => write!(f, "reload {unit}"),
            Self::MoveListener(app, bind, Handover::Seamless) => write!(f, "move the listener of {app} to {bind}"),
            Self::MoveListener(app, bind, Handover::Gap) => {
                write!(f, "move the listener of {app} to {bind}, refusing connections for a moment")
            }
            Self::MoveListener(app, bind, Handover::From(from)) => {
                let from = from.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
                write!(f, "move the listener on {bind} from {from} to {app}, refusing connections for a moment")
            }
            Self::RemoveApp(app, Duration::ZERO) => write!(f, "app {app}"),
            Self::RemoveApp(app, keep) => write!(f, "app {app}, kept for {}", lasting(*keep)),
            Self::PurgeApp(app) => write!(f, "what is kept of app {app}"),
            Self::RemoveFile(path) => write!(f, "file {path}"),
            Self::RemoveDirectory(path) => write!(f, "directory {path}, if empty"),
            Self::RemoveUser(name) => write!(f, "user {name}"),
            Self::Record => write!(f, "ownership record"),
        }
    }
}
