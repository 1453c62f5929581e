//! Programs that run on this machine. The one place that starts them: what none of them needs to know, none of them
//! gets.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::process::{Command, Output, Stdio};

/// Variables of our environment that hold secrets of our own.
pub const OURS: [&str; 1] = ["PROVISION_BECOME_PASSWORD"];

/// A command that does not inherit what is ours alone.
#[must_use]
pub fn command(program: impl AsRef<OsStr>) -> Command {
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    let mut command = Command::new(program);
    for name in OURS {
        command.env_remove(name);
    }
    command
}

/// The same for code that waits for many things at once.
#[must_use]
pub fn concurrent(program: impl AsRef<OsStr>) -> tokio::process::Command {
    command(program).into()
}

/// Runs a command to its end, without input, and keeps what it prints: up to `longest` bytes of each kind.
///
/// # Errors
/// When it cannot be run, or prints more. It is ended then.
pub fn output(mut command: Command, longest: usize) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // One reader each: a program that fills one pipe while the other is read would wait for ever.
    let read = std::thread::scope(|scope| {
        let errors = scope.spawn(|| read(stderr, longest));
        let answer = read(stdout, longest);
        if answer.is_err() {
            child.kill()?;
        }
        let errors = errors.join().unwrap_or_else(|_| Err(io::Error::other("its errors could not be read")));
        Ok::<_, io::Error>((answer?, errors?))
    });
    if read.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    read.map(|(stdout, stderr)| Output { status, stdout, stderr })
}

fn read(from: Option<impl Read>, longest: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    if let Some(from) = from {
        from.take(longest as u64 + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() > longest {
        Err(io::Error::other(format!("it printed more than {longest} bytes")))
    } else {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bash(script: &str) -> Command {
        let mut bash = command("bash");
        bash.args(["-c", script]);
        bash
    }

    #[test]
    fn no_child_gets_the_password_for_sudo() {
        // A variable of this process cannot be set without unsafe code; what a command removes can be seen.
        for name in OURS {
            assert!(command("true").get_envs().any(|(removed, value)| removed == name && value.is_none()));
            assert!(concurrent("true").as_std().get_envs().any(|(removed, value)| removed == name && value.is_none()));
        }
    }

    #[test]
    fn what_a_program_prints_is_kept_up_to_a_length() {
        let both = output(bash("echo one; echo two >&2; exit 3"), 10).expect("it runs");
        assert_eq!((both.stdout.as_slice(), both.stderr.as_slice()), (&b"one\n"[..], &b"two\n"[..]));
        assert_eq!(both.status.code(), Some(3));
        for endless in ["yes", "yes >&2"] {
            let error = output(bash(endless), 100_000).expect_err("too much");
            assert_eq!(error.to_string(), "it printed more than 100000 bytes");
        }
    }
}
