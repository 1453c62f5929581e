//! The TCP connection, dialled by us and handed to ssh (`ProxyUseFdpass`).
//!
//! ssh's first two small writes each meet Nagle's algorithm on one side and delayed acknowledgement on the other: 40 ms
//! of waiting, twice. Switching Nagle off and acknowledging at once for the first moments removes both; not a byte of
//! the conversation differs.

use std::fs::OpenOptions;
use std::io::{IoSlice, Write as _};
use std::mem::MaybeUninit;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg, sockopt};

use crate::process;

/// The handshake is over by then.
const HANDSHAKE: Duration = Duration::from_millis(300);

/// The kernel falls back to delaying acknowledgements after a few packets.
const REARM: Duration = Duration::from_millis(2);

/// Connects to `host` and passes the socket over standard output, as ssh's `ProxyUseFdpass` wants it.
///
/// # Errors
/// When no address of the host accepts within `timeout`, in the words that ssh itself would use. They go to `log` as
/// well: a master that is to stay closes the standard error of its dialler.
pub fn dial(host: &str, port: u16, timeout: Duration, log: &Path) -> Result<()> {
    let stream = connect(host, port, timeout).inspect_err(|error| {
        if let Ok(mut log) = OpenOptions::new().append(true).open(log) {
            let _ = writeln!(log, "{error:#}");
        }
    })?;
    stream.set_nodelay(true)?;
    sockopt::set_tcp_quickack(&stream, true)?;
    // ssh waits for this process to end, so another one goes on acknowledging.
    let keeper = std::env::current_exe().and_then(|program| {
        let socket = stream.try_clone()?;
        process::command(program)
            .arg("ssh-acknowledge")
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(socket)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    });
    // Without it the connection is only slower.
    drop(keeper);
    pass(&stream).context("the connection could not be handed to ssh")
}

/// Acknowledges at once, for a while, what arrives on the socket that is standard input.
pub fn keep_acknowledging() {
    let begin = Instant::now();
    let stdin = std::io::stdin();
    while begin.elapsed() < HANDSHAKE && sockopt::set_tcp_quickack(stdin.as_fd(), true).is_ok() {
        std::thread::sleep(REARM);
    }
}

fn connect(host: &str, port: u16, timeout: Duration) -> Result<TcpStream> {
    let Ok(addresses) = (host, port).to_socket_addrs() else {
        bail!("ssh: Could not resolve hostname {host}: Name or service not known");
    };
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    let reason = match last {
        Some(error) if error.kind() == std::io::ErrorKind::TimedOut => "Connection timed out".to_owned(),
        Some(error) => error.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
        None => "no address".to_owned(),
    };
    bail!("ssh: connect to host {host} port {port}: {reason}")
}

fn pass(stream: &TcpStream) -> Result<()> {
    let sockets = [stream.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    ancillary.push(SendAncillaryMessage::ScmRights(&sockets));
    let stdout = std::io::stdout();
    stdout.lock().flush()?;
    sendmsg(stdout.as_fd(), &[IoSlice::new(b"\0")], &mut ancillary, SendFlags::empty())?;
    Ok(())
}
