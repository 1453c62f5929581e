//! A real Nginx on loopback with rendered sites, a small app behind it, and curl as the client.

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use provision::model::{Site, Target};

use crate::sites::{NGINX, Ports, certify, install, new_pair, rendered_for, this_machine, with};
use crate::skip::shout;

/// A running Nginx and its app; both end with it.
pub struct Live {
    pub ports: Ports,
    pub folder: tempfile::TempDir,
    running: Vec<Child>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub version: String,
    head: String,
    pub body: String,
}

impl Live {
    /// Starts Nginx with the sites that `sites` makes for free ports; `None`, said aloud, where a program is missing.
    pub fn start(sites: impl Fn(Ports) -> Vec<Site>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (Some(platform), Some(pair)) = (this_machine(), new_pair(folder.path())) else {
            shout("Nginx or OpenSSL is not installed, so no request is sent through rendered sites");
            return None;
        };
        let ports = Ports { plain: free_port(), redirect: free_port(), tls: free_port(), app: free_port() };
        let mut target: Target = with(ports, sites(ports));
        certify(&mut target, &pair);
        let root = folder.path();
        install(&rendered_for(&target, &platform), root);
        for (path, text) in [
            ("srv/static/page.css", "p { color: black }\n".repeat(200).as_str()),
            ("srv/static/deep/.env", "secret"),
            ("srv/well-known/security.txt", "Contact: x"),
            ("acme/.well-known/acme-challenge/token", "proof"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/render/fixtures/app.py");
        let start = |command: &mut Command| command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let mut live = Self { ports, folder, running: Vec::new() };
        live.running.push(start(Command::new("python3").arg(app).arg(ports.app.to_string())));
        live.running.push(start(Command::new(NGINX).arg("-c").arg(live.folder.path().join("nginx.conf"))));
        let listening = if live.folder.path().join("sites/plain").exists() { ports.plain } else { ports.redirect };
        live.wait_for(&[ports.app, listening]);
        Some(live)
    }

    fn wait_for(&self, ports: &[u16]) {
        let begin = Instant::now();
        for port in ports {
            while let Err(error) = TcpStream::connect(("127.0.0.1", *port)) {
                assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
                let log = fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default();
                assert!(begin.elapsed() < Duration::from_secs(20), "nothing listens on {port}:\n{log}");
                std::thread::yield_now();
            }
        }
    }

    /// Asks for `url`, where names stand for 127.0.0.1, with further arguments of curl; `None` where nothing is
    /// answered.
    pub fn try_get(&self, url: &str, arguments: &[&str]) -> Option<Answer> {
        let mut command = Command::new("curl");
        command.args(["--silent", "--include", "--insecure", "--max-time", "20", "--noproxy", "*"]);
        command.args(["--connect-to", "::127.0.0.1:", "--write-out", "\n%{http_code} %{http_version}"]);
        let output = command.args(arguments).arg(url).output().expect("curl is installed");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (answer, end) = text.rsplit_once('\n').unwrap();
        let (status, version) = end.split_once(' ').unwrap();
        let (status, version) = (status.parse().unwrap(), version.to_owned());
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some(Answer { status, version, head: head.to_owned(), body: body.to_owned() })
    }

    /// As [`Self::try_get`], where an answer is a matter of course.
    #[track_caller]
    pub fn get(&self, url: &str, arguments: &[&str]) -> Answer {
        self.try_get(url, arguments).unwrap_or_else(|| panic!("{url} {arguments:?} is not answered"))
    }
}

impl Answer {
    /// Every value of a header.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// The one value of a header; empty without it.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let values = self.headers(name);
        assert!(values.len() < 2, "{name} stands there twice: {values:?}");
        values.first().copied().unwrap_or_default()
    }

    /// What the app was asked.
    #[track_caller]
    pub fn asked(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no answer of the app: {self:?}"))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A port that nothing listens on. It stays free as long as nobody takes it by chance, for it is closed here.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
