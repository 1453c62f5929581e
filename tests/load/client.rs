//! One HTTP/1.1 client: exact about what it got, and about what became of its connection.

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::net::{RecvFlags, recv};

const PATIENCE: Duration = Duration::from_secs(10);

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The header that tells which version of the site answered.
    pub mark: String,
    pub body: String,
    closes: bool,
}

/// A client that opens a connection for each request, or keeps one for as long as the server lets it.
pub struct Client {
    address: SocketAddr,
    request: String,
    keeps: bool,
    kept: Option<BufReader<TcpStream>>,
    /// Kept connections that the server had closed before the next request was sent.
    pub reopened: usize,
    /// Kept connections that the server closed while a request was on its way, which was repeated on a new one.
    pub repeated: usize,
}

impl Client {
    pub fn new(address: SocketAddr, path: &str, keeps: bool) -> Self {
        let connection = if keeps { "keep-alive" } else { "close" };
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: {connection}\r\n\r\n", address.ip());
        Self { address, request, keeps, kept: None, reopened: 0, repeated: 0 }
    }

    /// Sends one request and reads its answer.
    pub fn ask(&mut self) -> io::Result<Answer> {
        if let Some(mut connection) = self.kept.take() {
            if is_over(connection.get_ref()) {
                self.reopened += 1;
            } else {
                match self.exchange(&mut connection) {
                    // Nothing of an answer came, so every client sends a GET once more.
                    Err(Broken::Before(error)) if error.kind() != ErrorKind::WouldBlock => self.repeated += 1,
                    result => return self.done(connection, result),
                }
            }
        }
        let stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut connection = BufReader::new(stream);
        let result = self.exchange(&mut connection);
        self.done(connection, result)
    }

    fn done(&mut self, connection: BufReader<TcpStream>, result: Result<Answer, Broken>) -> io::Result<Answer> {
        let answer = result.map_err(|(Broken::Before(error) | Broken::Within(error))| error)?;
        if self.keeps && !answer.closes {
            self.kept = Some(connection);
        }
        Ok(answer)
    }

    fn exchange(&self, connection: &mut BufReader<TcpStream>) -> Result<Answer, Broken> {
        connection.get_ref().write_all(self.request.as_bytes()).map_err(Broken::Before)?;
        if connection.fill_buf().map_err(Broken::Before)?.is_empty() {
            let error = io::Error::new(ErrorKind::UnexpectedEof, "closed before the answer began");
            return Err(Broken::Before(error));
        }
        read_answer(connection).map_err(Broken::Within)
    }
}

/// How an exchange broke off.
enum Broken {
    /// Before the first byte of an answer.
    Before(io::Error),
    /// In the middle of it.
    Within(io::Error),
}

/// Whether the server has ended a connection on which nothing is asked.
fn is_over(stream: &TcpStream) -> bool {
    recv(stream, &mut [0; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT) != Err(rustix::io::Errno::AGAIN)
}

fn read_answer(connection: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let first = line(connection)?;
    let status = first.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no status: {first}")))?;
    let mut answer = Answer { status, mark: String::new(), body: String::new(), closes: false };
    let (mut length, mut chunked) = (None, false);
    loop {
        let header = line(connection)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(": ").unwrap_or((&header, ""));
        match name.to_ascii_lowercase().as_str() {
            "connection" => answer.closes = value.eq_ignore_ascii_case("close"),
            "content-length" => length = value.parse::<usize>().ok(),
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "x-mark" => value.clone_into(&mut answer.mark),
            _ => {}
        }
    }
    let mut body = vec![];
    match length {
        _ if chunked => read_chunks(connection, &mut body)?,
        Some(length) => read_exactly(connection, length, &mut body)?,
        None => return Err(io::Error::other("nothing tells where the body ends")),
    }
    answer.body = String::from_utf8_lossy(&body).into_owned();
    Ok(answer)
}

fn read_chunks(connection: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let size = line(connection)?;
        let size = usize::from_str_radix(&size, 16).map_err(|_| io::Error::other(format!("no chunk: {size}")))?;
        read_exactly(connection, size, body)?;
        line(connection)?;
        if size == 0 {
            return Ok(());
        }
    }
}

fn read_exactly(connection: &mut BufReader<TcpStream>, length: usize, body: &mut Vec<u8>) -> io::Result<()> {
    let begin = body.len();
    body.resize(begin + length, 0);
    connection.read_exact(&mut body[begin..]).map_err(|error| in_the_middle(&error))
}

fn line(connection: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    connection.read_line(&mut line).map_err(|error| in_the_middle(&error))?;
    let line = line.strip_suffix("\r\n").ok_or_else(|| io::Error::other("the answer broke off"))?;
    Ok(line.to_owned())
}

fn in_the_middle(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the answer broke off: {error}"))
}
