//! Texts that must not get out: each lies where one party may read it, and is looked for wherever another one could.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::inside::Inside;

/// In the password field of a user that nobody logs in as.
pub const SHADOW: &str = "canary-of-shadow-7c1f";
/// In the environment of the hostile app itself; it may read it, and what it prints must not carry it away.
pub const OWN: &str = "canary-of-its-own-env-52ab";
/// In the environment of another app.
pub const OTHER: &str = "canary-of-another-env-9e30";
/// In a file of root's alone.
pub const ROOT: &str = "canary-of-root-d4d7";

const ALL: [&str; 4] = [SHADOW, OWN, OTHER, ROOT];

/// The script that puts those in place that no inventory does.
pub const PLANT: &str = "set -e
getent passwd canary >/dev/null || useradd --system canary
usermod --password 'canary-of-shadow-7c1f' canary
install -m 600 /dev/stdin /root/canary <<<'canary-of-root-d4d7'
";

/// The canaries in a text, plain or in base64.
pub fn leaks(text: &str) -> Vec<&'static str> {
    let words = text.split(|c: char| c.is_whitespace() || c == '"');
    let decoded: String = words
        .filter(|word| word.len() >= 16)
        .filter_map(|word| BASE64.decode(word).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    ALL.into_iter().filter(|canary| text.contains(*canary) || decoded.contains(*canary)).collect()
}

/// The canaries in what the host keeps of its history: logs and records. What was wanted is kept for going back,
/// secrets of the live generation included, in files of their own.
pub fn kept(inside: &Inside) -> Vec<String> {
    let mut found = vec![];
    for entry in fs::read_dir(inside.path("/var/lib/provision/generations")).into_iter().flatten().flatten() {
        for name in ["log", "record"] {
            let path = entry.path().join(name);
            found.extend(leaks(&read(&path)).into_iter().map(|canary| format!("{canary} in {}", path.display())));
        }
    }
    found
}

fn read(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
