//! Many trials, on several hosts at once. A host goes from one state to the other with each, so that nothing has to be
//! set up anew in between.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::case::Case;
use super::kind::Kind;
use super::lab::say;
use super::state::{Init, LARGE, SMALL, State};
use super::subject::Subject;
use super::trial::{self, Verdict};

/// A host that failed is made anew; with this many the cause is the same.
const ENOUGH: usize = 12;

/// Hosts to make trials on, and all trials that there are.
pub struct Course {
    subjects: Vec<(String, Subject)>,
    init: Init,
    points: Vec<Vec<Case>>,
}

impl Course {
    /// `None` where hosts cannot be booted.
    pub fn open(names: &[&str], init: Init) -> Option<Self> {
        let open = |name: &str| Subject::open(name, init).map(|subject| (name.to_owned(), subject));
        let subjects: Option<Vec<_>> = thread::scope(|scope| {
            let opened: Vec<_> = names.iter().map(|name| scope.spawn(move || open(name))).collect();
            opened.into_iter().map(|thread| thread.join().expect("a host is ready")).collect()
        });
        let subjects = subjects?;
        let points = [SMALL, LARGE].map(|from| subjects[0].1.points(from).to_vec());
        for (name, subject) in &subjects {
            assert_eq!([SMALL, LARGE].map(|from| subject.points(from).to_vec()), points, "{name} has other points");
        }
        let [grow, shrink] = points;
        let points = [Case::all(SMALL, &grow, &shrink), Case::all(LARGE, &shrink, &grow)].concat();
        Some(Self { subjects, init, points })
    }

    /// Makes the trials that are chosen; a number stands for the place of their point among all.
    pub fn run(self, choose: impl Fn(usize, &Case) -> bool) -> Report {
        let points = self.points.iter().enumerate();
        let chosen: Vec<Case> = points
            .flat_map(|(number, cases)| cases.iter().filter(|case| choose(number, case)).cloned().collect::<Vec<_>>())
            .collect();
        assert!(!chosen.is_empty(), "there is no such point and kind");
        let chosen_points: BTreeSet<(bool, &str)> =
            chosen.iter().map(|case| (case.from.large, case.point.key.as_str())).collect();
        let points = chosen_points.len();
        let kinds = Kind::ALL.iter().filter(|kind| chosen.iter().any(|case| case.kind == **kind)).count();
        let report = Report { points, kinds, trials: chosen.len(), ..Report::default() };
        let (shrink, grow) = chosen.into_iter().partition(|case| case.from.large);
        let work = Work {
            init: self.init,
            queues: Mutex::new([grow, shrink]),
            report: Mutex::new(report),
            begin: Instant::now(),
        };
        thread::scope(|scope| {
            for (name, subject) in self.subjects {
                let work = &work;
                scope.spawn(move || work.work(&name, subject));
            }
        });
        let mut report = work.report.into_inner().expect("no worker panics");
        report.took = work.begin.elapsed();
        report
    }
}

/// What the hosts share.
struct Work {
    init: Init,
    /// From the small state, and from the large one.
    queues: Mutex<[VecDeque<Case>; 2]>,
    report: Mutex<Report>,
    begin: Instant,
}

impl Work {
    fn work(&self, name: &str, mut subject: Subject) {
        while let Some((case, flip)) = self.next(subject.state) {
            let begin = Instant::now();
            let verdict = catch_unwind(AssertUnwindSafe(|| {
                if flip {
                    subject.flip();
                }
                trial::make(&mut subject, &case)
            }));
            let verdict = verdict.unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                Verdict { failed: vec![text.unwrap_or_default()], ..Verdict::default() }
            });
            if !self.note(name, &case, begin.elapsed(), &verdict) && !self.is_done() {
                drop(subject);
                match Subject::open(name, self.init) {
                    Some(another) => subject = another,
                    None => return,
                }
            }
        }
    }

    /// The next case for a host in that state, and whether it has to be brought into the other one first.
    fn next(&self, state: State) -> Option<(Case, bool)> {
        if self.report.lock().expect("no worker panics").bad.len() >= ENOUGH {
            return None;
        }
        let mut queues = self.queues.lock().expect("no worker panics");
        let at = usize::from(state.large);
        if let Some(case) = queues[at].pop_front() {
            return Some((case, false));
        }
        queues[1 - at].pop_front().map(|case| (case, true))
    }

    fn is_done(&self) -> bool {
        self.queues.lock().expect("no worker panics").iter().all(VecDeque::is_empty)
    }

    /// Tells how a trial ended; whether it was good.
    fn note(&self, name: &str, case: &Case, took: Duration, verdict: &Verdict) -> bool {
        let mut report = self.report.lock().expect("no worker panics");
        report.done += 1;
        report.requests += verdict.requests;
        report.lost += verdict.lost.len();
        report.mixed += usize::from(!verdict.mixed.is_empty());
        let good = verdict.is_good();
        let line = format!(
            "{:>4}/{} {name} {:>5.1} s  {}  {} ({})",
            report.done,
            report.trials,
            took.as_secs_f64(),
            if good { "good" } else { "BAD" },
            case.name(),
            case.point.title
        );
        say(&line);
        if !good {
            say(&verdict.to_string());
            report.bad.push((case.name(), verdict.to_string()));
        }
        good
    }
}

/// What became of all trials.
#[derive(Debug, Default)]
pub struct Report {
    points: usize,
    kinds: usize,
    trials: usize,
    done: usize,
    requests: usize,
    lost: usize,
    mixed: usize,
    /// The names of bad trials, and what was wrong with each.
    bad: Vec<(String, String)>,
    took: Duration,
}

impl Report {
    pub fn is_good(&self) -> bool {
        self.bad.is_empty() && self.done == self.trials
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { points, kinds, trials, done, requests, lost, mixed, bad, took } = self;
        writeln!(f, "{done} of {trials} trials and {requests} requests in {:.1} minutes", took.as_secs_f64() / 60.0)?;
        for (name, verdict) in bad {
            writeln!(f, "bad: PROVISION_FAULTS={name}\n{}", verdict.trim_end())?;
        }
        if *trials == points * kinds {
            write!(f, "faults: {points} points × {kinds} kinds, lost {lost}, mixed {mixed}")
        } else {
            write!(f, "faults: {trials} trials at {points} points, lost {lost}, mixed {mixed}")
        }
    }
}
