//! Several hosts at once.

use futures::StreamExt as _;

use super::host::{self, Goal, Shared};
use crate::event::Outcome;
use crate::model::Target;

/// Works on all targets, `forks` at a time, and returns how each ended, in the order of the targets.
pub async fn fleet(targets: &[Target], goal: Goal, shared: &Shared<'_>, forks: usize) -> Vec<Outcome> {
    let mut outcomes: Vec<(usize, Outcome)> = futures::stream::iter(targets.iter().enumerate())
        .map(|(index, target)| async move { (index, host::work(target, goal, shared).await) })
        .buffer_unordered(forks.max(1))
        .collect()
        .await;
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
