//! The fuzz targets on their corpora and on mutations of these from fixed seeds: a short run that is the same
//! everywhere and needs no fuzzer. `make fuzz` runs the same targets for minutes, led by coverage.

// The trials on hosts need more of it.
#[path = "support/numbers.rs"]
#[allow(dead_code)]
mod numbers;
#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use numbers::Numbers;

/// Mutations of each seed; a parser that is slow makes fewer within its time.
const ROUNDS: u64 = 400;

/// How long a target may take.
const TIME: Duration = Duration::from_secs(8);

/// Pieces that mean something to some parser, or to a terminal.
const PIECES: [&[u8]; 20] = [
    b"\t",
    b"\n",
    b"\r\n",
    b"\0",
    b"\x1b]0;x\x07",
    b"\xc2\x9b2J",
    b"\xe2\x80\xae",
    b"\xff\xfe",
    b"end\n",
    b"-1",
    b"18446744073709551616",
    b"1e999",
    b"NaN",
    b"=",
    b"\\n",
    b"{",
    b"\"",
    b"[[",
    b"'",
    b"../",
];

fn mutate(seed: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(40)).min(bytes.len());
        match numbers.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, PIECES[numbers.below(PIECES.len())].iter().copied())),
            2 => drop(bytes.splice(at..end, PIECES[numbers.below(PIECES.len())].iter().copied())),
            3 => bytes[at..end].reverse(),
            4 if at < bytes.len() => bytes[at] = numbers.next().to_le_bytes()[0],
            4 => {}
            _ => {
                let copy = bytes[at..end].to_vec();
                let to = numbers.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copy));
            }
        }
    }
    bytes
}

/// The seeds of a target, in the order of their names.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut paths: Vec<_> =
        fs::read_dir(&folder).expect("a corpus").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a seed")).collect()
}

fn run((name, target): targets::Target) {
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    let began = Instant::now();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    seeds.iter().for_each(|seed| target(seed));
    for round in 0..ROUNDS {
        for seed in &seeds {
            let bytes = mutate(seed, &mut numbers);
            if catch_unwind(AssertUnwindSafe(|| target(&bytes))).is_err() {
                panic!("{name}, round {round}: {:?}", String::from_utf8_lossy(&bytes));
            }
        }
        if began.elapsed() > TIME {
            break;
        }
    }
}

#[test]
fn no_target_fails_on_fixed_seeds() {
    // One thread each: what is slow is slow beside the others.
    std::thread::scope(|scope| {
        for target in targets::ALL {
            scope.spawn(move || run(target));
        }
    });
}
