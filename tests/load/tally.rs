//! What became of requests: counts, times, and the first troubles in words.

use std::time::Duration;

/// Troubles that are told in words; the rest are only counted.
const TOLD: usize = 12;

/// What became of one request.
pub enum Outcome {
    Right,
    /// No answer, half of one, or a status other than 200.
    Failed(String),
    /// A whole answer that nothing at that moment could have given.
    Wrong(String),
}

/// What became of many.
#[derive(Debug, Default)]
pub struct Tally {
    pub requests: usize,
    pub failed: usize,
    pub wrong: usize,
    pub reopened: usize,
    pub repeated: usize,
    pub troubles: Vec<String>,
    took: Vec<Duration>,
}

impl Tally {
    /// Counts one request.
    pub fn count(&mut self, took: Duration, outcome: Outcome, context: impl Fn() -> String) {
        self.requests += 1;
        self.took.push(took);
        let (what, why) = match outcome {
            Outcome::Right => return,
            Outcome::Failed(why) => {
                self.failed += 1;
                ("failed", why)
            }
            Outcome::Wrong(why) => {
                self.wrong += 1;
                ("wrong", why)
            }
        };
        if self.troubles.len() < TOLD {
            self.troubles.push(format!("{}: {what}: {why}", context()));
        }
    }

    /// How long it took for so many of a hundred requests at most.
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        let mut took = self.took.clone();
        took.sort_unstable();
        let rank = (took.len() * percent).div_ceil(100).saturating_sub(1);
        took.get(rank).copied()
    }

    /// Adds another, of requests that came later.
    pub fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.wrong += other.wrong;
        self.reopened += other.reopened;
        self.repeated += other.repeated;
        self.troubles.extend(other.troubles);
        self.took.extend(other.took);
    }

    /// The titles above rows.
    pub fn head() -> String {
        line("scenario", ["runs", "requests", "failed", "wrong", "p50 ms", "p99 ms"].map(str::to_owned))
    }

    /// A row of the table.
    pub fn row(&self, name: &str, runs: u32) -> String {
        let percentile = |percent: usize| {
            let took = self.percentile(percent);
            took.map_or_else(|| "-".to_owned(), |took| format!("{:.1}", took.as_secs_f64() * 1000.0))
        };
        let counts = [runs as usize, self.requests, self.failed, self.wrong].map(|count| count.to_string());
        let [runs, requests, failed, wrong] = counts;
        line(name, [runs, requests, failed, wrong, percentile(50), percentile(99)])
    }
}

fn line(name: &str, cells: [String; 6]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:>10}")).collect();
    format!("{name:<20}{cells}")
}
