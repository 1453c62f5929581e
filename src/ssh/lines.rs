//! The lines of an answer: as many and as long as they may be, and no longer anything that a terminal obeys.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

use super::limits::{Excess, Limits};
use crate::outside;

/// Why there is no next line.
#[derive(Debug)]
pub enum NoLine {
    /// The connection broke.
    Broken(io::Error),
    /// The host wants more than it may cost.
    Excess(Excess),
}

/// Reads lines, each into the same space.
pub struct Lines<R> {
    from: R,
    limits: Limits,
    line: Vec<u8>,
    bytes: usize,
    lines: usize,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    /// The lines of `from`.
    pub fn new(from: R, limits: Limits) -> Self {
        Self { from, limits, line: vec![], bytes: 0, lines: 0 }
    }

    /// The next line, clean and without its end; `None` at the end of the answer.
    pub async fn next(&mut self) -> Result<Option<std::borrow::Cow<'_, str>>, NoLine> {
        self.line.clear();
        loop {
            let chunk = self.from.fill_buf().await.map_err(NoLine::Broken)?;
            if chunk.is_empty() {
                if self.line.is_empty() {
                    return Ok(None);
                }
                break;
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            self.bytes += part.len() + usize::from(end.is_some());
            let excess = if self.line.len() + part.len() > self.limits.line {
                Some(Excess::Line(self.limits.line))
            } else {
                (self.bytes > self.limits.answer).then_some(Excess::Answer(self.limits.answer))
            };
            if let Some(excess) = excess {
                return Err(NoLine::Excess(excess));
            }
            self.line.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.from.consume(used);
            if end.is_some() {
                break;
            }
        }
        self.lines += 1;
        if self.lines > self.limits.lines {
            return Err(NoLine::Excess(Excess::Lines(self.limits.lines)));
        }
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        Ok(Some(outside::line(line)))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, BufReader};

    use super::*;

    const FEW: Limits = Limits { line: 10, answer: 40, lines: 5, ..Limits::LOOK };

    fn all(bytes: &[u8]) -> (Vec<String>, Option<Excess>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut lines = Lines::new(BufReader::with_capacity(3, bytes), FEW);
        runtime.block_on(async {
            let mut seen = vec![];
            loop {
                match lines.next().await {
                    Ok(Some(line)) => seen.push(line.into_owned()),
                    Ok(None) => return (seen, None),
                    Err(NoLine::Excess(excess)) => return (seen, Some(excess)),
                    Err(NoLine::Broken(error)) => panic!("{error}"),
                }
            }
        })
    }

    #[track_caller]
    fn check(bytes: &[u8], lines: &[&str], excess: Option<Excess>) {
        assert_eq!(all(bytes), (lines.iter().map(|line| (*line).to_owned()).collect(), excess));
    }

    #[test]
    fn lines_come_one_by_one_with_or_without_an_end() {
        check(b"", &[], None);
        check(b"os\tdebian\n\nend\r\nrest", &["os\tdebian", "", "end", "rest"], None);
        check(b"1234567890\n", &["1234567890"], None);
    }

    #[test]
    fn a_line_an_answer_and_their_number_have_an_end() {
        check(b"one\n12345678901", &["one"], Some(Excess::Line(10)));
        check(&b"123456789\n".repeat(5), &["123456789"; 4], Some(Excess::Answer(40)));
        check(&b"x\n".repeat(9), &["x"; 5], Some(Excess::Lines(5)));
    }

    #[test]
    fn binary_junk_and_escape_sequences_are_harmless_lines() {
        check(b"\xff\xfe\0\n\x1b]0;x\x07\n", &["\u{fffd}\u{fffd}␀", "␛]0;x␇"], None);
    }

    #[test]
    fn an_endless_line_costs_no_more_than_it_may() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let endless = BufReader::new(tokio::io::repeat(b'x').take(u64::MAX));
        let mut lines = Lines::new(endless, Limits::LOOK);
        let end = runtime.block_on(async { lines.next().await.map(|line| line.is_some()) });
        assert!(matches!(end, Err(NoLine::Excess(Excess::Line(_)))));
        assert!(lines.line.capacity() <= 2 * Limits::LOOK.line);
    }
}
