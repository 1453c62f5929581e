//! A target: everything one host should be, merged from defaults, groups, host and command line.

use std::collections::BTreeMap;
use std::time::Duration;

use super::app::App;
use super::connection::Connection;
use super::names::{AppName, HostName, Mode, PackageName, ProjectName, RemotePath, UserName};
use super::site::Site;
use super::tls::Pem;

/// One selected host with all its values merged and resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The host's name in the inventory.
    pub host: HostName,
    /// The project that its inventory is.
    pub project: ProjectName,
    /// How long what brings an app back stays once it is no longer in the inventory.
    pub keep_removed: Duration,
    /// Names of the groups it is in, nearest last.
    pub groups: Vec<String>,
    /// How to reach it.
    pub connection: Connection,
    /// Apps it runs, by name.
    pub apps: Vec<App>,
    /// Sites it serves, by name.
    pub sites: Vec<Site>,
    /// Extra files.
    pub files: Vec<ExtraFile>,
    /// Extra Debian packages, sorted.
    pub packages: Vec<PackageName>,
    /// Variables for templates.
    pub vars: BTreeMap<String, serde_json::Value>,
    /// The inventory's file name, for templates that ask for it.
    pub inventory: String,
}

impl Target {
    /// Every value that came from the controller's environment.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let values = self.apps.iter().flat_map(|app| app.env.values());
        let values = values.filter(|value| value.secret.is_some()).map(|value| value.value.as_str());
        let pems = self.sites.iter().filter_map(|site| site.tls.as_ref()).flat_map(|tls| [&tls.certificate, &tls.key]);
        values.chain(pems.filter_map(|pem| match pem {
            Pem::Path(_) => None,
            Pem::Content { text, .. } => Some(text.as_str()),
        }))
    }

    /// The app of that name.
    #[must_use]
    pub fn app(&self, name: &AppName) -> Option<&App> {
        self.apps.iter().find(|app| &app.name == name)
    }
}

/// A file that the model has no word for, rendered from the user's own template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraFile {
    /// Template name in the `templates/` folder beside the inventory.
    pub template: String,
    /// Where it goes.
    pub destination: RemotePath,
    /// Permission bits.
    pub mode: Mode,
    /// Owning user.
    pub owner: UserName,
    /// Owning group.
    pub group: UserName,
    /// What must take notice of a change.
    pub notify: Vec<Notify>,
}

/// What must take notice of a changed extra file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notify {
    /// Nginx reloads.
    Nginx,
    /// The app reloads.
    App(AppName),
    /// Another unit of the host is reloaded, or restarted where it cannot reload.
    Unit(String),
}
