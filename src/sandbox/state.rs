//! The state directory: which hosts there are, their keys and disks, and the lock that guards it all.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{env, fmt::Write};

use anyhow::{Context, Result, ensure};

use super::SandboxHost;
use super::base::{Bases, remove, short_digest};
use super::disk::{self, DiskRecord, USER};
use super::machine::Machine;
use super::network::KernelNames;
use crate::format::{self, Format};
use crate::model::HostName;

/// Of everything in a state directory. `provision` 0.1.0 wrote the first one, and did not say so.
const FORMAT: Format = Format::new("what is stored of the sandbox", 1);

const DEFAULT_DIRECTORY: &str = "/var/lib/provision-sandbox";

/// The hosts of one state directory. Several programs may use one at the same time.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub(super) directory: PathBuf,
    bases: Bases,
    /// Six hexadecimal digits that stand for the directory in the kernel's names.
    pub(super) key: String,
}

impl Sandbox {
    /// Opens the sandbox in `PROVISION_SANDBOX_DIR`, or else in `/var/lib/provision-sandbox`. Bases are in its `bases`,
    /// or in `PROVISION_SANDBOX_BASES`, which several sandboxes can share.
    ///
    /// # Errors
    /// As [`open_in`](Self::open_in).
    pub fn open() -> Result<Self> {
        let directory = env::var_os("PROVISION_SANDBOX_DIR").map_or_else(|| DEFAULT_DIRECTORY.into(), PathBuf::from);
        let bases = env::var_os("PROVISION_SANDBOX_BASES").map_or_else(|| directory.join("bases"), PathBuf::from);
        Self::open_in(&directory, bases)
    }

    /// Opens the sandbox in a directory, which is created if need be.
    ///
    /// # Errors
    /// Without root; when the directory cannot be used, or a newer `provision` has written to it.
    pub fn open_in(directory: &Path, bases: PathBuf) -> Result<Self> {
        ensure!(
            rustix::process::geteuid().is_root(),
            "the sandbox boots whole systems, which takes root; run it with `sudo`"
        );
        let shown = directory.display();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .with_context(|| format!("cannot create `{shown}`"))?;
        let directory = directory.canonicalize().with_context(|| format!("cannot open `{shown}`"))?;
        // Commas and colons separate the options of an overlay mount.
        let plain = |text: &str| !text.contains([',', ':', '\\', ' ', '\n']);
        ensure!(
            directory.to_str().is_some_and(plain) && bases.to_str().is_some_and(plain),
            "`{shown}` cannot hold a sandbox; choose a directory with no blank, comma, colon or backslash in its path \
             by PROVISION_SANDBOX_DIR"
        );
        refuse_newer(&directory)?;
        let key = short_digest(directory.as_os_str().as_encoded_bytes())[..6].to_owned();
        Ok(Self { bases: Bases::new(bases), directory, key })
    }

    pub(super) fn bases(&self) -> &Bases {
        &self.bases
    }

    /// Waits for other programs that change this sandbox, and keeps them out until the lock is dropped.
    pub(super) fn lock(&self, progress: &mut dyn FnMut(&str)) -> Result<File> {
        let lock = File::create(self.directory.join("lock"))?;
        if lock.try_lock().is_err() {
            progress("waiting for another `provision` that changes the sandbox");
            lock.lock()?;
        }
        Ok(lock)
    }

    /// Makes what all hosts share.
    pub(super) fn prepare(&self) -> Result<()> {
        self.refuse_overlay()?;
        self.sweep()?;
        write_whole(&self.directory.join(format::KEY), &format!("{}\n", FORMAT.newest()))?;
        fs::create_dir_all(self.hosts())?;
        fs::set_permissions(&self.directory, Permissions::from_mode(0o700))?;
        if !self.identity().exists() {
            disk::generate_key(&self.identity(), "provision sandbox")?;
        }
        self.choose_subnet()
    }

    /// The kernel refuses an overlay as the writable layer of another.
    fn refuse_overlay(&self) -> Result<()> {
        const OVERLAYFS_MAGIC: u64 = 0x794c_7630;
        let kind = rustix::fs::statfs(&self.directory)?.f_type;
        ensure!(
            u64::try_from(kind).ok() != Some(OVERLAYFS_MAGIC),
            "`{}` is on an overlay file system, which cannot hold the disks of sandbox hosts; point \
             PROVISION_SANDBOX_DIR at a directory on ext4, xfs, btrfs or tmpfs",
            self.directory.display()
        );
        Ok(())
    }

    pub(super) fn create_disk(&self, name: &HostName, record: &DiskRecord) -> Result<()> {
        let subnet = self.subnet()?;
        let authorized_key = fs::read_to_string(self.identity().with_extension("pub"))?;
        let addresses = [subnet.host(record.index), subnet.controller()];
        disk::create(&self.disk(name), record, name, addresses, &authorized_key)
            .with_context(|| format!("cannot create the disk of `{name}`"))
    }

    /// Names of all hosts, sorted.
    pub(super) fn names(&self) -> Result<Vec<HostName>> {
        let entries = match fs::read_dir(self.hosts()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).context("cannot list the sandbox's hosts"),
        };
        let mut names = Vec::new();
        for entry in entries {
            // What is half created or half removed begins with a dot, as no host does.
            names.extend(entry?.file_name().to_str().and_then(|name| name.parse::<HostName>().ok()));
        }
        names.sort();
        Ok(names)
    }

    /// Fails if one of the hosts does not exist.
    pub(super) fn require(&self, names: &[HostName]) -> Result<()> {
        for name in names {
            ensure!(
                self.disk(name).is_dir(),
                "there is no sandbox host `{name}`; create it with `provision sandbox up {name}`"
            );
        }
        Ok(())
    }

    pub(super) fn machine(&self, name: &HostName) -> Result<(Machine, DiskRecord)> {
        let record = DiskRecord::read(&self.disk(name))?;
        let subnet = self.subnet()?;
        let machine = Machine {
            name: name.clone(),
            disk: self.disk(name),
            names: KernelNames::new(&self.key, record.index),
            address: subnet.host(record.index),
            controller: subnet.controller(),
        };
        Ok((machine, record))
    }

    /// A host that exists.
    ///
    /// # Errors
    /// When it does not exist, or what is stored of it cannot be read.
    pub fn host(&self, name: &HostName) -> Result<SandboxHost> {
        self.require(std::slice::from_ref(name))?;
        let (machine, record) = self.machine(name)?;
        Ok(SandboxHost {
            name: name.clone(),
            address: machine.address.into(),
            user: USER.to_owned(),
            identity: self.identity(),
            known_hosts: self.known_hosts(),
            suite: record.suite()?,
            state: machine.state(),
        })
    }

    /// Pins the key of every host, by name and by address.
    pub(super) fn write_known_hosts(&self) -> Result<()> {
        let mut text = String::new();
        for name in self.names()? {
            let (machine, _) = self.machine(&name)?;
            let key = fs::read_to_string(machine.disk.join("host_key.pub"))?;
            writeln!(text, "{name},{} {}", machine.address, key.trim())?;
        }
        write_whole(&self.known_hosts(), &text)
    }

    /// Removes what an interrupted creation or removal has left.
    pub(super) fn sweep(&self) -> Result<()> {
        let Ok(entries) = fs::read_dir(self.hosts()) else { return Ok(()) };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes everything but the lock.
    pub(super) fn forget(&self) -> Result<()> {
        for name in ["hosts", "id_ed25519", "id_ed25519.pub", "known_hosts", "subnet", "addresses.json", format::KEY] {
            remove(&self.directory.join(name))?;
        }
        Ok(())
    }

    pub(super) fn disk(&self, name: &HostName) -> PathBuf {
        self.hosts().join(name.as_str())
    }

    pub(super) fn hosts(&self) -> PathBuf {
        self.directory.join("hosts")
    }

    fn identity(&self) -> PathBuf {
        self.directory.join("id_ed25519")
    }

    fn known_hosts(&self) -> PathBuf {
        self.directory.join("known_hosts")
    }
}

/// What an older `provision` has stored is read; what a newer one has is not.
fn refuse_newer(directory: &Path) -> Result<()> {
    let path = directory.join(format::KEY);
    match fs::read_to_string(&path) {
        Ok(version) => Ok(FORMAT.read(version.trim_end()).map(drop)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

/// Replaces a file so that readers see the old or the new content, never half of it.
pub(super) fn write_whole(path: &Path, content: &str) -> Result<()> {
    let partial = path.with_extension("partial");
    let written = fs::write(&partial, content).and_then(|()| fs::rename(&partial, path));
    written.with_context(|| format!("cannot write `{}`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::super::process::ProcessRecord;
    use super::*;

    /// A sandbox as that release left it, without its disks.
    fn left_by(release: &str) -> (tempfile::TempDir, Sandbox) {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/stored").join(release).join("sandbox");
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("hosts/web-01")).unwrap();
        for path in ["addresses.json", "subnet", "format", "hosts/web-01/host.json", "hosts/web-01/process"] {
            if let Ok(text) = fs::read(fixture.join(path)) {
                fs::write(folder.path().join(path), text).unwrap();
            }
        }
        let directory = folder.path().to_owned();
        (folder, Sandbox { bases: Bases::new(directory.join("bases")), directory, key: "c0ffee".to_owned() })
    }

    #[test]
    fn what_every_release_stored_is_read_and_written_the_same() {
        for release in ["0.1.0", "0.2.0", "0.3.0"] {
            let (_folder, sandbox) = left_by(release);
            let name: HostName = "web-01".parse().unwrap();
            let read = |path: &str| fs::read_to_string(sandbox.directory.join(path)).unwrap();
            refuse_newer(&sandbox.directory).unwrap();
            assert_eq!(sandbox.names().unwrap(), std::slice::from_ref(&name));
            assert_eq!(sandbox.subnet().unwrap().to_text(), read("subnet"));
            let record = DiskRecord::read(&sandbox.disk(&name)).unwrap();
            assert_eq!(record.suite().unwrap().to_string(), "bookworm");
            assert_eq!(serde_json::to_string_pretty(&record).unwrap() + "\n", read("hosts/web-01/host.json"));
            let process = read("hosts/web-01/process");
            assert_eq!(ProcessRecord::from_text(&process).unwrap().to_text(), process);
            // The address stays, also when the host is gone.
            let addresses = read("addresses.json");
            fs::remove_dir_all(sandbox.hosts()).unwrap();
            assert_eq!(sandbox.assign_index(&name).unwrap(), record.index);
            assert_eq!(read("addresses.json"), addresses);
        }
    }

    #[test]
    fn what_a_later_release_stores_is_refused() {
        let (folder, _) = left_by("0.3.0");
        fs::write(folder.path().join("format"), "9\n").unwrap();
        let error = refuse_newer(folder.path()).unwrap_err();
        assert!(error.to_string().contains("the sandbox is of format 9"), "{error}");
        assert_eq!(crate::fault::hints(&error), ["update `provision`"]);
    }
}
