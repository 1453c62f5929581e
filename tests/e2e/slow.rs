//! A request that takes longer than a deployment: it is answered, and holds up nobody.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::{Project, fixture};

#[test]
fn a_long_request_is_answered_and_does_not_hold_up_a_deployment() {
    let Some(project) = Project::open(&["slow-01"]) else { return };
    let host = project.host();
    let app = format!("{APP}, bind: 127.0.0.1:5001, workers: 2, timeout: 120s, graceful_timeout: 5s");
    let inventory = Inventory::default().app("blue", &app).site("front", "routes: { /: { app: blue } }");
    let slow = |release: &str| {
        let wait = "    if environ[\"PATH_INFO\"] == \"/slow\":\n        import time\n        time.sleep(60)\n    \
                    start_response(\"200 OK\"";
        fixture(release).replace("    start_response(\"200 OK\"", wait)
    };
    project.write("code/app.py", &slow("one"));
    project.inventory(&inventory).up(&[]).exits(0);
    let address = host.port(80);
    let answer = thread::spawn(move || {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(90))).expect("a timeout");
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n").expect("a request");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        text
    });
    thread::sleep(Duration::from_millis(500));
    project.write("code/app.py", &slow("two"));
    let run = project.up(&["-v"]).exits(0);
    assert!(!answer.is_finished(), "the request is under way");
    for _ in 0..20 {
        host.get("/").says("blue runs release two");
    }
    project.check(&[]).exits(0);
    let answer = answer.join().expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("blue runs release one"), "{answer}");
    say(&format!("slow: a deployment beside a request of 60 s took {:.1} s", run.took.as_secs_f64()));
}
