//! `health.py` as the host runs it, against small servers on loopback.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use provision::health::{CHECK, WATCH};
use serde_json::{Value, json};

use crate::tls;

/// Runs the checks: exit code, what was printed, names of the unhealthy apps.
fn run(checks: &Value) -> (i32, String, String) {
    run_with(checks, &[])
}

fn run_with(checks: &Value, more: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let (list, unhealthy) = (folder.path().join("checks.json"), folder.path().join("unhealthy"));
    std::fs::write(&list, checks.to_string()).unwrap();
    let program = folder.path().join("health.py");
    std::fs::write(&program, CHECK).unwrap();
    // As on a host, but that there a warning is passed over.
    let python = ["-I", "-S", "-W", "error"];
    let output =
        Command::new("python3").args(python).arg(program).args([&list, &unhealthy]).args(more).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let names = std::fs::read_to_string(unhealthy).unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), names)
}

fn check_of(app: &str, port: u16, timeout: f64) -> Value {
    json!({ "app": app, "label": app, "address": "127.0.0.1", "port": port, "host": "localhost", "path": "/",
        "first": 200, "last": 299, "timeout": timeout })
}

fn answer(mut stream: impl std::io::Read + std::io::Write, status: &str) {
    let _ = stream.read(&mut [0; 4096]);
    let _ =
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nLocation: /elsewhere\r\nConnection: close\r\n\r\n");
}

/// A server that answers each connection with the next of `statuses`, the last one for ever.
fn server(statuses: &'static [&'static str]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            answer(stream.unwrap(), statuses[number.min(statuses.len() - 1)]);
        }
    });
    port
}

#[test]
fn a_healthy_app_passes() {
    let port = server(&["200 OK"]);
    assert_eq!(run(&json!([check_of("web", port, 5.0)])), (0, String::new(), String::new()));
}

#[test]
fn an_app_that_starts_slowly_is_waited_for() {
    let port = server(&["502 Bad Gateway", "503 Service Unavailable", "200 OK"]);
    assert_eq!(run(&json!([check_of("web", port, 10.0)])).0, 0);
}

#[test]
fn a_failing_app_is_named_with_what_it_answered() {
    let port = server(&["500 Internal Server Error"]);
    let (code, printed, names) = run(&json!([check_of("web", port, 1.0), check_of("web", port, 60.0)]));
    assert_eq!((code, names.as_str()), (1, "web\n"), "both checks are of one app, and the second does not wait");
    let expected = format!(
        "web: GET / on 127.0.0.1:{port} (Host: localhost) answered 500 Internal Server Error instead of 200 to 299"
    );
    assert_eq!(printed.lines().next(), Some(expected.as_str()));
}

#[test]
fn a_redirect_counts_by_its_own_status() {
    let port = server(&["302 Found"]);
    assert_eq!(run(&json!([check_of("web", port, 0.1)])).0, 1);
    let mut wide = check_of("web", port, 10.0);
    wide["last"] = 399.into();
    assert_eq!(run(&json!([wide])).0, 0);
}

#[test]
fn a_refused_connection_and_a_healthy_neighbour_are_told_apart() {
    // Bound and let go: nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (code, printed, names) = run(&json!([check_of("dead", free, 0.1), check_of("web", server(&["200 OK"]), 5.0)]));
    assert_eq!((code, names.as_str()), (1, "dead\n"));
    assert!(printed.contains("no answer: ") && printed.contains("refused"), "{printed}");
}

#[test]
fn an_app_on_a_unix_socket_is_asked_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let listener = UnixListener::bind(&path).unwrap();
    std::thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap(), "204 No Content")));
    let mut check = check_of("web", 1, 5.0);
    check["unix"] = path.to_str().into();
    assert_eq!(run(&json!([check])).0, 0);
}

#[test]
fn a_process_of_its_own_is_asked_as_its_sites_ask_and_may_take_a_while_to_begin() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let (sender, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let size = stream.read(&mut request).unwrap();
            sender.send(String::from_utf8_lossy(&request[..size]).into_owned()).unwrap();
            // It still imports the app, for longer than an answer may take.
            std::thread::sleep(Duration::from_millis(if number == 0 { 700 } else { 0 }));
            let status = if number < 2 { "200 OK" } else { "500 Oops" };
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        }
    });
    let mut of_site = check_of("web", 1, 0.2);
    of_site["host"] = "www.example.com".into();
    of_site["tls"] = true.into();
    let checks = json!([check_of("other", 1, 0.2), check_of("web", 1, 0.2), of_site]);
    let arguments = ["web", path.to_str().unwrap()];
    assert_eq!(run_with(&checks, &arguments), (0, String::new(), String::new()));
    let requests: Vec<String> = asked.try_iter().collect();
    let [direct, through_site] = &requests[..] else { panic!("{requests:?}") };
    assert!(direct.contains("Host: localhost\r\n") && !direct.contains("X-Forwarded-Proto"), "{direct}");
    let of_nginx = through_site.contains("X-Forwarded-Proto: https\r\n");
    assert!(through_site.contains("Host: www.example.com\r\n") && of_nginx, "{through_site}");
    // Once it answers, its time runs.
    let begin = Instant::now();
    let (code, printed, _) = run_with(&checks, &arguments);
    assert!(code == 1 && printed.contains("GET / on a socket of its own"), "{printed}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn a_site_with_a_certificate_is_asked_by_its_name_whoever_vouches_for_it() {
    let Some(server) = tls::Server::start("secure.example.com") else { return };
    let mut check = check_of("web", server.port, 5.0);
    check["tls"] = true.into();
    check["host"] = "secure.example.com".into();
    assert_eq!(run(&json!([check])), (0, String::new(), String::new()));
    check["host"] = "other.example.com".into();
    check["timeout"] = 0.1.into();
    let (code, printed, _) = run(&json!([check]));
    assert!(code == 1 && printed.contains("answered 421"), "{printed}");
    // Whoever does not speak HTTPS is no site with a certificate.
    let mut plain = check_of("web", self::server(&["200 OK"]), 0.1);
    plain["tls"] = true.into();
    let (code, printed, _) = run(&json!([plain]));
    assert!(code == 1 && printed.contains("no answer: "), "{printed}");
}

#[test]
fn an_endless_answer_does_not_hold_the_check() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.set_write_timeout(Some(Duration::from_secs(20)));
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    assert_eq!(run(&json!([check_of("web", port, 5.0)])).0, 0);
}

/// A server that says `answer` to each client, and closes the connection.
fn saying(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    port
}

#[test]
fn an_answer_that_breaks_off_is_none() {
    let broken: [&[u8]; 4] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhello",
    ];
    for answer in broken {
        let (code, printed, names) = run(&json!([check_of("web", saying(answer), 0.1)]));
        assert_eq!((code, names.as_str()), (1, "web\n"), "{}", String::from_utf8_lossy(answer));
        assert!(printed.contains("no answer: IncompleteRead"), "{printed}");
    }
    // Without a length the end of the connection is the end of the answer.
    let whole: [&[u8]; 3] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
    ];
    for answer in whole {
        assert_eq!(run(&json!([check_of("web", saying(answer), 5.0)])).0, 0, "{}", String::from_utf8_lossy(answer));
    }
}

/// A server that says `head` to each client, and then `drip` again and again with a pause, whatever it is asked.
fn dripping(head: &'static [u8], drip: &'static [u8], pause: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(head);
                while stream.write_all(drip).is_ok() {
                    std::thread::sleep(pause);
                }
            });
        }
    });
    port
}

/// The check ends when its time is up, however the app answers, and says in a few printable characters that it is not
/// well.
#[track_caller]
fn check_ends(head: &'static [u8], drip: &'static [u8], pause: Duration, words: &str) {
    let check = check_of("web", dripping(head, drip, pause), 1.0);
    let began = Instant::now();
    let (code, printed, names) = run(&json!([check]));
    assert_eq!((code, names.as_str()), (1, "web\n"), "{printed}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}: {printed}", began.elapsed());
    assert!(printed.contains(words), "{printed}");
    assert!(printed.len() < 500 && printed.trim_end().chars().all(|c| matches!(c, ' '..='~')), "{printed:?}");
}

const MOMENT: Duration = Duration::from_millis(20);

#[test]
fn an_app_that_announces_its_answer_for_ever_does_not_hold_the_check() {
    check_ends(b"", b"HTTP/1.1 100 Continue\r\n\r\n", MOMENT, "no answer: timed out");
    check_ends(b"", b"HTTP/1.1 100 Continue\r\n\r\n", Duration::ZERO, "no answer: ");
    check_ends(b"HTTP/1.1 100 Continue\r\n", b"X-More: of it\r\n", MOMENT, "no answer: ");
}

#[test]
fn an_app_that_sends_a_byte_now_and_then_does_not_hold_the_check() {
    check_ends(b"", b"H", MOMENT, "no answer: timed out");
    check_ends(b"HTTP/1.1 200 OK\r\nX: ", b"y", MOMENT, "no answer: timed out");
    check_ends(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b"y", MOMENT, "no answer: timed out");
    check_ends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\ny\r\n", MOMENT, "no answer: timed out");
}

#[test]
fn an_app_that_floods_does_not_hold_the_check() {
    check_ends(b"", &[b'x'; 4096], Duration::ZERO, "no answer: ");
    check_ends(b"HTTP/1.1 200 OK\r\n", b"X-More: of it\r\n", Duration::ZERO, "no answer: ");
    check_ends(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"surprise\r\n",
        Duration::ZERO,
        "no answer: ",
    );
}

#[test]
fn a_handshake_that_never_ends_does_not_hold_the_check() {
    // A record of TLS that announces 16384 bytes of handshake.
    let port = dripping(b"\x16\x03\x03\x40\x00", b"\0", MOMENT);
    let mut check = check_of("web", port, 1.0);
    check["tls"] = true.into();
    let began = Instant::now();
    let (code, printed, _) = run(&json!([check]));
    assert!(code == 1 && printed.contains("no answer: "), "{printed}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}: {printed}", began.elapsed());
}

#[test]
fn what_an_app_says_of_its_status_is_shown_harmlessly() {
    let port = server(&["500 \u{1b}]0;owned\u{7}\u{9b}2J\tlast"]);
    let (_, printed, _) = run(&json!([check_of("web", port, 1.0)]));
    assert!(printed.contains("answered 500 ?]0;owned?"), "{printed:?}");
    assert!(printed.trim_end().chars().all(|c| matches!(c, ' '..='~')), "{printed:?}");
}

#[test]
fn the_watch_is_as_patient_as_the_check() {
    let client = |program: &str| {
        let begin = program.find("class Patience:").expect("a client");
        let end = begin + program[begin..].find("def clean(").expect("its end");
        program[begin..end].to_owned()
    };
    assert_eq!(client(CHECK), client(WATCH), "each travels alone, so both have the same client");
}
