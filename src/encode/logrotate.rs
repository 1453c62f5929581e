//! Paths in logrotate's configuration.

use super::{Refusal, refuse_control};

/// One quoted absolute path.
///
/// # Errors
/// logrotate expands globs inside quotes as well and has no way to switch that off; quotes and backslashes are read
/// differently by its versions.
pub fn path(text: &str) -> Result<String, Refusal> {
    refuse_control(text, "a logrotate path", &[])?;
    if !text.starts_with('/') {
        return Err(Refusal::new("the value is not an absolute path"));
    }
    if text.ends_with('/') {
        return Err(Refusal::new("the path ends with `/`, and so does not name a file"));
    }
    if let Some(c) = text.chars().find(|c| "*?[]{}\\\"'".contains(*c)) {
        return Err(Refusal::new(format!("the path has `{c}`, which logrotate would expand or misread")));
    }
    Ok(format!("\"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_one_file() {
        assert_eq!(path("/tmp/a-b.log").unwrap(), "\"/tmp/a-b.log\"");
        for refused in ["/tmp/*.log", "/tmp/a\"b", "/tmp/{a,b}", "relative", "/tmp/a\nb", "/tmp/", ""] {
            assert!(path(refused).is_err(), "{refused:?}");
        }
    }
}
