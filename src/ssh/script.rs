//! One remote command: a script and its payload on standard input, lines of an answer on standard output.

use std::cell::Cell;
use std::io::Read;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use openssh::Stdio;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::Notify;

use super::hearing::{Hearing, Stop, Watch};
use super::input::{Conversation, tell};
use super::limits::{Excess, Limits};
use super::lines::Lines;
use super::refusal::{self, End, judge};
use super::remote::{self, PROMPT};
use crate::fault::Fault;
use crate::outside;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// How long a host may take until the command has begun: its shell reads start-up files first, and sudo may ask others.
const START: Duration = Duration::from_secs(45);

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

/// How a command is started.
#[derive(Clone, Copy)]
pub struct Start<'a> {
    /// As root, whoever logs in.
    pub escalate: bool,
    /// For sudo, if it asks.
    pub password: Option<&'a str>,
    /// What a user would type to log in.
    pub by_hand: &'a str,
}

/// Runs `script`. Its input stays open until the answer has ended.
/// `on_line` breaks off once the answer is whole.
///
/// # Errors
/// When the connection breaks, `sudo` refuses, or the host wants more than it may cost
/// ([`Kind::Excess`](crate::fault::Kind)).
pub async fn run(
    session: &openssh::Session,
    how: Start<'_>,
    script: Script<'_>,
    conversation: Conversation<impl Future<Output = String>>,
    mut on_line: impl FnMut(&str) -> ControlFlow<()>,
) -> Result<Ended> {
    let limits = script.limits;
    let watch = Watch::new();
    let work = work(session, how, script, conversation, &watch, &mut on_line);
    let start = START.min(limits.silence);
    // Whatever is waited for: a start, a line, an end.
    tokio::select! {
        ended = work => ended,
        () = not_begun(start, &watch) => Err(refusal::not_begun(start, how.by_hand).into()),
        excess = patience(limits, &watch.heard) => Err(Fault::from(excess).into()),
    }
}

/// Ends when the command has not begun for so long.
async fn not_begun(limit: Duration, watch: &Watch) {
    tokio::time::sleep(limit).await;
    if watch.begun.get() {
        std::future::pending().await
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
    how: Start<'_>,
    script: Script<'_>,
    conversation: Conversation<impl Future<Output = String>>,
    watch: &Watch,
    on_line: &mut impl FnMut(&str) -> ControlFlow<()>,
) -> Result<Ended> {
    let command = remote::command(how.escalate, how.password.is_some());
    let mut child = start(session, command).await.context("the remote command could not be started")?;
    let mut stdin = child.stdin().take().context("the remote command has no input")?;
    let stdout = child.stdout().take().context("the remote command has no output")?;
    let stderr = child.stderr().take().context("the remote command has no error output")?;
    let farewell = !conversation.farewell.is_empty();
    let signals = Signals::default();
    // All at once: a host that answers before it has read everything must not block.
    let (unsent, wrong_password) = (Cell::new(None), Cell::new(false));
    let write = async {
        if give_password(&mut stdin, how.password, &signals).await {
            let (head, payload) = (remote::head(script.text), script.payload);
            let told = tell(&mut stdin, head.as_bytes(), payload, conversation, &signals.answered, &signals.said);
            unsent.set(told.await.err());
        } else {
            wrong_password.set(true);
            signals.said.notify_one();
        }
        drop(stdin);
        Ok(())
    };
    let lines = Lines::new(BufReader::with_capacity(CHUNK, stdout), script.limits);
    let mut hearing = Hearing::new(lines, watch, &signals.ready);
    let read = hear(&mut hearing, on_line, farewell, &signals);
    let complain = async { complaint(stderr, script.limits, &signals.asked_again).await.map_err(Stop::Excess) };
    let stderr = match tokio::try_join!(write, read, complain) {
        Ok(((), (), complaint)) => complaint,
        Err(Stop::Whole) => return Ok(Ended { stderr: String::new(), unsent: unsent.take() }),
        Err(Stop::Broken(error)) => return Err(error).context("the connection broke"),
        Err(Stop::Excess(excess)) => return Err(Fault::from(excess).into()),
        Err(Stop::Unheard) => return Err(refusal::unheard().into()),
    };
    // The answer itself says whether it is whole, so the exit status adds nothing; `wait` ends the channel.
    let status = child.wait().await;
    let unsent = unsent.take();
    if unsent.is_none() {
        let end = End {
            stderr: &stderr,
            before: &hearing.before,
            begun: watch.begun.get(),
            answered: hearing.answered,
            wrong_password: wrong_password.get(),
            escalate: how.escalate,
            by_hand: how.by_hand,
        };
        judge(&end, status.err())?;
    }
    Ok(Ended { stderr: refusal::told(&stderr), unsent })
}

/// What those who read and write tell each other.
#[derive(Default)]
struct Signals {
    /// The command has begun, or ended.
    ready: Notify,
    /// The answer has ended.
    answered: Notify,
    /// Everything was said.
    said: Notify,
    /// sudo asks for the password once more.
    asked_again: Notify,
}

/// Hands the answer to `on_line`, to its end.
async fn hear(
    hearing: &mut Hearing<'_, impl AsyncBufRead + Unpin>,
    on_line: &mut impl FnMut(&str) -> ControlFlow<()>,
    farewell: bool,
    signals: &Signals,
) -> Result<(), Stop> {
    while let Some(line) = hearing.next().await? {
        if on_line(&line).is_break() {
            signals.answered.notify_one();
            signals.said.notified().await;
            if farewell {
                // What is on its way when the connection ends is lost; the end of the answer says that it was heard.
                let heard = async { while let Ok(Some(_)) = hearing.next().await {} };
                let _ = tokio::time::timeout(FAREWELL, heard).await;
            }
            return Err(Stop::Whole);
        }
    }
    signals.answered.notify_one();
    signals.ready.notify_one();
    Ok(())
}

/// Gives sudo the password, once, and waits until the command has begun: what sudo reads meanwhile it takes for another
/// try. Says whether there is no need of one.
async fn give_password(stdin: &mut (impl AsyncWrite + Unpin), password: Option<&str>, signals: &Signals) -> bool {
    let Some(password) = password else { return true };
    // A command that has ended says why on its own.
    let _ = stdin.write_all(format!("{password}\n").as_bytes()).await;
    let _ = stdin.flush().await;
    tokio::select! {
        () = signals.ready.notified() => true,
        () = signals.asked_again.notified() => false,
    }
}

async fn start(
    session: &openssh::Session,
    command: String,
) -> Result<openssh::Child<&openssh::Session>, openssh::Error> {
    let mut command = session.raw_command(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().await
}

/// What is printed on standard error: its beginning is kept, and the rest is read, so that whoever prints it is not
/// held up. Tells of a second question of sudo's.
async fn complaint(mut from: impl AsyncRead + Unpin, limits: Limits, asked_again: &Notify) -> Result<String, Excess> {
    let (mut kept, mut chunk, mut bytes) = (vec![], vec![0; CHUNK], 0);
    // What arrived before an error is all that there is to show.
    while let Ok(size @ 1..) = from.read(&mut chunk).await {
        bytes += size;
        if bytes > limits.answer {
            return Err(Excess::Answer(limits.answer));
        }
        let room = limits.complaint - kept.len();
        kept.extend_from_slice(&chunk[..size.min(room)]);
        if room > 0 && kept.windows(PROMPT.len()).filter(|part| *part == PROMPT.as_bytes()).count() > 1 {
            asked_again.notify_one();
        }
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
        assert_eq!(wait(complaint(&b"no\n"[..], BRIEF, &Notify::new())), Ok("no".to_owned()));
        assert_eq!(
            wait(complaint(&b"\x1b[31m and more than that"[..], BRIEF, &Notify::new())),
            Ok("\u{241b}[31m an".to_owned())
        );
        assert_eq!(wait(complaint(tokio::io::repeat(b'x'), BRIEF, &Notify::new())), Err(Excess::Answer(40)));
    }

    #[test]
    fn silence_ends_and_so_does_a_drip() {
        let heard = Cell::new(Instant::now());
        assert_eq!(wait(patience(BRIEF, &heard)), Excess::Silence(BRIEF.silence));
        // A busy machine is silent for a while, too.
        let (whole, silence) = (Duration::from_millis(1200), Duration::from_millis(600));
        heard.set(Instant::now());
        let dripping = async {
            loop {
                heard.set(Instant::now());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let end = wait(async {
            tokio::select! {
                excess = patience(Limits { whole: Some(whole), silence, ..BRIEF }, &heard) => excess,
                () = dripping => unreachable!("it never ends"),
            }
        });
        assert_eq!(end, Excess::Time(whole));
    }
}
