//! The master connection: a background `ssh` that holds the TCP connection and listens on a control socket.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::by_hand::by_hand;
use super::failure::unreachable;
use super::limits::Limits;
use crate::digest::Hasher;
use crate::encode::shell;
use crate::fault::{Fault, Kind};
use crate::model::Connection;
use crate::process;

/// An idle master of a run that is not to leave one ends after this long, in case the run itself is killed.
const SHORTEST_PERSIST: Duration = Duration::from_secs(10);

/// What lies beside a socket that is gone is removed after this long, so many at once.
const OLD: Duration = Duration::from_secs(3600);
const SWEPT: usize = 200;

/// ssh binds the socket under a longer temporary name, and the kernel takes 107 bytes.
const LONGEST_CONTROL_PATH: usize = 88;

/// An open master connection.
pub struct Master {
    /// Its control socket.
    pub control: PathBuf,
    /// It was open already.
    pub reused: bool,
}

/// Takes up the master that an earlier run left, or starts one.
///
/// # Errors
/// When the host cannot be reached or does not let the user in.
pub async fn open(connection: &Connection, directory: &Path) -> Result<Master, Fault> {
    let control = control_path(connection, directory).map_err(|error| local(&error, directory))?;
    if alive(&control).await {
        return Ok(Master { control, reused: true });
    }
    // Two runs at once must not start two masters on one socket.
    let lock = control.with_extension("lock");
    let _lock = wait_for_lock(&lock).await.map_err(|error| local(&error, &lock))?;
    if alive(&control).await {
        return Ok(Master { control, reused: true });
    }
    // What a killed master left behind would keep ssh from listening.
    let _ = fs::remove_file(&control);
    sweep_old(control.parent().unwrap_or(directory));
    start(connection, &control).await?;
    Ok(Master { control, reused: false })
}

/// Ends a master.
pub async fn end(control: &Path) {
    let mut command = process::concurrent("ssh");
    // ssh wants a host here and never looks it up; newer ones refuse a name that begins with `-`.
    command.arg("-S").arg(control).args(["-O", "exit", "localhost"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    // One that is busy with what a host sends goes later, by itself.
    let _ = tokio::time::timeout(Duration::from_secs(5), command.status()).await;
}

/// Removes what a master that no other run shares has left beside its socket.
pub fn sweep(control: &Path) {
    for extension in ["log", "lock"] {
        let _ = fs::remove_file(control.with_extension(extension));
    }
}

/// Removes what masters have left that ended by themselves, some of it with each new connection: where no run holds the
/// lock and no socket is there any more, nobody needs the log, nor the lock.
fn sweep_old(directory: &Path) {
    let old = |path: &PathBuf| {
        let age = fs::metadata(path).ok().and_then(|metadata| metadata.modified().ok()?.elapsed().ok());
        path.extension().is_some_and(|extension| extension == "lock") && age.is_some_and(|age| age > OLD)
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(old).take(SWEPT) {
        let Ok(lock) = OpenOptions::new().append(true).open(&path) else { continue };
        let held = rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err();
        if !held && !path.with_extension("").exists() {
            sweep(&path.with_extension(""));
        }
    }
}

async fn alive(control: &Path) -> bool {
    if !control.exists() {
        return false;
    }
    let session = openssh::Session::resume_mux(control.to_owned().into_boxed_path(), None);
    let check = tokio::time::timeout(Duration::from_secs(2), session.check());
    matches!(check.await, Ok(Ok(())))
}

async fn wait_for_lock(path: &Path) -> io::Result<File> {
    let open = || OpenOptions::new().create(true).append(true).open(path);
    let mut file = open()?;
    loop {
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            // Another run may have removed it meanwhile: then this is nobody's lock.
            Ok(()) if !is_at(&file, path) => file = open()?,
            Ok(()) => {
                // A master that is used again and again is never old.
                let _ = file.set_modified(std::time::SystemTime::now());
                return Ok(file);
            }
            Err(rustix::io::Errno::WOULDBLOCK) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether a file that is open is still the one at that path.
fn is_at(file: &File, path: &Path) -> bool {
    let place = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (open, there) = (file.metadata().map(place), fs::metadata(path).map(place));
    matches!((open, there), (Ok(open), Ok(there)) if open == there)
}

async fn start(connection: &Connection, control: &Path) -> Result<(), Fault> {
    let address = &connection.address;
    let log = control.with_extension("log");
    let stderr = File::create(&log).map_err(|error| local(&error, &log))?;
    let persist = connection.persist.max(SHORTEST_PERSIST).as_secs();
    let mut command = process::concurrent("ssh");
    command.args(["-M", "-N", "-f"]).arg("-S").arg(control).arg("-E").arg(&log);
    command.arg("-o").arg(format!("ControlPersist={persist}"));
    // Nobody is there to answer a question.
    command.args(["-o", "BatchMode=yes", "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3"]);
    command.arg("-o").arg(format!("ConnectTimeout={}", connection.connect_timeout.as_secs().max(1)));
    command.args(options(connection));
    if dials_directly(connection).await {
        command.args(dial_options(connection.connect_timeout, &log));
    }
    command.arg("--").arg(address);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).kill_on_drop(true);
    // ssh's own limit covers the TCP connection alone; a server that accepts and says nothing must not hang a run.
    let limit = connection.connect_timeout * 2 + Duration::from_secs(5);
    let status = match tokio::time::timeout(limit, command.status()).await {
        Ok(status) => status.map_err(|error| local(&error, Path::new("ssh")))?,
        Err(_) => {
            let message = format!("login on {address} took more than {} seconds", limit.as_secs());
            let login = by_hand(connection, &["-v"]);
            return Err(Fault::of(Kind::Unreachable, message).hint(format!("see where it hangs by `{login} true`")));
        }
    };
    if status.success() {
        return Ok(());
    }
    let mut output = vec![];
    // A server's banner is in it, of any length.
    let _ = File::open(&log).and_then(|log| log.take(Limits::LOOK.complaint as u64).read_to_end(&mut output));
    Err(unreachable(&output, connection))
}

/// What the inventory says; everything unsaid is ssh's own choice.
fn options(connection: &Connection) -> Vec<String> {
    let mut options = vec![];
    let mut option = |words: &[&str]| options.extend(words.iter().map(|word| (*word).to_owned()));
    if let Some(port) = connection.port {
        option(&["-p", &port.to_string()]);
    }
    if let Some(user) = &connection.user {
        option(&["-l", user]);
    }
    if let Some(identity) = &connection.identity {
        option(&["-i", &identity.display().to_string(), "-o", "IdentitiesOnly=yes"]);
    }
    if let Some(known_hosts) = &connection.known_hosts {
        option(&["-o", &format!("UserKnownHostsFile={}", known_hosts.display())]);
        option(&["-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes"]);
    }
    options
}

/// May our own dialler open the TCP connection? Only where ssh would have dialled plainly itself.
async fn dials_directly(connection: &Connection) -> bool {
    let mut command = process::concurrent("ssh");
    command.arg("-G").args(options(connection)).arg("--").arg(&connection.address).stdin(Stdio::null());
    let Ok(output) = command.output().await else { return false };
    let config = String::from_utf8_lossy(&output.stdout);
    let plain = |line: &str| {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "proxycommand" | "proxyjump" | "bindaddress" | "bindinterface" => value == "none" || value.is_empty(),
            "addressfamily" => value == "any",
            _ => true,
        }
    };
    output.status.success() && config.lines().all(plain)
}

/// ssh takes the connected socket from `provision ssh-dial` instead of dialling by itself.
fn dial_options(timeout: Duration, log: &Path) -> Vec<String> {
    let Ok(program) = std::env::current_exe() else { return vec![] };
    let word = |path: &Path| shell::quote(&path.display().to_string()).replace('%', "%%");
    let (program, log) = (word(&program), word(log));
    let dial = format!("ProxyCommand={program} ssh-dial %h %p {} {log}", timeout.as_secs().max(1));
    ["-o", &dial, "-o", "ProxyUseFdpass=yes"].map(ToOwned::to_owned).to_vec()
}

/// The control socket of this connection: equal for connections that ssh would make alike. A run that ends its master
/// has one of its own, so that it cuts off no other run.
fn control_path(connection: &Connection, directory: &Path) -> io::Result<PathBuf> {
    let mut hasher = Hasher::default();
    hasher.field(&connection.address).field(options(connection).join("\n"));
    if connection.persist.is_zero() {
        hasher.field(std::process::id().to_string());
    }
    // A changed configuration may lead elsewhere.
    let config = std::env::home_dir().map(|home| home.join(".ssh/config"));
    if let Some(metadata) = config.and_then(|path| fs::metadata(path).ok()) {
        hasher.field(format!("{}.{}", metadata.mtime(), metadata.mtime_nsec()));
    }
    let name = hasher.finish().short(16).to_owned();
    let directory = private(directory)?;
    let path = directory.join(&name);
    if path.as_os_str().len() <= LONGEST_CONTROL_PATH {
        return Ok(path);
    }
    let user = rustix::process::getuid().as_raw();
    Ok(private(Path::new(&format!("/tmp/provision-{user}")))?.join(name))
}

/// A folder that nobody else can look into: who can write there can run commands on every host.
fn private(directory: &Path) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let metadata = fs::symlink_metadata(directory)?;
    let ours =
        metadata.is_dir() && metadata.uid() == rustix::process::getuid().as_raw() && metadata.mode() & 0o077 == 0;
    if ours { Ok(directory.to_owned()) } else { Err(io::Error::other("it must be a folder of yours with mode 0700")) }
}

fn local(error: &io::Error, path: &Path) -> Fault {
    if path == Path::new("ssh") {
        return Fault::of(Kind::Unreachable, format!("`ssh` could not be run: {error}"))
            .hint("install it by `apt-get install openssh-client`");
    }
    Fault::of(Kind::Unreachable, format!("`{}` cannot be used: {error}", path.display()))
}
