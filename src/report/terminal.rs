//! Live progress, one line a host. The one place that names `indicatif`.

use std::collections::HashMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::consent::question;
use super::note::{note, wait};
use super::recap::watched;
use super::{Detail, Report, changes, data, details, talk};
use crate::event::{Event, EventKind};
use crate::mask::conceal;
use crate::model::HostName;
use crate::plan::Destroyed;

/// Live progress, one line a host.
pub struct Terminal {
    bars: MultiProgress,
    hosts: HashMap<HostName, ProgressBar>,
    width: usize,
    detail: Detail,
}

impl Terminal {
    /// `width` is that of the longest host name.
    pub fn new(hosts: &[HostName], width: usize, detail: Detail) -> Self {
        let bars = MultiProgress::new();
        let style =
            ProgressStyle::with_template(&format!("{{prefix:{width}}}  {{spinner}} {{wide_msg}} {{elapsed:>4}}"))
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = |host: &HostName| {
            let bar = bars.add(ProgressBar::new_spinner().with_style(style.clone()).with_prefix(host.to_string()));
            bar.set_message("waits for its turn");
            (host.clone(), bar)
        };
        let hosts = hosts.iter().map(bar).collect();
        Self { bars, hosts, width, detail }
    }
}

/// What a host said goes without secrets, as everything that is printed.
fn show(bar: &ProgressBar, text: &str) {
    bar.set_message(conceal(text).into_owned());
}

impl Report for Terminal {
    /// The bars would run over what is typed.
    fn ask(&mut self, asked: &[(HostName, Vec<Destroyed>)]) {
        let _ = self.bars.clear();
        self.bars.set_draw_target(ProgressDrawTarget::hidden());
        talk(&question(asked));
    }

    fn answered(&mut self) {
        self.bars.set_draw_target(ProgressDrawTarget::stderr());
    }

    fn event(&mut self, event: &Event) {
        let Some(bar) = self.hosts.get(&event.host) else { return };
        let prefix = format!("{:width$}  ", event.host.as_str(), width = self.width);
        match &event.kind {
            EventKind::Connecting => {
                bar.reset_elapsed();
                bar.enable_steady_tick(Duration::from_millis(100));
                show(bar, "connecting");
            }
            EventKind::Connected { .. } => show(bar, "looking"),
            EventKind::Probed(_) => show(bar, "planning"),
            EventKind::Planned(plan) => {
                if !plan.in_sync() {
                    let text = changes(plan, &prefix, self.detail.diff);
                    self.bars.suspend(|| data(text.trim_end()));
                }
            }
            EventKind::Received { .. } => show(bar, "the host has everything that it needs"),
            EventKind::StepBegan { number, total, title } => {
                show(bar, &format!("[{number}/{total}] {title}"));
                if self.detail.verbosity > 0 {
                    self.bars.suspend(|| talk(&format!("{prefix}[{number}/{total}] {title}")));
                }
            }
            EventKind::StepEnded { .. } => {}
            EventKind::Waiting(what) => show(bar, &format!("waiting: {}", wait(what))),
            EventKind::Note(what) => self.bars.suspend(|| talk(&format!("{prefix}note: {}", note(what)))),
            EventKind::Undoing => show(bar, "it failed after the switch: rolling back"),
            EventKind::Undo(title) => show(bar, &format!("[back] {title}")),
            EventKind::Watched(seen) => self.bars.suspend(|| data(&format!("{prefix}{}", watched(seen)))),
            EventKind::Points(points) => {
                points.iter().for_each(|point| data(&format!("point\t{}\t{}", point.key, point.title)));
            }
            EventKind::Ended(outcome) => {
                bar.finish_and_clear();
                if let Some(text) = details(outcome) {
                    self.bars.suspend(|| talk(text.trim_end()));
                }
            }
        }
    }
}
