//! `health.py` as the host runs it, against small servers on loopback.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::tls;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/apply/host/health.py");

/// Runs the checks: exit code, what was printed, names of the unhealthy apps.
fn run(checks: &Value) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let (list, unhealthy) = (folder.path().join("checks.json"), folder.path().join("unhealthy"));
    std::fs::write(&list, checks.to_string()).unwrap();
    let output = Command::new("python3").arg(PROGRAM).args([&list, &unhealthy]).output().unwrap();
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
    let (code, printed, names) = run(&json!([check_of("web", port, 0.1), check_of("web", port, 60.0)]));
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
    let mut wide = check_of("web", port, 0.1);
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
