//! A host's disk: what it has of its own, laid over the base it shares. Files only; nothing is mounted here.

use std::fs::{self, Permissions};
use std::net::Ipv4Addr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::base::remove;
use super::network::Index;
use super::suite::Suite;
use crate::model::HostName;

/// The login user of every host, as the recipe of the base creates it.
pub(super) const USER: &str = "ubuntu";
const USER_ID: u32 = 1000;

/// What a host was created with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiskRecord {
    pub(super) index: Index,
    suite: String,
    pub(super) base: PathBuf,
}

impl DiskRecord {
    pub(super) fn new(index: Index, suite: &Suite, base: PathBuf) -> Self {
        Self { index, suite: suite.to_string(), base }
    }

    pub(super) fn suite(&self) -> Result<Suite> {
        Ok(self.suite.parse()?)
    }

    /// Of the host whose directory is `disk`.
    pub(super) fn read(disk: &Path) -> Result<Self> {
        let path = disk.join("host.json");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("`{}` is not the record of a sandbox host", path.display()))
    }
}

/// Creates the directory `disk` of a host. It appears whole or not at all.
pub(super) fn create(
    disk: &Path,
    record: &DiskRecord,
    name: &HostName,
    [address, controller]: [Ipv4Addr; 2],
    authorized_key: &str,
) -> Result<()> {
    let partial = disk.with_file_name(format!(".{name}.partial"));
    remove(&partial)?;
    fs::create_dir_all(partial.join("root"))?;
    fs::create_dir_all(partial.join("work"))?;
    fs::write(partial.join("host.json"), serde_json::to_string_pretty(record)? + "\n")?;

    let upper = partial.join("upper");
    fs::create_dir_all(upper.join("etc/ssh"))?;
    fs::write(upper.join("etc/hostname"), format!("{name}\n"))?;
    let hosts =
        format!("127.0.0.1 localhost\n::1 localhost ip6-localhost\n{address} {name}\n{controller} controller\n");
    fs::write(upper.join("etc/hosts"), hosts)?;
    let uuid = fs::read_to_string("/proc/sys/kernel/random/uuid")?;
    fs::write(upper.join("etc/machine-id"), uuid.replace('-', ""))?;
    fs::set_permissions(upper.join("etc/machine-id"), Permissions::from_mode(0o444))?;

    let host_key = upper.join("etc/ssh/ssh_host_ed25519_key");
    generate_key(&host_key, &format!("root@{name}"))?;
    fs::copy(host_key.with_extension("pub"), partial.join("host_key.pub"))?;

    let home = upper.join("home").join(USER);
    fs::create_dir_all(home.join(".ssh"))?;
    fs::write(home.join(".ssh/authorized_keys"), authorized_key)?;
    fs::set_permissions(home.join(".ssh"), Permissions::from_mode(0o700))?;
    fs::set_permissions(home.join(".ssh/authorized_keys"), Permissions::from_mode(0o600))?;
    for path in [&home, &home.join(".ssh"), &home.join(".ssh/authorized_keys")] {
        chown(path, Some(USER_ID), Some(USER_ID))?;
    }

    fs::rename(&partial, disk)?;
    Ok(())
}

/// Removes the directory of a host. It disappears at once; its content may take a moment.
pub(super) fn destroy(disk: &Path, name: &HostName) -> Result<()> {
    let condemned = disk.with_file_name(format!(".{name}.condemned"));
    remove(&condemned)?;
    if disk.exists() {
        fs::rename(disk, &condemned)?;
        remove(&condemned)?;
    }
    Ok(())
}

/// Generates an ed25519 key without a passphrase, private part with mode 0600, public part beside it as `.pub`.
pub(super) fn generate_key(path: &Path, comment: &str) -> Result<()> {
    let mut keygen = crate::process::command("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f"]).arg(path).stdin(Stdio::null());
    let output = keygen.output().context("cannot start `ssh-keygen`; install `openssh-client`")?;
    if !output.status.success() {
        bail!("`ssh-keygen` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
