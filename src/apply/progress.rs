//! The lines that a transaction answers with → what happened. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// One thing that happened on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The payload is complete; from here on the host works by itself.
    Received,
    /// A step began.
    Begin(usize),
    /// A step ended well.
    End(usize),
    /// A step waits for something; a phrase says for what.
    Waiting(String),
    /// Another run holds the lock; who and since when.
    Locked(String),
    /// A step failed. Its last output, verbatim.
    Failed {
        /// The step's number; 0 before the first.
        step: usize,
        /// The exit code of the shell.
        code: i32,
        /// The last lines that the step printed.
        output: String,
    },
    /// Every step ran.
    Finished,
}

impl Progress {
    /// Reads one line; `None` for one that is not understood.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.trim_end().split('\t').collect();
        match fields[..] {
            ["received"] => Some(Self::Received),
            ["begin", step] => Some(Self::Begin(step.parse().ok()?)),
            ["end", step] => Some(Self::End(step.parse().ok()?)),
            ["waiting", why] => Some(Self::Waiting(why.to_owned())),
            // The holder has taken the lock and not signed it yet.
            ["locked"] => Some(Self::Locked("another run".to_owned())),
            ["locked", holder] => Some(Self::Locked(text(holder)?)),
            ["failed", step, code] => {
                Some(Self::Failed { step: step.parse().ok()?, code: code.parse().ok()?, output: String::new() })
            }
            ["failed", step, code, output] => {
                Some(Self::Failed { step: step.parse().ok()?, code: code.parse().ok()?, output: text(output)? })
            }
            ["finished"] => Some(Self::Finished),
            _ => None,
        }
    }
}

fn text(encoded: &str) -> Option<String> {
    let bytes = BASE64.decode(encoded).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}
