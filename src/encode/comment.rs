//! Text inside a `#` comment, which every language here has.

use super::{Refusal, refuse_control, refuse_longer};

/// What one value may fill of a line, in bytes: see the same limit in `systemd.rs`.
const LONGEST: usize = 1000;

/// One line of a comment.
///
/// # Errors
/// A line break would end the comment. A final backslash would carry it into the next line: systemd joins lines before
/// it looks for comments. In the first lines of a file some comments mean something: `#!` names the program that runs
/// it, and
/// `coding:` the encoding that Python reads it in, which could make any character a line break.
pub fn text(text: &str) -> Result<String, Refusal> {
    refuse_control(text, "a comment", &[])?;
    if text.ends_with('\\') {
        return Err(Refusal::new("the value ends with a backslash, which would swallow the line after the comment"));
    }
    if text.starts_with('!') {
        return Err(Refusal::new("the value begins with `!`, and `#!` names a program to run"));
    }
    if ["coding:", "coding="].iter().any(|cookie| text.contains(cookie)) {
        return Err(Refusal::new("the value looks like a comment that tells Python how to read the file"));
    }
    refuse_longer(text, LONGEST, "and systemd 229 would read the rest of the comment as a directive")?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_stays_on_its_line() {
        assert_eq!(text("inventories/été #1.yml").unwrap(), "inventories/été #1.yml");
        assert!(text("a\nrm -rf /").is_err());
        assert!(text("a\rb").is_err());
        assert!(text("a\\").is_err());
        assert!(text("!/bin/sh").is_err());
        assert!(text("-*- coding: utf-7 -*-").is_err());
        assert!(text(&"x".repeat(1001)).is_err());
    }
}
