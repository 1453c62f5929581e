//! One remote command: a script and its payload on standard input, lines of an answer on standard output.

use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use openssh::Stdio;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use crate::encode::shell;

/// Reads the script from standard input and leaves the rest of it to the script. `head` takes not a byte more than it is
/// told. Lines before the announcement are a password that `sudo` did not ask for.
const LOADER: &str = r#"while IFS= read -r line; do case $line in "provision-script "*) break ;; esac; done
eval "$(head -c "${line#provision-script }")""#;

/// How long the last words of a conversation may take to be heard.
const FAREWELL: Duration = Duration::from_secs(1);

/// A script and what it reads.
pub struct Script<'a> {
    /// Bash.
    pub text: &'a str,
    /// Its standard input.
    pub payload: &'a [u8],
}

/// What a script hears beyond its payload.
pub struct Conversation<L> {
    /// Words that may come while it works.
    pub later: L,
    /// Its last words, once the answer is whole.
    pub farewell: &'static str,
}

/// How a remote command ended.
#[derive(Debug)]
pub struct Ended {
    /// What it printed on standard error.
    pub stderr: String,
}

/// Why reading ends before the remote command does.
enum Stop {
    /// The answer is whole. What follows is the channel's own farewell, a round trip that nobody needs.
    Whole,
    /// The connection broke.
    Broken(std::io::Error),
}

/// Runs `script` as root. Its input stays open until the answer has ended.
/// `on_line` breaks off once the answer is whole.
///
/// # Errors
/// When the connection breaks or `sudo` refuses.
pub async fn run(
    session: &openssh::Session,
    escalate: bool,
    password: Option<&str>,
    script: Script<'_>,
    conversation: Conversation<impl Future<Output = String>>,
    mut on_line: impl FnMut(&str) -> ControlFlow<()>,
) -> Result<Ended> {
    let loader = shell::quote(LOADER);
    let command = match (escalate, password) {
        (false, _) => format!("bash -c {loader}"),
        // ssh hands the user's locale on, and what sudo complains of is read below.
        (true, None) => format!("env LC_ALL=C sudo -n -- bash -c {loader}"),
        (true, Some(_)) => format!("env LC_ALL=C sudo -S -p '' -- bash -c {loader}"),
    };
    let mut child = session
        .raw_command(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .await
        .context("the remote command could not be started")?;
    let mut stdin = child.stdin().take().context("the remote command has no input")?;
    let stdout = child.stdout().take().context("the remote command has no output")?;
    let mut stderr = child.stderr().take().context("the remote command has no error output")?;
    let mut head = password.map(|password| format!("{password}\n")).unwrap_or_default();
    head.push_str(&format!("provision-script {}\n", script.text.len()));
    head.push_str(script.text);
    let (answered, said) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
    // All at once: a host that answers before it has read everything must not block.
    let write = async {
        // A command that ended early says why on its own; a broken pipe here adds nothing.
        let _ = stdin.write_all(head.as_bytes()).await;
        let _ = stdin.write_all(script.payload).await;
        tokio::select! {
            words = conversation.later => {
                let _ = stdin.write_all(words.as_bytes()).await;
                answered.notified().await;
            }
            () = answered.notified() => {}
        }
        let _ = stdin.write_all(conversation.farewell.as_bytes()).await;
        said.notify_one();
        let _ = stdin.shutdown().await;
        drop(stdin);
        Ok(())
    };
    let silent = std::cell::Cell::new(true);
    let read = async {
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await.map_err(Stop::Broken)? {
            silent.set(false);
            if on_line(&line).is_break() {
                answered.notify_one();
                said.notified().await;
                if !conversation.farewell.is_empty() {
                    // What is on its way when the connection ends is lost; the end of the answer says that it was heard.
                    let heard = async { while let Ok(Some(_)) = lines.next_line().await {} };
                    let _ = tokio::time::timeout(FAREWELL, heard).await;
                }
                return Err(Stop::Whole);
            }
        }
        answered.notify_one();
        Ok(())
    };
    let complain = async {
        let mut bytes = vec![];
        // What arrived before an error is all that there is to show.
        let _ = stderr.read_to_end(&mut bytes).await;
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    };
    let stderr = match tokio::try_join!(write, read, complain) {
        Ok(((), (), complaint)) => complaint,
        Err(Stop::Whole) => return Ok(Ended { stderr: String::new() }),
        Err(Stop::Broken(error)) => return Err(error).context("the connection broke"),
    };
    // The answer itself says whether it is whole, so the exit status adds nothing; `wait` ends the channel.
    let status = child.wait().await;
    if stderr.contains("sudo: a password is required") || stderr.contains("sudo: a terminal is required") {
        bail!("sudo asks for a password\nhelp: give `--ask-become-pass` (-K), or let the user run sudo without one");
    }
    let refused = ["is not in the sudoers file", "incorrect password", "is not allowed to", "may not run sudo"];
    if refused.iter().any(|words| stderr.contains(words)) && stderr.contains("sudo") {
        bail!("{stderr}\nhelp: provision needs root on the host: name a user who may use sudo");
    }
    if let Err(openssh::Error::Remote(_)) = status {
        bail!("{stderr}\nhelp: the host needs bash{}", if escalate { " and sudo" } else { "" });
    }
    if let Err(error) = status
        && silent.get()
        && stderr.is_empty()
    {
        return Err(error).context("the connection broke");
    }
    Ok(Ended { stderr })
}

/// Is it the connection that failed, rather than something at its other end?
pub fn broken(error: &anyhow::Error) -> bool {
    let cause = error.root_cause();
    cause.is::<openssh::Error>() || cause.is::<std::io::Error>()
}
