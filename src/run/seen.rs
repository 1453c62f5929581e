//! What a transaction reports while it is followed.

use std::ops::ControlFlow;
use std::time::Instant;

use crate::apply::Progress;
use crate::event::{EventKind, Loss, Note, Wait};

/// What a transaction has reported so far.
#[derive(Debug, Default)]
pub struct Seen {
    /// The host has the whole payload.
    pub received: bool,
    /// How many steps have begun.
    pub begun: usize,
    /// The step at work, or the last one that was.
    pub at: Option<String>,
    /// The number of the step that failed, from 1, and what it printed; 0 if it was none of them.
    pub failed: Option<(usize, String)>,
    /// What could not be undone, and why.
    pub undo_failed: Vec<(String, String)>,
    /// Which former apps do not answer after the way back.
    pub unwell: Option<String>,
    /// Where the transaction was cut.
    pub cut: Option<String>,
    /// The last report.
    pub last: Option<Progress>,
    /// What the remote command printed on standard error.
    pub complaint: String,
    /// The host wanted to report more than it may.
    pub given_up: bool,
    /// Why the payload could not be read to its end.
    pub unsent: Option<anyhow::Error>,
}

impl Seen {
    /// Who broke off the answer, if it broke off.
    pub fn loss(&self) -> Loss {
        if self.given_up { Loss::Excess } else { Loss::Connection }
    }
}

/// Follows the answers of a transaction.
pub struct Follower<'a> {
    emit: &'a dyn Fn(EventKind),
    bytes: u64,
    began: Instant,
    /// What was heard so far.
    pub seen: Seen,
}

impl<'a> Follower<'a> {
    /// Tells `emit` what comes of a payload of so many bytes.
    pub fn new(emit: &'a dyn Fn(EventKind), bytes: u64) -> Self {
        Self { emit, bytes, began: Instant::now(), seen: Seen::default() }
    }

    /// Takes one line of the answer; breaks off at the last one.
    pub fn line(&mut self, line: &str) -> ControlFlow<()> {
        let Some(progress) = Progress::parse(line) else { return ControlFlow::Continue(()) };
        let seen = &mut self.seen;
        match &progress {
            Progress::Received => {
                seen.received = true;
                (self.emit)(EventKind::Received { bytes: self.bytes });
            }
            Progress::Begin { number, total, title } => {
                self.began = Instant::now();
                seen.begun = *number;
                seen.at = Some(title.clone());
                (self.emit)(EventKind::StepBegan { number: *number, total: *total, title: title.clone() });
            }
            Progress::End(_) => {
                let title = seen.at.clone().unwrap_or_default();
                (self.emit)(EventKind::StepEnded { title, took: self.began.elapsed() });
            }
            Progress::Waiting(why) => (self.emit)(EventKind::Waiting(Wait::Host(why.clone()))),
            Progress::Remark(remark) => (self.emit)(EventKind::Note(Note::Remark(remark.clone()))),
            Progress::TakenUp { finish, cut } => {
                seen.cut = Some(cut.clone());
                (self.emit)(EventKind::Note(Note::TakenUp { cut: cut.clone(), finish: *finish }));
            }
            Progress::Failed { step, output, .. } => seen.failed = Some((*step, output.clone())),
            Progress::Undoing => (self.emit)(EventKind::Undoing),
            Progress::Undo(title) => (self.emit)(EventKind::Undo(title.clone())),
            Progress::UndoFailed { title, output } => seen.undo_failed.push((title.clone(), output.clone())),
            Progress::Unwell(output) => seen.unwell = Some(output.clone()),
            // Figures alone: see the type.
            Progress::Watched(json) => {
                if let Ok(watched) = serde_json::from_str(json) {
                    (self.emit)(EventKind::Watched(watched));
                }
            }
            Progress::Paused(point) => (self.emit)(EventKind::Note(Note::Paused(point.clone()))),
            Progress::Locked { .. }
            | Progress::OnProbation(_)
            | Progress::Unfinished
            | Progress::Stale
            | Progress::Reloaded
            | Progress::Ended { .. } => {}
        }
        let last = matches!(
            progress,
            Progress::Ended { .. }
                | Progress::OnProbation(_)
                | Progress::Locked { .. }
                | Progress::Unfinished
                | Progress::Stale
        );
        seen.last = Some(progress);
        if last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
