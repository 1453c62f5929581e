//! Text inside a `#` comment, which every language here has.

use super::{Refusal, refuse_control};

/// One line of a comment.
///
/// # Errors
/// A line break would end the comment. A final backslash would carry it into the next line: systemd and Upstart join
/// lines before they look for comments.
pub fn text(text: &str) -> Result<String, Refusal> {
    refuse_control(text, "a comment", &[])?;
    if text.ends_with('\\') {
        return Err(Refusal::new("the value ends with a backslash, which would swallow the line after the comment"));
    }
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
    }
}
