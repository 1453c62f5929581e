//! Texts that nobody would write on purpose, without end.

use std::time::{SystemTime, UNIX_EPOCH};

/// Pieces of code in every language that the project writes, and what people trip over.
pub const PIECES: [&str; 64] = [
    "",
    "-",
    "--option",
    "-rf /",
    "$HOME",
    "${HOME}",
    "$$",
    "$(touch /tmp/provision-encode-ran)",
    "`touch /tmp/provision-encode-ran`",
    "; touch /tmp/provision-encode-ran;",
    "&& touch /tmp/provision-encode-ran &",
    "| tee /tmp/provision-encode-ran",
    "'; touch /tmp/provision-encode-ran; '",
    "\"; touch /tmp/provision-encode-ran; \"",
    "> /tmp/provision-encode-ran",
    "'",
    "\"",
    "'\"'\"'",
    "\\",
    "\\\\",
    "\\n",
    "\\x41",
    "\\\"",
    "\\'",
    "\\$",
    "\\ ",
    "\\\n",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[31m",
    "\u{7f}",
    "#",
    " # x y",
    "%n",
    "%%",
    "%h/%H",
    "!",
    "!!",
    "!/bin/sh",
    "~",
    "~root",
    "*",
    "?[a-z]",
    "{a,b}",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "; } server { listen 81; ",
    "}\n{",
    "\n[Service]\nExecStartPre=/bin/touch /tmp/provision-encode-ran\n",
    "\nend script\nexec touch /tmp/provision-encode-ran\n",
    "\nimport os; os.system('touch /tmp/provision-encode-ran')\n",
    "coding: utf-7",
    "{{ 7*7 }}",
    "*/5 * * * *",
    "é",
    "e\u{301}",
    "\u{301}",
    "\u{202e}txt.exe",
    "👩‍👩‍👧‍👦",
    "\u{feff}",
    "日本語",
];

const POOLS: [&str; 14] = [
    "abcxyz",
    "ABCXYZ0189",
    "-_./:@,+=",
    "'\"`",
    "\\",
    "$",
    "%",
    "#;{}",
    "*?[]~!^&|<>()",
    " ",
    " \t",
    "éß€日本😀\u{301}\u{20dd}\u{202e}\u{200d}",
    "\u{a0}\u{85}\u{2028}\u{3000}\u{feff}\u{fffd}\u{ad}",
    "\u{fdd0}\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}",
];

const CONTROLS: &str = "\0\u{1}\u{2}\u{7}\u{8}\t\n\u{b}\u{c}\r\u{1a}\u{1b}\u{1f}\u{7f}";

/// Lengths, in characters, about which readers change their minds, and some that are just long.
const LENGTHS: [usize; 9] = [107, 255, 1_000, 1_024, 2_047, 3_999, 4_096, 8_192, 10_240];

/// An endless supply of texts, the same for the same seed.
pub struct Texts {
    state: u64,
    seed: u64,
    next_piece: usize,
}

impl Texts {
    /// A supply of its own for each `purpose`.
    pub fn new(purpose: &str) -> Self {
        let seed = match std::env::var("PROVISION_ENCODE_SEED") {
            Ok(text) => text.parse().expect("PROVISION_ENCODE_SEED is a number"),
            Err(_) => SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set").as_secs() / 10,
        };
        let state = purpose.bytes().fold(seed, |state, byte| state.wrapping_mul(31).wrapping_add(byte.into()));
        Self { state, seed, next_piece: 0 }
    }

    /// What repeats this supply.
    pub fn repeat(&self) -> String {
        format!("PROVISION_ENCODE_SEED={}", self.seed)
    }

    /// A number below `end`, by the generator of Java's `SplittableRandom`.
    pub fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % end as u64).expect("it is below a usize")
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn character(&mut self, pools: &[&str]) -> char {
        let pool = self.of(pools);
        let at = self.below(pool.chars().count());
        pool.chars().nth(at).expect("it is in the pool")
    }

    fn any_character(&mut self) -> char {
        loop {
            if let Some(c) = u32::try_from(self.below(0x11_0000)).ok().and_then(char::from_u32) {
                return c;
            }
        }
    }

    /// The next text. The first ones are the pieces alone.
    pub fn next(&mut self) -> String {
        if let Some(piece) = PIECES.get(self.next_piece) {
            self.next_piece += 1;
            return (*piece).to_owned();
        }
        // Few kinds of characters in one text: with all of them almost every text would be refused for one of them.
        let mut pools: Vec<&str> = (0..=self.below(4)).map(|_| self.of(&POOLS)).collect();
        if self.below(10) == 0 {
            pools.push(CONTROLS);
        }
        let with_pieces = self.below(4) == 0;
        let length = self.below(25);
        let mut text = String::new();
        for _ in 0..length {
            match self.below(16) {
                0 if with_pieces => text.push_str(self.of(&PIECES)),
                1 if with_pieces => text.push(self.any_character()),
                _ => text.push(self.character(&pools)),
            }
        }
        match self.below(200) {
            0..4 => text.insert(0, ' '),
            4..8 => text.push(' '),
            8..12 => text.insert(0, '-'),
            12..16 => text.push('\\'),
            16..20 => {
                let length = LENGTHS[self.below(LENGTHS.len())] + self.below(5) - 2;
                text = text.chars().chain(['x']).cycle().take(length).collect();
            }
            _ => {}
        }
        text
    }
}
