//! A small server that speaks HTTPS, for what the host asks through a site with a certificate.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::skip::skip;

/// A running server; it ends with this.
pub struct Server {
    pub port: u16,
    child: Child,
    _folder: TempDir,
}

impl Server {
    /// Serves `name` under a certificate that nobody vouches for; `None`, said aloud, without OpenSSL.
    pub fn start(name: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=not-this-name.example", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output();
        if !made.is_ok_and(|output| output.status.success()) {
            skip("OpenSSL is not installed, so nothing is asked by HTTPS");
            return None;
        }
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/core/fixtures/tls.py");
        let mut child = Command::new("python3")
            .arg(program)
            .args([&certificate, &key])
            .arg(name)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Self { port: line.trim().parse().unwrap(), child, _folder: folder })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
