//! What a remote command says: first whatever start-up files of the user's shell print, then the answer.

use std::borrow::Cow;
use std::cell::Cell;
use std::time::Instant;

use tokio::io::AsyncBufRead;
use tokio::sync::Notify;

use super::limits::Excess;
use super::lines::{Lines, NoLine};
use super::remote::{BEGINS, UNHEARD};

/// Bytes that are kept of what comes before the answer.
const BEFORE: usize = 2048;

/// What is known of a command at work.
pub struct Watch {
    /// When the host last said something.
    pub heard: Cell<Instant>,
    /// The loader runs.
    pub begun: Cell<bool>,
}

impl Watch {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self { heard: Cell::new(Instant::now()), begun: Cell::new(false) }
    }
}

/// Why reading ends before the remote command does.
pub enum Stop {
    /// The answer is whole. What follows is the channel's own farewell, a round trip that nobody needs.
    Whole,
    /// The connection broke.
    Broken(std::io::Error),
    /// The host wants more than it may cost.
    Excess(Excess),
    /// Something else has read the script.
    Unheard,
}

impl From<NoLine> for Stop {
    fn from(no_line: NoLine) -> Self {
        match no_line {
            NoLine::Broken(error) => Self::Broken(error),
            NoLine::Excess(excess) => Self::Excess(excess),
        }
    }
}

/// The lines of an answer, once it begins.
pub struct Hearing<'a, R> {
    lines: Lines<R>,
    watch: &'a Watch,
    ready: &'a Notify,
    /// What came before.
    pub before: String,
    /// It has a line.
    pub answered: bool,
}

impl<'a, R: AsyncBufRead + Unpin> Hearing<'a, R> {
    /// Hears `lines`, and tells `ready` when the answer begins.
    pub fn new(lines: Lines<R>, watch: &'a Watch, ready: &'a Notify) -> Self {
        Self { lines, watch, ready, before: String::new(), answered: false }
    }

    /// The next line of the answer. What comes before it is kept, for it may say why there is none.
    pub async fn next(&mut self) -> Result<Option<Cow<'_, str>>, Stop> {
        while !self.watch.begun.get() {
            let Some(line) = self.lines.next().await? else { return Ok(None) };
            self.watch.heard.set(Instant::now());
            if line == BEGINS {
                self.watch.begun.set(true);
                self.ready.notify_one();
            } else if self.before.len() + line.len() < BEFORE {
                self.before.push_str(&line);
                self.before.push('\n');
            }
        }
        let Some(line) = self.lines.next().await? else { return Ok(None) };
        self.watch.heard.set(Instant::now());
        if !self.answered && line == UNHEARD {
            return Err(Stop::Unheard);
        }
        self.answered = true;
        Ok(Some(line))
    }
}
