//! `watch.py` as the host runs it, against small servers on loopback.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use provision::health::WATCH;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::tls;

/// The program, in a folder.
fn program(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("watch.py");
    std::fs::write(&path, WATCH).unwrap();
    path
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// How a server treats requests.
const WELL: u8 = 0;
const BAD_GATEWAY: u8 = 1;
/// The connection ends where the answer should begin.
const CUT: u8 = 2;
/// The connection ends in the middle of the body.
const HALF: u8 = 3;
/// Each connection ends after its first answer, which did not say so.
const ONCE: u8 = 4;
/// Each connection ends when its second request has arrived.
const SECOND_CUT: u8 = 5;

/// A server whose manners can be changed.
struct Server {
    port: u16,
    manners: Arc<AtomicU8>,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(manners: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let manners = Arc::new(AtomicU8::new(manners));
        let server = Self { port, manners: manners.clone(), connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                connections.fetch_add(1, Ordering::Relaxed);
                let (manners, requests) = (manners.clone(), requests.clone());
                thread::spawn(move || serve(stream.unwrap(), &manners, &requests));
            }
        });
        server
    }

    fn turn(&self, manners: u8) {
        self.manners.store(manners, Ordering::Relaxed);
    }

    /// Waits until it was asked some more.
    fn is_asked(&self) {
        let enough = self.requests.load(Ordering::Relaxed) + 16;
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.requests.load(Ordering::Relaxed) < enough {
            assert!(Instant::now() < deadline, "nobody asks");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What watches it through a site.
    fn check(&self) -> Value {
        json!({ "app": "web", "label": "web through main", "address": "127.0.0.1", "port": self.port,
            "host": "localhost", "path": "/", "first": 200, "last": 299, "timeout": 5.0 })
    }
}

/// Answers the requests of one connection until it ends.
fn serve(stream: TcpStream, manners: &AtomicU8, requests: &AtomicUsize) {
    let (mut reader, mut writer) = (BufReader::new(&stream), &stream);
    for number in 0.. {
        let Some(closes) = request(&mut reader) else { return };
        requests.fetch_add(1, Ordering::Relaxed);
        let answer: &[u8] = match manners.load(Ordering::Relaxed) {
            BAD_GATEWAY => b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            HALF => b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok",
            CUT => return,
            SECOND_CUT if number > 0 => return,
            _ => OK,
        };
        let last = closes || [HALF, ONCE].contains(&manners.load(Ordering::Relaxed));
        if writer.write_all(answer).is_err() || last {
            return;
        }
    }
}

/// Reads the head of a request, and tells whether its connection is to be closed; `None` at the end.
fn request(reader: &mut impl BufRead) -> Option<bool> {
    let mut closes = false;
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(1..) if line == "\r\n" => return Some(closes),
            Ok(1..) => closes |= line.eq_ignore_ascii_case("connection: close\r\n"),
            _ => return None,
        }
    }
}

/// A watcher at work.
struct Watch {
    folder: TempDir,
    child: Child,
}

impl Watch {
    fn start(checks: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("checks.json"), json!(checks).to_string()).unwrap();
        let arguments = ["checks.json", "result", "phase"].map(|name| folder.path().join(name));
        let child = Command::new("python3").arg(program(&folder)).args(arguments).spawn().unwrap();
        Self { folder, child }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The switch begins.
    fn switch(&self) {
        std::fs::write(self.path("phase"), "").unwrap();
    }

    /// The transaction is done: the result.
    fn end(mut self) -> Value {
        std::fs::write(self.path("phase"), "end\n").unwrap();
        assert!(self.child.wait().unwrap().success());
        serde_json::from_str(&std::fs::read_to_string(self.path("result")).unwrap()).unwrap()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn number(result: &Value, key: &str) -> u64 {
    result[key].as_u64().unwrap_or_else(|| panic!("{key} in {result}"))
}

/// A server that is well before the switch, and then has `manners`.
fn switched_to(manners: u8) -> Value {
    let server = Server::start(WELL);
    let watch = Watch::start(&[server.check()]);
    server.is_asked();
    watch.switch();
    server.turn(manners);
    server.is_asked();
    watch.end()
}

#[test]
fn a_site_that_answers_all_the_time_costs_no_request() {
    let server = Server::start(WELL);
    let watch = Watch::start(&[server.check()]);
    server.is_asked();
    watch.switch();
    server.is_asked();
    let result = watch.end();
    let (before, during) = (number(&result, "requests_before"), number(&result, "requests_during"));
    assert!(before >= 10 && during >= 10, "{result}");
    assert_eq!((number(&result, "failures_before"), number(&result, "failures")), (0, 0), "{result}");
    assert_eq!(result["first_failure"], Value::Null);
    for phase in ["before", "during"] {
        let value = |key: &str| result[format!("{key}_{phase}_ms")].as_f64().unwrap();
        assert!(0.0 < value("p50") && value("p50") <= value("p99"), "{result}");
    }
    let connections = server.connections.load(Ordering::Relaxed) as u64;
    let fresh = (before + during) / 2;
    assert!(connections.abs_diff(fresh + 1) <= 2, "one is kept, all others are new: {connections}, {result}");
}

#[test]
fn a_site_with_a_certificate_is_watched_by_https() {
    let Some(server) = tls::Server::start("secure.example.com") else { return };
    let check = json!({ "app": "web", "label": "web through main", "address": "127.0.0.1", "port": server.port,
        "tls": true, "host": "secure.example.com", "path": "/", "first": 200, "last": 200, "timeout": 5.0 });
    let watch = Watch::start(&[check]);
    watch.switch();
    // Long enough for many requests; how many is counted below.
    thread::sleep(Duration::from_secs(2));
    let result = watch.end();
    assert!(number(&result, "requests_during") >= 10, "{result}");
    assert_eq!(number(&result, "failures"), 0, "{result}");
}

#[test]
fn a_failure_after_the_switch_is_counted_and_told() {
    for (manners, wrong) in [
        (BAD_GATEWAY, " answered 502 Bad Gateway instead of 200 to 299, "),
        (CUT, " no answer: Remote end closed connection without response, "),
        (HALF, " no answer: IncompleteRead(2 bytes read, 18 more expected), "),
    ] {
        let result = switched_to(manners);
        assert!(number(&result, "failures") >= 10, "{result}");
        assert_eq!(number(&result, "failures_before"), 0, "{result}");
        let first = result["first_failure"].as_str().unwrap();
        assert!(first.starts_with("web through main: GET / on 127.0.0.1:"), "{first}");
        assert!(first.contains(&format!(" (Host: localhost){wrong}0.")), "{first}");
        assert!(first.ends_with(" s after the switch began"), "{first}");
    }
}

#[test]
fn a_kept_connection_that_the_server_closes_is_no_failure() {
    for manners in [ONCE, SECOND_CUT] {
        let result = switched_to(manners);
        assert!(number(&result, "requests_during") >= 10, "{result}");
        assert_eq!(number(&result, "failures"), 0, "{result}");
    }
}

#[test]
fn a_failure_before_the_switch_is_told_apart() {
    let server = Server::start(WELL);
    let watch = Watch::start(&[server.check()]);
    server.is_asked();
    server.turn(BAD_GATEWAY);
    server.is_asked();
    server.turn(WELL);
    // The last bad answer may be on its way.
    thread::sleep(Duration::from_millis(100));
    watch.switch();
    server.is_asked();
    let result = watch.end();
    assert!(number(&result, "failures_before") >= 10, "{result}");
    assert_eq!((number(&result, "failures"), &result["first_failure"]), (0, &Value::Null), "{result}");
}

#[test]
fn what_does_not_work_yet_has_nothing_to_lose() {
    let server = Server::start(BAD_GATEWAY);
    let watch = Watch::start(&[server.check()]);
    server.is_asked();
    watch.switch();
    server.is_asked();
    server.turn(WELL);
    server.is_asked();
    let result = watch.end();
    assert_eq!((number(&result, "requests_before"), &result["p50_before_ms"]), (0, &Value::Null), "{result}");
    assert!(number(&result, "requests_during") >= 10, "{result}");
    assert_eq!(number(&result, "failures"), 0, "{result}");

    server.turn(BAD_GATEWAY);
    let watch = Watch::start(&[server.check()]);
    server.is_asked();
    watch.switch();
    server.turn(WELL);
    server.is_asked();
    server.turn(BAD_GATEWAY);
    server.is_asked();
    let result = watch.end();
    assert!(number(&result, "failures") >= 10, "once it answered it counts: {result}");
}

#[test]
fn only_what_goes_through_a_site_is_watched() {
    let server = Server::start(WELL);
    let mut direct = server.check();
    direct["label"] = "web directly".into();
    let other = Server::start(WELL);
    let watch = Watch::start(&[direct, other.check()]);
    other.is_asked();
    watch.switch();
    let result = watch.end();
    assert!(number(&result, "requests_before") >= 10, "{result}");
    assert_eq!(server.connections.load(Ordering::Relaxed), 0);
}

#[test]
fn it_ends_with_the_transaction_that_started_it() {
    let server = Server::start(WELL);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("checks.json"), json!([server.check()]).to_string()).unwrap();
    let script = r#"python3 "$0" checks.json result phase >/dev/null & echo "$!"; wait"#;
    let mut bash = Command::new("bash");
    bash.args(["-c", script]).arg(program(&folder)).current_dir(folder.path()).stdout(Stdio::piped());
    let mut transaction = bash.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(transaction.stdout.take().unwrap()).read_line(&mut line).unwrap();
    server.is_asked();
    transaction.kill().unwrap();
    transaction.wait().unwrap();

    let process = PathBuf::from(format!("/proc/{}", line.trim()));
    let deadline = Instant::now() + Duration::from_secs(10);
    // One that nobody waits for stays as a zombie, whose command line is empty.
    while std::fs::read(process.join("cmdline")).is_ok_and(|words| !words.is_empty()) {
        assert!(Instant::now() < deadline, "it goes on without its parent");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!folder.path().join("result").exists(), "half a run has no result");
}
