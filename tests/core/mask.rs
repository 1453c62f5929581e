//! Secrets are taken out of texts by `mask.rs` here and by `mask.py` on hosts, and both see them as Python, shells and
//! browsers write them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use provision::mask::{MASK, Mask};
use tempfile::TempDir;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/apply/host/mask.py");

fn mask(secrets: &[&str]) -> Mask {
    let mut mask = Mask::new();
    secrets.iter().for_each(|secret| mask.learn(secret));
    mask
}

/// What a program makes of `input`.
fn filtered(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it does not panic").expect("it reads all");
    assert!(output.status.success());
    output.stdout
}

/// What `mask.py` makes of `text`.
fn on_host(mask: &Mask, text: &[u8]) -> Vec<u8> {
    let folder = TempDir::new().expect("a folder");
    let (shapes, absent) = (folder.path().join("mask.json"), folder.path().join("none.json"));
    std::fs::write(&shapes, mask.to_json()).expect("it can be written");
    filtered(Command::new("python3").args(["-I", "-S", PROGRAM]).args([&absent, &shapes]), text)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Of few letters, so that shapes overlap and stand alone by chance.
    #[test]
    fn both_programs_take_out_the_same(
        secrets in prop::collection::vec("[ab\n é]{1,7}", 0..4),
        text in "[ab\n é_]{0,60}",
    ) {
        let mask = mask(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        let here = mask.text(&text).into_owned();
        prop_assert_eq!(String::from_utf8(on_host(&mask, text.as_bytes())).unwrap(), here.clone());
        prop_assert_eq!(mask.text(&here), here.as_str(), "what is masked stays as it is");
    }

    #[test]
    fn no_usual_disguise_is_left(secret in "[ -~\n\tà-ÿα-ω]{6,20}") {
        // A line of its own is a secret, too: only whole ones are told here.
        let secret = secret.trim().to_owned();
        if secret.chars().count() < 6 || secret.starts_with("-----") {
            return Ok(());
        }
        let disguises = ["-I", "-c", include_str!("fixtures/disguises.py")];
        let shown = filtered(Command::new("python3").args(disguises), secret.as_bytes());
        let shown = String::from_utf8(shown).unwrap();
        let mask = mask(&[&secret]);
        for disguise in shown.split_terminator('\0') {
            let masked = mask.text(disguise).into_owned();
            // Quotes and what stands around it are all that is left.
            let is_masked = masked.contains(MASK) && masked.replace(MASK, "").chars().count() <= 12;
            prop_assert!(is_masked, "{:?} in {:?} became {:?}", &secret, disguise, masked);
        }
    }
}

#[test]
fn beside_what_is_masked_a_word_stands_alone() {
    let mask = mask(&["é  ", "éé "]);
    let text = "éé é   ";
    let here = mask.text(text).into_owned();
    assert_eq!(mask.text(&here), here);
    assert_eq!(on_host(&mask, text.as_bytes()), here.as_bytes());
}

#[test]
fn what_is_not_text_goes_through() {
    let masked = on_host(&mask(&["hunter2", "web"]), b"\xff\xfehunter2\x00web\xc3web \xe9");
    assert_eq!(masked, b"\xff\xfe********\x00web\xc3web \xe9");
}

#[test]
fn a_mask_that_cannot_be_read_lets_nothing_through() {
    let folder = TempDir::new().expect("a folder");
    let broken = folder.path().join("mask.json");
    std::fs::write(&broken, "{\"texts\": [").expect("it can be written");
    let output = Command::new("bash")
        .args(["-c", "printf hunter2 | python3 -I -S \"$1\" \"$2\" 2>/dev/null", "bash", PROGRAM])
        .arg(&broken)
        .output()
        .expect("bash runs");
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
}
