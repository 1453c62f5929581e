//! Every Bash script of the repository, and every one that is rendered: ShellCheck passes it, the oldest one that users
//! have as well, and it begins and ends as all of them do.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "render/fixture.rs"]
#[allow(dead_code)]
mod fixture;
#[path = "support/skip.rs"]
#[allow(dead_code)]
mod skip;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use provision::apply::{self, Visitor};
use provision::generation::HISTORY;
use provision::model::{LogTarget, ProjectName};
use provision::probe::Request;

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

/// What a user finds on a host, or renders: the name and the text of each script in each of its forms.
fn rendered_scripts() -> Vec<(String, String)> {
    let mut scripts = Vec::new();
    for init in fixture::INITS {
        let mut journal = fixture::target(init);
        journal.apps.iter_mut().for_each(|app| app.log.error = LogTarget::Journal);
        for target in [fixture::target(init), journal] {
            let files = fixture::rendered_on(&target, &fixture::platform(init)).files;
            let files = files.into_iter().filter(|file| file.content.starts_with("#!"));
            scripts.extend(files.map(|file| (format!("{}, {init:?}", file.path), file.content)));
        }
    }
    scripts
}

/// What travels to a host, put together of the parts.
fn travelling_scripts() -> Vec<(String, String)> {
    let wait = Duration::from_secs(1);
    let mut scripts =
        vec![("the look".to_owned(), Request::default().script()), ("the history".to_owned(), HISTORY.to_owned())];
    for init in fixture::INITS {
        let visitor = Visitor { init, who: "it's me", wait, end_probation: None };
        scripts.push((
            format!("a transaction, {init:?}"),
            apply::script(init, &ProjectName::default(), &[], Some("here")),
        ));
        scripts.push((format!("the door, {init:?}"), visitor.hand_over(5, 3, None)));
        scripts.push((format!("the door again, {init:?}"), visitor.take_up()));
    }
    scripts.push(("a reload".to_owned(), apply::reload("it's me", wait, &["web".parse().unwrap()])));
    scripts
}

/// The repository's own, by their paths.
fn own_scripts() -> Vec<(String, String)> {
    let read = |path: PathBuf| (path.display().to_string(), fs::read_to_string(&path).expect("a script is text"));
    scripts().into_iter().map(read).collect()
}

/// A directive that ShellCheck 0.3.7 can read: codes, and nothing behind them.
fn is_plain_directive(directive: &str) -> bool {
    let codes = directive.strip_prefix("disable=").unwrap_or_default();
    codes.split(',').all(|code| {
        let digits = code.strip_prefix("SC").unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Text behind the codes, such as a reason, or a directive of later versions, is a script that 0.3.7 cannot read.
#[test]
fn the_oldest_shellcheck_can_read_every_directive() {
    for (name, text) in own_scripts().into_iter().chain(rendered_scripts()).chain(travelling_scripts()) {
        for line in text.lines() {
            let Some(directive) = line.trim_start().strip_prefix("# shellcheck ") else { continue };
            assert!(is_plain_directive(directive), "{name}: {line}\nA reason is a comment above the directive.");
        }
    }
    assert!(is_plain_directive("disable=SC2016,SC2034"));
    for wrong in ["disable=SC2016 # why", "disable=SC2016, SC2034", "disable=SC2016 ", "disable=all", "enable=SC2016"] {
        assert!(!is_plain_directive(wrong), "{wrong}");
    }
}

/// What ShellCheck 0.3.7 complains of, without the rules of these codes.
fn complaint(program: &Path, name: &str, text: &str, except: Option<&str>) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script");
    fs::write(&path, text).unwrap();
    let mut command = Command::new(program);
    command.args(except.map(|codes| format!("--exclude={codes}"))).arg(&path);
    let output = command.env("LC_ALL", "C.UTF-8").output().unwrap();
    (!output.status.success()).then(|| format!("{name}:{}", String::from_utf8_lossy(&output.stdout)))
}

/// Ubuntu 16.04's, the oldest that users have. A directive in the head of a file is one for the whole file only since
/// 0.4.4, so a part is judged without those rules, and what is put together of the parts with all of them.
#[test]
fn the_oldest_shellcheck_has_nothing_to_say() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/old/shellcheck-0.3.7/run");
    if !program.is_file() {
        skip::shout("no ShellCheck 0.3.7 here: scripts/old-programs.sh unpacks it");
        return;
    }
    let of_a_part = own_scripts().into_iter().filter_map(|(name, text)| {
        let head = text.lines().take_while(|line| line.is_empty() || line.starts_with('#'));
        let except = head.filter_map(|line| line.strip_prefix("# shellcheck disable=")).next();
        complaint(&program, &name, &text, except)
    });
    let whole = rendered_scripts().into_iter().chain(travelling_scripts());
    let of_a_whole = whole.filter_map(|(name, text)| complaint(&program, &name, &text, None));
    let complaints: String = of_a_part.chain(of_a_whole).collect();
    assert!(complaints.is_empty(), "{complaints}");
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
