//! Requests over plain sockets, with the path as it is written, and many of them at a steady rate.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// It is a 200 whose body holds `text`.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert_eq!(self.status, 200, "{}\n{}", self.head, self.body);
        assert!(self.body.contains(text), "no `{text}` in:\n{}", self.body);
        self
    }
}

/// Asks for a path, exactly as it is written.
pub fn get(address: SocketAddr, path: &str) -> io::Result<Answer> {
    get_with(address, path, &[])
}

/// The same with further lines in the head of the request.
pub fn get_with(address: SocketAddr, path: &str, lines: &[&str]) -> io::Result<Answer> {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{lines}\r\n", address.ip())?;
    let mut bytes = vec![];
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) =
        text.split_once("\r\n\r\n").ok_or_else(|| io::Error::other(format!("half an answer: {text}")))?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no status: {head}")))?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Clients that ask again and again until they are stopped.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Tally>>,
}

/// What became of the requests.
#[derive(Debug, Default)]
pub struct Tally {
    pub requests: usize,
    /// Connections that were refused or cut, and answers other than 200.
    pub failures: Vec<String>,
    pub slowest: Duration,
}

impl Load {
    /// One client for each address and path, 25 requests a second each.
    pub fn start(targets: &[(SocketAddr, &str)]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |(address, path): &(SocketAddr, &str)| {
            let (stop, address, path) = (stop.clone(), *address, (*path).to_owned());
            thread::spawn(move || ask_until(&stop, address, &path))
        };
        Self { clients: targets.iter().map(client).collect(), stop }
    }

    /// Stops, and adds up.
    pub fn stop(self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        let mut sum = Tally::default();
        for client in self.clients {
            let tally = client.join().expect("a client does not panic");
            sum.requests += tally.requests;
            sum.failures.extend(tally.failures);
            sum.slowest = sum.slowest.max(tally.slowest);
        }
        sum
    }
}

fn ask_until(stop: &AtomicBool, address: SocketAddr, path: &str) -> Tally {
    let mut tally = Tally::default();
    while !stop.load(Ordering::Relaxed) {
        let begin = Instant::now();
        let failure = match get(address, path) {
            Ok(answer) if answer.status == 200 => None,
            Ok(answer) => Some(format!("{address}{path}: {}", answer.status)),
            Err(error) => Some(format!("{address}{path}: {error}")),
        };
        tally.requests += 1;
        tally.failures.extend(failure);
        tally.slowest = tally.slowest.max(begin.elapsed());
        thread::sleep(Duration::from_millis(40).saturating_sub(begin.elapsed()));
    }
    tally
}
