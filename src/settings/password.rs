//! Asks for a password on the terminal without showing what is typed.

use std::io::{self, IsTerminal as _, Read as _, Write as _};

use anyhow::{Context, Result, bail};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

use provision::fault::Fault;

/// What Ctrl-C types.
const INTERRUPT: u8 = 3;

/// Asks for a password. Ctrl-C ends the question like any line, so that the terminal is never left silent.
pub fn ask(prompt: &str) -> Result<String> {
    let mut stdin = io::stdin();
    if !stdin.is_terminal() {
        let fault = Fault::misuse("there is no terminal to ask for a password on");
        return Err(fault.hint("set PROVISION_BECOME_PASSWORD").into());
    }
    write!(io::stderr(), "{prompt}")?;
    let before = tcgetattr(&stdin).context("the terminal cannot be asked")?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
    silent.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
    tcsetattr(&stdin, OptionalActions::Flush, &silent).context("the terminal cannot be silenced")?;
    // A terminal hands over one line at a time.
    let mut line = [0; 4096];
    let read = stdin.read(&mut line);
    tcsetattr(&stdin, OptionalActions::Flush, &before).context("the terminal cannot be restored")?;
    writeln!(io::stderr())?;
    let line = &line[..read.context("the password cannot be read")?];
    if line.contains(&INTERRUPT) {
        bail!("interrupted; nothing was changed");
    }
    let password = std::str::from_utf8(line).context("the password is not valid UTF-8")?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}
