//! Changes of an app that answers a long request meanwhile and gets slow uploads: these are answered, and neither other
//! requests of that app nor those of another one have to wait for them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use super::lab::say;
use super::project::Project;
use super::setup::Setup;
use super::tally::Tally;
use super::traffic::Traffic;

/// Requests a second.
const RATE: u32 = 250;
/// Of one upload.
const PIECES: usize = 40;
const PIECE: [u8; 1000] = [b'x'; 1000];

/// A change of blue, and the service that has to act for it.
type Made = (&'static str, fn(&mut Setup), &'static str);

const CHANGES: [Made; 4] = [
    ("environment", |setup| setup.greeting += 1, "reload blue.service"),
    ("unit", |setup| setup.graceful_timeout += 1, "restart blue.service"),
    ("venv", |setup| setup.venv = true, "restart blue.service"),
    ("release in a venv", |setup| setup.release += 1, "restart blue.service"),
];

#[test]
fn a_long_request_holds_up_nobody() {
    let today = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_secs() / 86400;
    let place = usize::try_from(today).expect("a small number") % 3;
    beside_long_requests(&CHANGES[place..=place]);
}

#[test]
#[ignore = "takes minutes: make load"]
fn a_long_request_holds_up_nobody_whatever_changes() {
    beside_long_requests(&CHANGES);
}

fn beside_long_requests(changes: &[Made]) {
    let Some(mut project) = Project::open(&["long-01"]) else { return };
    project.agree();
    let mut setup = Setup { workers: 4, long: true, alone: true, ..Setup::default() };
    setup.write(&project);
    project.up(&[]).exits(0);
    let address = project.host().port(80);
    let traffic = Traffic::start(address, RATE, &setup);
    thread::sleep(Duration::from_secs(4));
    let before = traffic.take_each();
    say(&Tally::head());
    say(&before[1].row("green, no change", 0));
    for (name, change, act) in changes {
        let mut next = setup.clone();
        change(&mut next);
        traffic.expect(&[&setup, &next]);
        let long = LongRequests::start(address);
        next.write(&project);
        let run = project.up(&[]).exits(0).shows(act);
        let answers = long.stop();
        traffic.expect(&[&next]);
        thread::sleep(Duration::from_millis(200));
        setup = next;
        let [blue, green] = traffic.take_each();
        say(&blue.row(&format!("blue, {name}"), 1));
        say(&green.row("green meanwhile", 1));
        say(&format!("  {} long requests, the run took {:.1} s", answers.len(), run.took.as_secs_f64()));
        for answer in &answers {
            assert_eq!(answer.as_ref().err(), None, "{name}");
        }
        for tally in [&blue, &green] {
            assert_eq!((tally.failed, tally.wrong), (0, 0), "{name}: {:#?}", tally.troubles);
        }
        let slowest = blue.percentile(99).expect("requests");
        assert!(slowest < Duration::from_secs(1), "{name}: {slowest:?} for one of a hundred requests of blue");
        // A small host with all its clients: less than this is noise.
        let usual = before[1].percentile(99).expect("requests").max(Duration::from_millis(50));
        let slowest = green.percentile(99).expect("requests");
        assert!(slowest <= 2 * usual, "{name}: {slowest:?} instead of {usual:?} for one of a hundred of green");
    }
    let last = traffic.stop();
    assert_eq!((last.failed, last.wrong), (0, 0), "{:#?}", last.troubles);
}

/// A streamed answer, and uploads one after the other.
struct LongRequests {
    enough: Arc<AtomicBool>,
    stream: JoinHandle<Result<(), String>>,
    uploads: Vec<JoinHandle<Vec<Result<(), String>>>>,
}

impl LongRequests {
    fn start(address: SocketAddr) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let stream = thread::spawn(move || {
            let answer = ask(address, "GET /stream", "", 0);
            let whole: String = (0..60).map(|number| format!("{number}\n")).collect();
            if answer.as_ref().is_ok_and(|answer| dechunked(answer) == whole) {
                Ok(())
            } else {
                Err(format!("{answer:?}"))
            }
        });
        let upload = |number: u64| {
            let enough = Arc::clone(&enough);
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(number * 700));
                let mut results = vec![];
                while !enough.load(Ordering::Relaxed) {
                    let size = PIECES * PIECE.len();
                    let answer = ask(address, "POST /", &format!("Content-Length: {size}\r\n"), PIECES);
                    let right = answer.as_ref().is_ok_and(|answer| dechunked(answer) == format!("{size}\n"));
                    results.push(if right { Ok(()) } else { Err(format!("upload: {answer:?}")) });
                }
                results
            })
        };
        let uploads = (0..4).map(upload).collect();
        // The app is answering by the time that anything changes.
        thread::sleep(Duration::from_millis(500));
        Self { enough, stream, uploads }
    }

    /// Waits until each is answered.
    fn stop(self) -> Vec<Result<(), String>> {
        self.enough.store(true, Ordering::Relaxed);
        let uploads = self.uploads.into_iter().flat_map(|upload| upload.join().expect("no client panics"));
        let mut answers: Vec<_> = uploads.collect();
        answers.push(self.stream.join().expect("no client panics"));
        answers
    }
}

/// Sends one request, its body piece by piece, and reads until the server closes.
fn ask(address: SocketAddr, what: &str, header: &str, pieces: usize) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let head = format!("{what} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{header}\r\n", address.ip());
    stream.write_all(head.as_bytes())?;
    for _ in 0..pieces {
        stream.write_all(&PIECE)?;
        thread::sleep(Duration::from_millis(250));
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The body of a whole answer of status 200; a half one has something else in it.
fn dechunked(answer: &str) -> String {
    let Some((head, body)) = answer.split_once("\r\n\r\n").filter(|(head, _)| head.starts_with("HTTP/1.1 200")) else {
        return answer.to_owned();
    };
    if !head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return body.to_owned();
    }
    let mut whole = String::new();
    let mut rest = body;
    while let Some((size, more)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        if size == 0 {
            return whole;
        }
        let Some(piece) = more.get(..size) else { return answer.to_owned() };
        whole.push_str(piece);
        rest = more[size..].trim_start_matches("\r\n");
    }
    answer.to_owned()
}
