//! Inventories of one host, built up and varied by tests.

use super::host::Host;

/// The fixture's code, run by Debian's own gunicorn: the least that an app can be.
pub const APP: &str = "source: { path: code }, wsgi: app:app, python: { install: apt }";

/// What one host is to be. Values are YAML as it stands between braces.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    apps: Vec<(String, String)>,
    sites: Vec<(String, String)>,
    top: Vec<String>,
    persist: u32,
}

impl Inventory {
    /// An app, or another definition of one.
    pub fn app(mut self, name: &str, yaml: &str) -> Self {
        put(&mut self.apps, name, yaml);
        self
    }

    /// A site, or another definition of one.
    pub fn site(mut self, name: &str, yaml: &str) -> Self {
        put(&mut self.sites, name, yaml);
        self
    }

    /// Without that app.
    pub fn without_app(mut self, name: &str) -> Self {
        self.apps.retain(|(known, _)| known != name);
        self
    }

    /// A line of the top level.
    pub fn top(mut self, yaml: &str) -> Self {
        self.top.push(yaml.to_owned());
        self
    }

    /// Seconds that an idle connection stays.
    pub fn persist(mut self, seconds: u32) -> Self {
        self.persist = seconds;
        self
    }

    /// The text of the inventory, with the way to `host`.
    pub fn text(&self, host: &Host) -> String {
        let mut text = format!("version: 1\n{}\n", ssh(host, self.persist));
        for line in &self.top {
            text.push_str(&format!("{line}\n"));
        }
        section(&mut text, "apps", &self.apps);
        section(&mut text, "sites", &self.sites);
        let names =
            |list: &[(String, String)]| list.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>().join(", ");
        let (name, address) = (&host.name, host.address);
        let (apps, sites) = (names(&self.apps), names(&self.sites));
        let spare = if self.apps.is_empty() && self.sites.is_empty() { ", spare: true" } else { "" };
        text.push_str(&format!(
            "hosts:\n  {name}: {{ address: {address}, apps: [{apps}], sites: [{sites}]{spare} }}\n"
        ));
        text
    }
}

/// The `ssh:` line of an inventory.
pub fn ssh(host: &Host, persist: u32) -> String {
    let (identity, known_hosts) = (host.identity(), host.known_hosts());
    format!(
        "ssh: {{ user: ubuntu, become: true, identity: {identity}, known_hosts: {known_hosts}, connect_timeout: 3s, \
         persist: {persist}s }}"
    )
}

fn put(list: &mut Vec<(String, String)>, name: &str, yaml: &str) {
    match list.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => yaml.clone_into(known),
        None => list.push((name.to_owned(), yaml.to_owned())),
    }
}

fn section(text: &mut String, key: &str, list: &[(String, String)]) {
    if list.is_empty() {
        return;
    }
    text.push_str(&format!("{key}:\n"));
    for (name, yaml) in list {
        text.push_str(&format!("  {name}: {{ {yaml} }}\n"));
    }
}
