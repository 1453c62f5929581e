//! The length of lines in systemd's files.

use crate::model::{RemotePath, layout};
use crate::template::TemplateError;

/// systemd 229, on Ubuntu 16.04, reads lines in pieces of 2047 bytes, line break included, and takes every piece for a
/// line of its own. The encoders keep single values short; this is for what several make together.
const LONGEST: usize = 2046;

/// Refuses a unit with a line of which that systemd would make two.
pub(super) fn refuse_long_lines(path: &RemotePath, template: &str, content: &str) -> Result<(), TemplateError> {
    let long = content.lines().position(|line| line.len() > LONGEST);
    let Some(number) = long.filter(|_| path.is_below(layout::SYSTEMD)) else { return Ok(()) };
    Err(TemplateError::whole(
        template,
        format!(
            "line {} of `{path}` is longer than {LONGEST} bytes, and systemd 229 would read the rest as another line",
            number + 1
        ),
        "make the values on it shorter, or let the template spread them over several lines",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_units_have_a_longest_line() {
        let refused = |path: &str, length: usize| {
            let content = format!("[Unit]\nDescription={}\n", "x".repeat(length - "Description=".len()));
            refuse_long_lines(&path.parse().unwrap(), "t", &content).is_err()
        };
        assert!(!refused("/etc/systemd/system/a.service", 2046));
        assert!(refused("/etc/systemd/system/a.service", 2047));
        assert!(!refused("/etc/motd", 5000));
    }
}
