//! The sandbox that all tests of one run share. It goes with the last test that uses it, and what it leaves behind is
//! a failure.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::{env, fs, thread};

use provision::model::HostName;
use provision::sandbox::{Options, Sandbox, SandboxHost, Suite};

use crate::skip::skip;

/// Disks of hosts that are gone in a minute are best kept in memory, where there is room.
const MEMORY: &str = "/dev/shm";
const ROOM: u64 = 3 << 30;
const ON_DISK: &str = "/var/lib";
const BASES: &str = "/var/lib/provision-sandbox/bases";
const PREFIX: &str = "provision-e2e-";

static CURRENT: Mutex<Weak<Lab>> = Mutex::new(Weak::new());
static OPENED: AtomicUsize = AtomicUsize::new(0);

/// A sandbox of its own on the bases that all sandboxes share.
pub struct Lab {
    sandbox: Sandbox,
    directory: PathBuf,
    bases: PathBuf,
}

impl Lab {
    /// `None`, loudly, where hosts cannot be booted.
    pub fn open() -> Option<Arc<Self>> {
        // A test that failed while it held this left nothing half done.
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lab) = current.upgrade() {
            return Some(lab);
        }
        let parent = if free_bytes(MEMORY) > ROOM { MEMORY } else { ON_DISK };
        // An earlier lab of this process may still be on its way out.
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        let directory = Path::new(parent).join(format!("{PREFIX}{}-{number}", std::process::id()));
        let bases = env::var_os("PROVISION_SANDBOX_BASES").map_or_else(|| PathBuf::from(BASES), PathBuf::from);
        let opened = Sandbox::open_in(&directory, bases.clone()).and_then(|sandbox| sandbox.check().map(|()| sandbox));
        match opened {
            Ok(sandbox) => {
                sweep(Path::new(parent), &bases);
                let lab = Arc::new(Self { sandbox, directory, bases });
                *current = Arc::downgrade(&lab);
                Some(lab)
            }
            Err(error) => {
                let _ = fs::remove_dir(&directory);
                skip(&format!("{error:#}"));
                None
            }
        }
    }

    /// What makes `provision` use this sandbox.
    pub fn environment(&self) -> [(String, String); 2] {
        let text = |path: &Path| path.display().to_string();
        [
            ("PROVISION_SANDBOX_DIR".to_owned(), text(&self.directory)),
            ("PROVISION_SANDBOX_BASES".to_owned(), text(&self.bases)),
        ]
    }

    /// Boots hosts.
    pub fn up(&self, names: &[HostName]) -> Vec<SandboxHost> {
        self.up_with(names, &Suite::default())
    }

    /// Boots hosts of a certain suite.
    pub fn up_with(&self, names: &[HostName], suite: &Suite) -> Vec<SandboxHost> {
        let options = Options { suite: suite.clone(), ..Options::default() };
        self.sandbox.up(names, &options, &mut |_| {}).expect("the hosts boot")
    }

    /// Boots a host that runs that release, of which a base is built if there is none.
    pub fn up_on(&self, suite: &str, name: &HostName) -> anyhow::Result<SandboxHost> {
        let options = Options { suite: suite.parse()?, mirror: None };
        let hosts = self.sandbox.up(std::slice::from_ref(name), &options, &mut say)?;
        Ok(hosts.into_iter().next().expect("one host for one name"))
    }

    /// Cuts the power of a host.
    pub fn stop(&self, name: &HostName) {
        self.sandbox.stop(std::slice::from_ref(name), &mut |_| {}).expect("the host stops");
    }

    /// Removes hosts, whatever state they are in.
    pub fn down(&self, names: &[HostName]) {
        if let Err(error) = self.sandbox.down(names, &mut |_| {}) {
            say(&format!("left behind: {error:#}"));
        }
    }

    /// What the kernel still has of the sandbox: mounts, processes, namespaces, interfaces.
    fn remains(&self) -> String {
        let script = include_str!("scripts/remains.sh");
        let output =
            Command::new("bash").args(["-c", script, "remains"]).arg(&self.directory).output().expect("bash runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let removed = self.sandbox.down_all(&mut |_| {});
        let remains = self.remains();
        let _ = fs::remove_dir_all(&self.directory);
        if !thread::panicking() {
            removed.expect("every host can be removed");
            assert_eq!(remains, "", "the sandbox left something behind");
        }
    }
}

/// Removes what runs that were killed have left.
fn sweep(parent: &Path, bases: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((process, _)) = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-')) else { continue };
        if Path::new("/proc").join(process).exists() {
            continue;
        }
        if let Ok(sandbox) = Sandbox::open_in(&entry.path(), bases.to_owned()) {
            let _ = sandbox.down_all(&mut |_| {});
        }
        let _ = fs::remove_dir_all(entry.path());
    }
}

fn free_bytes(directory: &str) -> u64 {
    rustix::fs::statvfs(directory).map_or(0, |status| status.f_bavail * status.f_frsize)
}

/// Prints a line that the test harness does not swallow.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
