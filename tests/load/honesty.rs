//! The client that makes the load is not too kind: a server with bad manners is told from one with good ones.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::client::Client;

const WHOLE: &str = "HTTP/1.1 200 OK\r\nX-Mark: m1\r\nContent-Length: 3\r\n\r\none";
const PIECES: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\non\r\n1\r\ne\r\n0\r\n\r\n";

/// A server whose connections each give the answers of one list, and end where an answer is empty or missing.
fn server(connections: &'static [&'static [&'static str]]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for answers in connections {
            let (stream, _) = listener.accept().expect("somebody connects");
            serve(&stream, answers);
        }
    });
    address
}

fn serve(mut stream: &TcpStream, answers: &[&str]) {
    let mut reader = BufReader::new(stream);
    for answer in answers {
        while !is_last(&mut reader) {}
        stream.write_all(answer.as_bytes()).expect("the client listens");
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Reads one line of a request, and tells whether it was the last of its head.
fn is_last(reader: &mut BufReader<&TcpStream>) -> bool {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request") <= 2
}

#[test]
fn whole_answers_are_read_from_one_connection() {
    let mut client = Client::new(server(&[&[WHOLE, PIECES, WHOLE]]), "/", true);
    for mark in ["m1", "", "m1"] {
        let answer = client.ask().expect("an answer");
        assert_eq!((answer.status, answer.mark.as_str(), answer.body.as_str()), (200, mark, "one"));
    }
    assert_eq!((client.reopened, client.repeated), (0, 0));
}

#[test]
fn a_kept_connection_that_ends_between_requests_is_opened_anew() {
    let mut client = Client::new(server(&[&[WHOLE], &[WHOLE]]), "/", true);
    client.ask().expect("an answer");
    thread::sleep(Duration::from_millis(200));
    client.ask().expect("an answer");
    assert_eq!((client.reopened, client.repeated), (1, 0));
}

#[test]
fn a_request_is_repeated_once_and_only_on_a_connection_that_was_kept() {
    let mut kept = Client::new(server(&[&[WHOLE, ""], &[WHOLE, ""], &[""]]), "/", true);
    kept.ask().expect("an answer");
    kept.ask().expect("the second connection answers");
    assert_eq!((kept.reopened, kept.repeated), (0, 1));
    kept.ask().expect_err("the third connection does not answer either");
    let mut fresh = Client::new(server(&[&[""], &[WHOLE]]), "/", false);
    fresh.ask().expect_err("nobody repeats what was sent on a new connection");
}

#[test]
fn half_an_answer_is_no_answer() {
    for half in [
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\non",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\no",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
    ] {
        let answers: &'static [&'static str] = Vec::leak(vec![WHOLE, half]);
        let mut client = Client::new(server(Vec::leak(vec![answers, &[WHOLE]])), "/", true);
        client.ask().expect("the first answer");
        client.ask().expect_err("not even on a kept connection is that repeated");
    }
}
