//! Requests from outside for as long as a failure lasts, and what they were answered.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::http;

const CLIENTS: usize = 3;
const PAUSE: Duration = Duration::from_millis(50);

/// What became of the requests.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub requests: usize,
    /// Answers other than 200, with what was expected in them; and no answer at all.
    pub failures: Vec<String>,
    /// From the first to the last failure.
    pub span: Duration,
    first: Option<Instant>,
}

/// Clients that ask until they are stopped.
pub struct Traffic {
    stop: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
    expected: Arc<Mutex<Vec<String>>>,
    clients: Vec<JoinHandle<()>>,
}

impl Traffic {
    /// Asks for `/` and expects one of these texts in each answer.
    pub fn start(address: SocketAddr, expected: &[&str]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let tally = Arc::new(Mutex::new(Tally::default()));
        let expected = Arc::new(Mutex::new(expected.iter().map(|text| (*text).to_owned()).collect()));
        let client = |_| {
            let (stop, tally, expected) = (stop.clone(), tally.clone(), expected.clone());
            thread::spawn(move || ask_until(&stop, &tally, &expected, address))
        };
        Self { clients: (0..CLIENTS).map(client).collect(), stop, tally, expected }
    }

    /// From now on each answer has to hold one of these texts.
    pub fn expect(&self, expected: &[&str]) {
        *self.expected.lock().expect("no client panics") = expected.iter().map(|text| (*text).to_owned()).collect();
    }

    /// Stops, and tells.
    pub fn stop(mut self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            client.join().expect("no client panics");
        }
        self.tally.lock().expect("no client panics").clone()
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        // A test that failed leaves the clients to end by themselves.
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn ask_until(stop: &AtomicBool, tally: &Mutex<Tally>, expected: &Mutex<Vec<String>>, address: SocketAddr) {
    while !stop.load(Ordering::Relaxed) {
        // What counts is what was to be expected when the request began.
        let right = expected.lock().expect("no client panics").clone();
        let begin = Instant::now();
        let failure = match http::get(address, "/") {
            Ok(answer) if answer.status != 200 => Some(format!("status {}", answer.status)),
            Ok(answer) if !right.iter().any(|text| answer.body.contains(text)) => {
                Some(format!("{:?} instead of {right:?}", answer.body))
            }
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        let mut tally = tally.lock().expect("no client panics");
        tally.requests += 1;
        if let Some(failure) = failure {
            let first = *tally.first.get_or_insert(begin);
            tally.span = begin.saturating_duration_since(first);
            tally.failures.push(failure);
        }
        drop(tally);
        thread::sleep(PAUSE.saturating_sub(begin.elapsed()));
    }
}
