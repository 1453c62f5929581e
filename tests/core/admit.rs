//! `admit.py`, the gate, as the host runs it: an archive becomes files, or is refused whole.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tar::{Builder, EntryType, Header};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/apply/host/admit.py");

/// One entry of an archive: its kind, name, mode, and what it holds or leads to.
type Entry<'a> = (EntryType, &'a str, u32, &'a str);

fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut archive = Builder::new(vec![]);
    for (kind, name, mode, text) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(*mode);
        if matches!(kind, EntryType::Symlink | EntryType::Link) {
            header.set_size(0);
            archive.append_link(&mut header, name, text).unwrap();
        } else {
            header.set_size(text.len() as u64);
            archive.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
    }
    archive.into_inner().unwrap()
}

/// Whether it was let in, what was said, and where it went.
fn admit(kind: &str, bytes: &[u8]) -> (bool, String, PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (stream, to) = (folder.path().join("stream"), folder.path().join("release"));
    fs::write(&stream, bytes).unwrap();
    let mut command = Command::new("python3");
    command.args(["-I", "-S", "-B", "-W", "ignore", PROGRAM, kind]).arg(&to).stdin(fs::File::open(stream).unwrap());
    let output = command.stdout(Stdio::piped()).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned(), to, folder)
}

#[track_caller]
fn check_refused(entries: &[Entry<'_>], words: &str) {
    let (admitted, said, to, _folder) = admit("release", &archive(entries));
    assert!(!admitted && said.contains(words), "{said}");
    let links = walk(&to).into_iter().filter(|path| path.is_symlink()).count();
    assert_eq!(links, 0, "no link is made of what is refused");
}

fn walk(folder: &PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_symlink() || !path.is_dir() { vec![path] } else { walk(&path) }).collect()
}

/// An archive that never ends is given up as soon as the user asks for an end; so is a file in it.
#[test]
fn an_end_that_is_asked_for_comes() {
    let folder = tempfile::tempdir().unwrap();
    let cancel = folder.path().join("cancel");
    let mut command = Command::new("python3");
    command.args(["-I", "-S", "-B", PROGRAM, "release"]).arg(folder.path().join("to")).arg(&cancel);
    let mut gate = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stream = gate.stdin.take().unwrap();
    let mut header = Header::new_gnu();
    header.set_size(1 << 30);
    header.set_path("endless").unwrap();
    header.set_cksum();
    stream.write_all(header.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(600));
    assert_eq!(gate.try_wait().unwrap(), None, "it waits for the rest");
    fs::write(&cancel, "").unwrap();
    let begin = Instant::now();
    assert_eq!(gate.wait().unwrap().code(), Some(75));
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    drop(stream);
}

use EntryType::{Block, Char, Directory, Fifo, Link, Regular, Symlink};

#[test]
fn code_gets_in() {
    let entries: [Entry<'_>; 5] = [
        (Directory, "static", 0o777, ""),
        (Regular, "app.py", 0o666, "x = 1"),
        (Regular, "deep/er/tool", 0o775, "#!"),
        (Symlink, "static/latest", 0o777, "../app.py"),
        (Regular, "__pycache__/app.cpython-311.pyc", 0o644, "evil"),
    ];
    let (admitted, said, to, _folder) = admit("release", &archive(&entries));
    assert!(admitted && said.is_empty(), "{said}");
    assert_eq!(fs::read_to_string(to.join("static/latest")).unwrap(), "x = 1");
    let mode = |path: &str| fs::metadata(to.join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(["static", "app.py", "deep/er/tool"].map(mode), [0o755, 0o644, 0o755]);
    assert!(!to.join("__pycache__").exists(), "bytecode is made on the host");
}

#[test]
fn what_is_neither_file_nor_folder_nor_link_is_refused() {
    for kind in [Fifo, Char, Block] {
        check_refused(&[(kind, "thing", 0o644, "")], "neither a file nor a folder");
    }
    check_refused(&[(Regular, "a", 0o644, ""), (Link, "b", 0o644, "a")], "neither a file nor a folder");
}

#[test]
fn a_program_that_lends_rights_is_refused() {
    check_refused(&[(Regular, "tool", 0o4755, "")], "lends its owner's rights");
    check_refused(&[(Regular, "tool", 0o2755, "")], "lends its owner's rights");
}

#[test]
fn nothing_is_written_through_a_link() {
    check_refused(&[(Symlink, "etc", 0o777, "/etc"), (Regular, "etc/passwd", 0o644, "")], "something lies in it");
    check_refused(&[(Regular, "a", 0o644, ""), (Symlink, "a", 0o777, "b")], "comes twice");
}

#[test]
fn a_link_that_leads_out_is_refused() {
    for to in ["/etc", "../x", "a/../../x"] {
        check_refused(&[(Symlink, "a", 0o777, "."), (Symlink, "link", 0o777, to)], "leads out");
    }
}

#[test]
fn a_link_without_an_end_holds_nobody() {
    let began = Instant::now();
    check_refused(&[(Symlink, "link", 0o777, &"a/".repeat(100_000))], "more than 4095 bytes");
    let longest: Vec<String> = (0..200).map(|n| format!("l{n}")).collect();
    let to = format!("{}x", "./".repeat(2000));
    let entries: Vec<Entry<'_>> = longest.iter().map(|name| (Symlink, name.as_str(), 0o777, to.as_str())).collect();
    assert!(admit("release", &archive(&entries)).0);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn only_pythons_links_leave_an_environment() {
    let python = (Symlink, "bin/python3", 0o777, "/usr/bin/python3");
    assert!(admit("environment", &archive(&[python])).0);
    assert!(!admit("release", &archive(&[python])).0);
    assert!(!admit("environment", &archive(&[(Symlink, "bin/python3", 0o777, "/etc/shadow")])).0);
}

#[test]
fn what_is_no_archive_is_refused() {
    let (admitted, said, ..) = admit("release", b"no archive at all, and no multiple of 512 bytes");
    assert!(!admitted && said.contains("damaged"), "{said}");
}
