//! Many clients at a steady rate, and what their answers have to be right now.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::client::Client;
use super::setup::{PATHS, Setup};
use super::tally::{Outcome, Tally};

/// Clients of each kind and path: with two kinds and two paths there are four times as many.
const CLIENTS: usize = 8;
/// How much a client that had to wait makes up for.
const ARREARS: Duration = Duration::from_secs(1);

/// The mark and the body of a right answer.
type Content = (String, String);

/// What all clients share.
struct Shared {
    stop: AtomicBool,
    begin: Instant,
    /// From one request of a client to the next.
    pause: Duration,
    /// One for each path.
    tallies: Mutex<[Tally; 2]>,
    /// For each path, what may be answered to a request that begins now.
    right: RwLock<Arc<[Vec<Content>; 2]>>,
}

/// Clients that ask until they are stopped.
pub struct Traffic {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<()>>,
}

impl Traffic {
    /// Begins with `rate` requests a second, half on connections that are kept and half on new ones.
    pub fn start(address: SocketAddr, rate: u32, setup: &Setup) -> Self {
        let pause = Duration::from_secs_f64((4 * CLIENTS) as f64 / f64::from(rate));
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            begin: Instant::now(),
            pause,
            tallies: Mutex::default(),
            right: RwLock::new(right(&[setup])),
        });
        let mut clients = vec![];
        for number in 0..CLIENTS {
            for (path, keeps) in [(0, false), (1, false), (0, true), (1, true)] {
                let shared = shared.clone();
                let delay = pause.mul_f64(clients.len() as f64 / (4 * CLIENTS) as f64);
                let client = Client::new(address, PATHS[path], keeps);
                let work = move || ask_until_stopped(&shared, client, path, keeps, delay);
                let name = format!("client {number} of {}", PATHS[path]);
                clients.push(thread::Builder::new().name(name).spawn(work).expect("a thread starts"));
            }
        }
        Self { shared, clients }
    }

    /// From now on answers have to be those of one of `setups`.
    pub fn expect(&self, setups: &[&Setup]) {
        *self.shared.right.write().expect("no client panics") = right(setups);
    }

    /// What became of the requests since the last look.
    pub fn take(&self) -> Tally {
        let [mut first, second] = self.take_each();
        first.add(second);
        first
    }

    /// The same for each path.
    pub fn take_each(&self) -> [Tally; 2] {
        std::mem::take(&mut *self.shared.tallies.lock().expect("no client panics"))
    }

    /// How long it has gone on.
    pub fn seconds(&self) -> f64 {
        self.shared.begin.elapsed().as_secs_f64()
    }

    /// Ends it, and returns what the last look did not see.
    pub fn stop(mut self) -> Tally {
        self.shared.stop.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            client.join().expect("no client panics");
        }
        self.take()
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        // A test that failed leaves the clients to end by themselves.
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

fn right(setups: &[&Setup]) -> Arc<[Vec<Content>; 2]> {
    let of = |path: usize| setups.iter().map(|setup| (setup.mark(), setup.body(path))).collect();
    Arc::new([of(0), of(1)])
}

fn ask_until_stopped(shared: &Shared, mut client: Client, path: usize, keeps: bool, delay: Duration) {
    let mut due = Instant::now() + delay;
    while !shared.stop.load(Ordering::Relaxed) {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        // What counts is what was to be expected when the request began.
        let right = shared.right.read().expect("no client panics").clone();
        let begin = Instant::now();
        let answer = client.ask();
        let took = begin.elapsed();
        let outcome = match answer {
            Err(error) => Outcome::Failed(error.to_string()),
            Ok(answer) if answer.status != 200 => Outcome::Failed(format!("status {}", answer.status)),
            Ok(answer) if right[path].iter().any(|(mark, body)| *mark == answer.mark && *body == answer.body) => {
                Outcome::Right
            }
            Ok(answer) => Outcome::Wrong(format!("{}, {:?}; right: {:?}", answer.mark, answer.body, right[path])),
        };
        let context = || {
            let kind = if keeps { "kept" } else { "new" };
            let at = shared.begin.elapsed().as_secs_f64();
            format!("{at:.3} s: GET {} on a {kind} connection after {:.3} s", PATHS[path], took.as_secs_f64())
        };
        let mut tallies = shared.tallies.lock().expect("no client panics");
        let tally = &mut tallies[path];
        tally.count(took, outcome, context);
        tally.reopened += std::mem::take(&mut client.reopened);
        tally.repeated += std::mem::take(&mut client.repeated);
        drop(tallies);
        due = (due + shared.pause).max(Instant::now().checked_sub(ARREARS).unwrap_or(due));
    }
}
