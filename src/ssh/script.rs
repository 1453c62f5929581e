//! One remote command: a script and its payload on standard input, lines of an answer on standard output.

use std::cell::Cell;
use std::io::Read;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use openssh::Stdio;
use tokio::io::{AsyncRead, AsyncReadExt as _, BufReader};
use tokio::sync::Notify;

use super::input::{Conversation, tell};
use super::limits::{Excess, Limits};
use super::lines::{Lines, NoLine};
use crate::encode::shell;
use crate::fault::Fault;
use crate::outside;

/// Reads the script from standard input and leaves the rest of it to the script. `head` takes not a byte more than it
/// is told. Lines before the announcement are a password that `sudo` did not ask for.
const LOADER: &str = r#"while IFS= read -r line; do case $line in "provision-script "*) break ;; esac; done
eval "$(head -c "${line#provision-script }")""#;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// How long the last words of a conversation may take to be heard.
const FAREWELL: Duration = Duration::from_secs(1);

/// A script and what it reads.
pub struct Script<'a> {
    /// Bash.
    pub text: &'a str,
    /// Its standard input, read while it is sent.
    pub payload: &'a mut dyn Read,
    /// What its answer may cost.
    pub limits: Limits,
}

/// How a remote command ended.
#[derive(Debug)]
pub struct Ended {
    /// What it printed on standard error.
    pub stderr: String,
    /// Why its payload could not be read to its end: its input was closed before.
    pub unsent: Option<anyhow::Error>,
}

/// Why reading ends before the remote command does.
enum Stop {
    /// The answer is whole. What follows is the channel's own farewell, a round trip that nobody needs.
    Whole,
    /// The connection broke.
    Broken(std::io::Error),
    /// The host wants more than it may cost.
    Excess(Excess),
}

impl From<NoLine> for Stop {
    fn from(no_line: NoLine) -> Self {
        match no_line {
            NoLine::Broken(error) => Self::Broken(error),
            NoLine::Excess(excess) => Self::Excess(excess),
        }
    }
}

/// Runs `script` as root. Its input stays open until the answer has ended.
/// `on_line` breaks off once the answer is whole.
///
/// # Errors
/// When the connection breaks, `sudo` refuses, or the host wants more than it may cost
/// ([`Kind::Excess`](crate::fault::Kind)).
pub async fn run(
    session: &openssh::Session,
    escalate: bool,
    password: Option<&str>,
    script: Script<'_>,
    conversation: Conversation<impl Future<Output = String>>,
    mut on_line: impl FnMut(&str) -> ControlFlow<()>,
) -> Result<Ended> {
    let limits = script.limits;
    let heard = Cell::new(Instant::now());
    let work = work(session, escalate, password, script, conversation, &heard, &mut on_line);
    // Whatever is waited for: a start, a line, an end.
    tokio::select! {
        ended = work => ended,
        excess = patience(limits, &heard) => Err(Fault::from(excess).into()),
    }
}

/// Ends when the host has been silent for too long, or has taken too long in all.
async fn patience(limits: Limits, heard: &Cell<Instant>) -> Excess {
    let begin = Instant::now();
    loop {
        let silent = heard.get() + limits.silence;
        let late = limits.whole.map(|whole| begin + whole);
        let due = late.map_or(silent, |late| late.min(silent));
        if Instant::now() < due {
            tokio::time::sleep_until(due.into()).await;
        } else if due == silent {
            return Excess::Silence(limits.silence);
        } else {
            return Excess::Time(limits.whole.unwrap_or_default());
        }
    }
}

async fn work(
    session: &openssh::Session,
    escalate: bool,
    password: Option<&str>,
    script: Script<'_>,
    conversation: Conversation<impl Future<Output = String>>,
    heard: &Cell<Instant>,
    on_line: &mut impl FnMut(&str) -> ControlFlow<()>,
) -> Result<Ended> {
    let command = command(escalate, password.is_some());
    let mut child = start(session, command).await.context("the remote command could not be started")?;
    let mut stdin = child.stdin().take().context("the remote command has no input")?;
    let stdout = child.stdout().take().context("the remote command has no output")?;
    let stderr = child.stderr().take().context("the remote command has no error output")?;
    let head = head(password, script.text);
    let farewell = !conversation.farewell.is_empty();
    let (answered, said) = (Notify::new(), Notify::new());
    // All at once: a host that answers before it has read everything must not block.
    let (unsent, silent) = (Cell::new(None), Cell::new(true));
    let write = async {
        unsent.set(tell(&mut stdin, head.as_bytes(), script.payload, conversation, &answered, &said).await.err());
        drop(stdin);
        Ok(())
    };
    let read = async {
        let mut lines = Lines::new(BufReader::with_capacity(CHUNK, stdout), script.limits);
        while let Some(line) = lines.next().await? {
            silent.set(false);
            heard.set(Instant::now());
            if on_line(&line).is_break() {
                answered.notify_one();
                said.notified().await;
                if farewell {
                    // What is on its way when the connection ends is lost; the end of the answer says that it was
                    // heard.
                    let heard = async { while let Ok(Some(_)) = lines.next().await {} };
                    let _ = tokio::time::timeout(FAREWELL, heard).await;
                }
                return Err(Stop::Whole);
            }
        }
        answered.notify_one();
        Ok(())
    };
    let complain = async { complaint(stderr, script.limits).await.map_err(Stop::Excess) };
    let stderr = match tokio::try_join!(write, read, complain) {
        Ok(((), (), complaint)) => complaint,
        Err(Stop::Whole) => return Ok(Ended { stderr: String::new(), unsent: unsent.take() }),
        Err(Stop::Broken(error)) => return Err(error).context("the connection broke"),
        Err(Stop::Excess(excess)) => return Err(Fault::from(excess).into()),
    };
    // The answer itself says whether it is whole, so the exit status adds nothing; `wait` ends the channel.
    let status = child.wait().await;
    let unsent = unsent.take();
    if unsent.is_none() {
        judge(&stderr, status.err(), escalate, silent.get())?;
    }
    Ok(Ended { stderr, unsent })
}

async fn start(
    session: &openssh::Session,
    command: String,
) -> Result<openssh::Child<&openssh::Session>, openssh::Error> {
    let mut command = session.raw_command(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().await
}

/// What ssh is told to run.
fn command(escalate: bool, password: bool) -> String {
    let loader = shell::quote(LOADER);
    match (escalate, password) {
        (false, _) => format!("bash -c {loader}"),
        // ssh hands the user's locale on, and what sudo complains of is read below.
        (true, false) => format!("env LC_ALL=C sudo -n -- bash -c {loader}"),
        (true, true) => format!("env LC_ALL=C sudo -S -p '' -- bash -c {loader}"),
    }
}

/// What comes before the payload.
fn head(password: Option<&str>, text: &str) -> String {
    let password = password.map(|password| format!("{password}\n")).unwrap_or_default();
    format!("{password}provision-script {}\n{text}", text.len())
}

/// Why a command did not work that has ended, from what it complained of and how it ended; `silent` if it gave no
/// answer.
fn judge(stderr: &str, status: Option<openssh::Error>, escalate: bool, silent: bool) -> Result<()> {
    if stderr.contains("sudo: a password is required") || stderr.contains("sudo: a terminal is required") {
        let hint = "give `--ask-become-pass` (-K), or let the user run sudo without one";
        return Err(Fault::new("sudo asks for a password").hint(hint).into());
    }
    let refused = ["is not in the sudoers file", "incorrect password", "is not allowed to", "may not run sudo"];
    if refused.iter().any(|words| stderr.contains(words)) && stderr.contains("sudo") {
        return Err(Fault::new(stderr).hint("provision needs root on the host: name a user who may use sudo").into());
    }
    match status {
        Some(openssh::Error::Remote(_)) => {
            let needs = if escalate { "the host needs bash and sudo" } else { "the host needs bash" };
            Err(Fault::new(stderr).hint(needs).into())
        }
        Some(error) if silent && stderr.is_empty() => Err(error).context("the connection broke"),
        Some(_) | None => Ok(()),
    }
}

/// What is printed on standard error: its beginning is kept, and the rest is read, so that whoever prints it is not
/// held up.
async fn complaint(mut from: impl AsyncRead + Unpin, limits: Limits) -> Result<String, Excess> {
    let (mut kept, mut chunk, mut bytes) = (vec![], vec![0; CHUNK], 0);
    // What arrived before an error is all that there is to show.
    while let Ok(size @ 1..) = from.read(&mut chunk).await {
        bytes += size;
        if bytes > limits.answer {
            return Err(Excess::Answer(limits.answer));
        }
        let room = limits.complaint - kept.len();
        kept.extend_from_slice(&chunk[..size.min(room)]);
    }
    Ok(outside::text(&kept))
}

/// Is it the connection that failed, rather than something at its other end?
pub fn broken(error: &anyhow::Error) -> bool {
    let cause = error.root_cause();
    cause.is::<openssh::Error>() || cause.is::<std::io::Error>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRIEF: Limits = Limits { complaint: 8, answer: 40, silence: Duration::from_millis(50), ..Limits::LOOK };

    fn wait<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn complaints_are_read_to_their_end_and_their_beginning_is_kept() {
        assert_eq!(wait(complaint(&b"no\n"[..], BRIEF)), Ok("no".to_owned()));
        assert_eq!(wait(complaint(&b"\x1b[31m and more than that"[..], BRIEF)), Ok("\u{241b}[31m an".to_owned()));
        assert_eq!(wait(complaint(tokio::io::repeat(b'x'), BRIEF)), Err(Excess::Answer(40)));
    }

    #[test]
    fn silence_ends_and_so_does_a_drip() {
        let heard = Cell::new(Instant::now());
        assert_eq!(wait(patience(BRIEF, &heard)), Excess::Silence(BRIEF.silence));
        let whole = Duration::from_millis(120);
        heard.set(Instant::now());
        let dripping = async {
            loop {
                heard.set(Instant::now());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let end = wait(async {
            tokio::select! {
                excess = patience(Limits { whole: Some(whole), ..BRIEF }, &heard) => excess,
                () = dripping => unreachable!("it never ends"),
            }
        });
        assert_eq!(end, Excess::Time(whole));
    }
}
