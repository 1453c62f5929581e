//! Several hosts at once.

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::sync::Semaphore;

use super::consent::Gate;
use super::host::{self, Goal, Turn};
use super::shared::Shared;
use super::wanted::Wanted;
use crate::event::Outcome;

/// Works on all hosts, `forks` at a time, and returns how each ended, in the order of `wanted`. One that waits for
/// consent lets another one have its turn.
pub async fn fleet(wanted: &[Wanted], goal: Goal, shared: &Shared<'_>, forks: usize) -> Vec<Outcome> {
    let gate = Gate::of(wanted.len(), goal == Goal::Up, &shared.consent);
    let turns = Semaphore::new(forks.max(1));
    let works: FuturesUnordered<_> = wanted
        .iter()
        .enumerate()
        .map(|(index, wanted)| {
            let turn = Turn::new(&turns, gate.seat());
            async move { (index, host::work(wanted, goal, shared, turn).await) }
        })
        .collect();
    let mut outcomes: Vec<(usize, Outcome)> = works.collect().await;
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
