//! Several hosts at once.

use futures::StreamExt as _;

use super::host::{self, Goal};
use super::shared::Shared;
use super::wanted::Wanted;
use crate::event::Outcome;

/// Works on all hosts, `forks` at a time, and returns how each ended, in the order of `wanted`.
pub async fn fleet(wanted: &[Wanted], goal: Goal, shared: &Shared<'_>, forks: usize) -> Vec<Outcome> {
    let mut outcomes: Vec<(usize, Outcome)> = futures::stream::iter(wanted.iter().enumerate())
        .map(|(index, wanted)| async move { (index, host::work(wanted, goal, shared).await) })
        .buffer_unordered(forks.max(1))
        .collect()
        .await;
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
