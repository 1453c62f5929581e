//! Every Bash script of the repository: ShellCheck passes it, and it begins and ends as all of them do.

#[path = "support/skip.rs"]
#[allow(dead_code)]
mod skip;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Bash scripts that git knows, or would take: by their name, or by their first line.
fn scripts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let output = Command::new("git").arg("-C").arg(root).args(list).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("names are UTF-8");
    // Templates are scripts only once they are rendered, and are checked then.
    let names = names.split_terminator('\0').filter(|name| !name.ends_with(".tera"));
    let paths = names.map(|name| root.join(name));
    let is_bash = |path: &PathBuf| {
        let by_name = path.extension().is_some_and(|extension| extension == "sh" || extension == "bash");
        path.is_file()
            && (by_name
                || fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"#!") && first_line(&bytes).contains("sh")))
    };
    paths.filter(is_bash).collect()
}

fn first_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned()
}

#[test]
fn each_script_begins_and_ends_as_all_do() {
    let scripts = scripts();
    assert!(scripts.len() >= 5, "{scripts:?}");
    for path in scripts {
        let shown = path.display();
        let text = fs::read_to_string(&path).expect("a script is text");
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("#!/usr/bin/env bash"), "{shown}");
        let second = lines.next().unwrap_or_default();
        assert!(second.starts_with("# ") && second.len() > 10, "{shown}: the second line says what the script does");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{shown}: one final newline");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{shown} is executable");
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let output = match Command::new("shellcheck").args(scripts()).output() {
        Ok(output) => output,
        Err(error) => {
            skip::skip(&format!("shellcheck cannot be run: {error}; install it by `apt-get install shellcheck`"));
            return;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The probe writes nothing: neither by redirection into a file nor by a here-document, for which Bash up to 5.0 makes
/// a temporary file.
#[test]
fn the_probe_writes_nothing() {
    let text = include_str!("../src/probe/probe.sh");
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let harmless = line.replace("2>/dev/null", "").replace(">/dev/null", "").replace("2>&1", "");
        let harmless = harmless.replace("=>", "").replace("->", "");
        assert!(!harmless.contains("<<"), "a here-document or here-string: {line}");
        let redirects = harmless.contains(">\"") || harmless.contains(">>") || harmless.contains("> ");
        assert!(!redirects || harmless.contains("(("), "a redirection: {line}");
        let words: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        for program in ["mktemp", "touch", "mkdir", "tee", "rm", "mv", "install", "flock"] {
            assert!(!words.contains(&program), "{program}: {line}");
        }
    }
}

/// What configures something, in this repository's own files and in what its tests read.
fn is_configuration(name: &str) -> bool {
    let endings = [".yml", ".yaml", ".toml", ".conf", ".service", ".socket", ".tera", "Makefile", ".gitignore"];
    // What hosts have stored has notes there that are called like units.
    endings.iter().any(|ending| name.ends_with(ending)) && !name.starts_with("tests/fixtures/stored/")
}

#[test]
fn every_configuration_file_has_comments() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output().expect("git runs");
    let names = String::from_utf8(output.stdout).expect("names are UTF-8");
    let names: Vec<&str> = names.split_terminator('\0').filter(|name| is_configuration(name)).collect();
    assert!(names.len() > 100, "{names:?}");
    let silent = |name: &&&str| {
        let text = fs::read_to_string(root.join(name)).unwrap_or_default();
        let is_comment = |line: &str| ["#", "{#", "<!--", "//"].iter().any(|mark| line.trim_start().starts_with(mark));
        !text.lines().any(is_comment)
    };
    assert_eq!(names.iter().filter(silent).collect::<Vec<_>>(), Vec::<&&str>::new());
}
