//! Plain lines, for CI logs and pipes.

use super::note::{note, wait};
use super::recap::{seconds, watched};
use super::{Detail, Report, changes, data, details, talk};
use crate::event::{Event, EventKind};

/// A step that takes longer is worth a line even where steps are not asked for, in seconds.
const LONG_STEP: f64 = 1.0;

/// Plain lines, for CI logs and pipes.
pub struct Lines {
    width: usize,
    detail: Detail,
}

impl Lines {
    /// `width` is that of the longest host name.
    pub fn new(width: usize, detail: Detail) -> Self {
        Self { width, detail }
    }
}

impl Report for Lines {
    fn event(&mut self, event: &Event) {
        let prefix = format!("{:width$}  ", event.host.as_str(), width = self.width);
        let loud = self.detail.verbosity > 0;
        match &event.kind {
            EventKind::Planned(plan) if !plan.in_sync() => {
                data(changes(plan, &prefix, self.detail.diff).trim_end());
            }
            EventKind::Connected { reused, took } if self.detail.verbosity > 1 => {
                let how = if *reused { "took up the open connection" } else { "connected" };
                talk(&format!("{prefix}{how} in {}", seconds(*took)));
            }
            EventKind::Probed(took) if self.detail.verbosity > 1 => {
                talk(&format!("{prefix}looked in {}", seconds(*took)))
            }
            EventKind::Received { bytes } if loud => talk(&format!("{prefix}payload of {bytes} bytes is on the host")),
            EventKind::StepBegan { number, total, title } if loud => {
                talk(&format!("{prefix}[{number}/{total}] {title}"))
            }
            EventKind::StepEnded { title, took } if took.as_secs_f64() > LONG_STEP || self.detail.verbosity > 1 => {
                talk(&format!("{prefix}{title}: {}", seconds(*took)));
            }
            EventKind::Waiting(what) => talk(&format!("{prefix}waiting: {}", wait(what))),
            EventKind::Note(what) => talk(&format!("{prefix}note: {}", note(what))),
            EventKind::Undoing => talk(&format!("{prefix}it failed after the switch: rolling back")),
            EventKind::Undo(title) if loud => talk(&format!("{prefix}[back] {title}")),
            EventKind::Watched(seen) => data(&format!("{prefix}{}", watched(seen))),
            EventKind::Points(points) => {
                points.iter().for_each(|point| data(&format!("point\t{}\t{}", point.key, point.title)));
            }
            EventKind::Ended(outcome) => {
                if let Some(text) = details(outcome) {
                    talk(text.trim_end());
                }
            }
            EventKind::Connecting
            | EventKind::Connected { .. }
            | EventKind::Probed(_)
            | EventKind::Planned(_)
            | EventKind::Received { .. }
            | EventKind::StepBegan { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Undo(_) => {}
        }
    }
}
