//! Which host has which address: chosen once, then kept in the state directory.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::Sandbox;
use super::disk::DiskRecord;
use super::network::{Index, Subnet};
use super::script;
use super::state::write_whole;
use crate::model::HostName;

impl Sandbox {
    /// Keeps the subnet that was chosen once, unless a route has come into its way and no host is bound to it.
    pub(super) fn choose_subnet(&self) -> Result<()> {
        let mut command = crate::process::command("ip");
        command.args(["-4", "route", "show", "table", "all"]).env("PATH", script::search_path()).stdin(Stdio::null());
        let output = command.output().context("cannot start `ip`; install `iproute2`")?;
        let own = format!("dev pvs{} ", self.key);
        let routes = String::from_utf8_lossy(&output.stdout);
        let foreign = routes.lines().filter(|line| !line.contains(&own)).collect::<Vec<_>>().join("\n");
        match self.subnet() {
            Ok(subnet) if !subnet.collides(&foreign) => return Ok(()),
            Ok(subnet) if !self.names()?.is_empty() => bail!(
                "the sandbox's network {}/24 now has another route on this machine; remove that, or the hosts with \
                 `provision sandbox down --all`",
                subnet.to_text().trim()
            ),
            _ => {}
        }
        let preferred = u8::from_str_radix(&self.key[..2], 16).unwrap_or_default();
        let subnet = Subnet::choose(preferred, &foreign)?;
        write_whole(&self.directory.join("subnet"), &subnet.to_text())
    }

    /// The network of all hosts, once it has been chosen.
    pub(super) fn subnet(&self) -> Result<Subnet> {
        let path = self.directory.join("subnet");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Subnet::from_text(&text)
            .with_context(|| format!("`{}` does not hold a network of 10.213.0.0/16", path.display()))
    }

    /// The index a host has or had, so that its address stays; otherwise a free one.
    pub(super) fn assign_index(&self, name: &HostName) -> Result<Index> {
        let path = self.directory.join("addresses.json");
        let mut assigned: BTreeMap<String, Index> = match fs::read_to_string(&path) {
            Ok(text) => {
                serde_json::from_str(&text).with_context(|| format!("`{}` is damaged; remove it", path.display()))?
            }
            Err(_) => BTreeMap::new(),
        };
        // Hosts that exist have theirs on record, whatever became of the file.
        for existing in self.names()? {
            assigned.insert(existing.to_string(), DiskRecord::read(&self.disk(&existing))?.index);
        }
        if let Some(index) = assigned.get(name.as_str()) {
            return Ok(*index);
        }
        let mut taken = assigned.values().copied().collect::<Vec<_>>();
        if Index::lowest_free(&taken).is_none() {
            assigned.retain(|name, _| self.hosts().join(name).is_dir());
            taken = assigned.values().copied().collect();
        }
        let index = Index::lowest_free(&taken)
            .context("the sandbox is full: it has 253 addresses; remove hosts with `provision sandbox down HOST`")?;
        assigned.insert(name.to_string(), index);
        write_whole(&path, &serde_json::to_string_pretty(&assigned)?)?;
        Ok(index)
    }
}
