//! Requests to a host's own port 80, again and again, from within its network: a cable that is pulled does not cut
//! them.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::client::Client;
use super::inside::Inside;
use super::state::{Init, PATHS, State};

/// Each asks for the paths in turn; the first on a connection for each request, the second on connections that it
/// keeps.
const CLIENTS: usize = 2;
const PAUSE: Duration = Duration::from_millis(25);

struct Shared {
    init: Init,
    stop: AtomicBool,
    begin: Instant,
    /// What may answer a request that begins now.
    right: RwLock<Vec<State>>,
    asked: Mutex<usize>,
    lost: Mutex<Vec<String>>,
}

/// Clients that ask until they are stopped.
pub struct Requests {
    shared: Arc<Shared>,
    network: PathBuf,
    clients: Vec<JoinHandle<()>>,
}

impl Requests {
    pub fn start(inside: &Inside, init: Init, right: &[State]) -> Self {
        let shared = Shared {
            init,
            stop: AtomicBool::new(false),
            begin: Instant::now(),
            right: RwLock::new(right.to_vec()),
            asked: Mutex::default(),
            lost: Mutex::default(),
        };
        let mut requests = Self { shared: Arc::new(shared), network: inside.network.clone(), clients: vec![] };
        requests.go_on(false);
        requests
    }

    /// From now on answers have to be those of one of these states.
    pub fn expect(&self, right: &[State]) {
        *self.shared.right.write().expect("no client panics") = right.to_vec();
    }

    /// Stands still, as before a power cut.
    pub fn pause(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            client.join().expect("no client panics");
        }
        self.shared.stop.store(false, Ordering::Relaxed);
    }

    /// Goes on. A host that boots may have no answer until it has given the first one.
    pub fn go_on(&mut self, booting: bool) {
        for number in 0..CLIENTS {
            let (shared, network) = (self.shared.clone(), self.network.clone());
            self.clients.push(thread::spawn(move || ask_until_stopped(&shared, &network, number, booting)));
        }
    }

    /// Ends it: how many requests there were, and what was wrong with each that was lost.
    pub fn stop(mut self) -> (usize, Vec<String>) {
        self.pause();
        let lost = std::mem::take(&mut *self.shared.lost.lock().expect("no client panics"));
        (*self.shared.asked.lock().expect("no client panics"), lost)
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        // After a failure the clients end by themselves.
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

fn ask_until_stopped(shared: &Shared, network: &PathBuf, number: usize, booting: bool) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 80));
    let stopped = || shared.stop.load(Ordering::Relaxed);
    // A host that boots gets its network a moment later.
    while !enter(network) {
        if stopped() {
            return;
        }
        thread::sleep(PAUSE);
    }
    let mut silent = booting;
    let mut clients = PATHS.map(|path| (path, Client::new(address, path, number > 0), booting));
    for at in (0..clients.len()).cycle().skip(number) {
        let (path, client, starting) = &mut clients[at];
        if stopped() {
            return;
        }
        // What counts is what was to be expected when the request began.
        let right = shared.right.read().expect("no client panics").clone();
        let begin = shared.begin.elapsed().as_secs_f64();
        let wrong = match client.ask() {
            // `nginx -t`, by which Debian starts Nginx, listens for a moment and hangs up.
            Err(_) if silent => {
                thread::sleep(PAUSE);
                continue;
            }
            // Under Upstart nobody listens for an app that starts with the host.
            Ok(answer) if answer.status == 502 && *starting && shared.init == Init::Upstart => {
                thread::sleep(PAUSE);
                continue;
            }
            Err(error) => Some(error.to_string()),
            Ok(answer) if answer.status != 200 => Some(format!("status {}", answer.status)),
            Ok(answer) => {
                let got = (answer.mark.as_str(), answer.body.clone());
                let right = right.iter().any(|site| right.iter().any(|apps| site.answer(*apps, path) == got));
                (!right).then(|| format!("answered with mark {:?} and {:?}", answer.mark, answer.body))
            }
        };
        silent = false;
        *starting = false;
        *shared.asked.lock().expect("no client panics") += 1;
        if let Some(wrong) = wrong {
            let took = shared.begin.elapsed().as_secs_f64() - begin;
            let line = format!("GET {path} at {begin:.2} s, {took:.2} s long: {wrong}");
            shared.lost.lock().expect("no client panics").push(line);
        }
        thread::sleep(PAUSE);
    }
}

/// Moves this thread, and nothing else of the process, into a network.
fn enter(network: &PathBuf) -> bool {
    let Ok(file) = File::open(network) else { return false };
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).is_ok()
}
