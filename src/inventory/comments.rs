//! Comments of the inventory that allow what `provision lint` would find: `# provision: allow RULE because REASON`.
//! YAML's reader passes over them, so they are looked for in the text.

use crate::diagnostic::Span;

const MARK: &str = "provision: allow ";

/// What a comment allows at `place`: one at the end of its line, or in the lines of comments right above. It comes back
/// as `allow RULE because REASON`, and is judged where the rule is.
pub fn allowance(text: &str, place: Span) -> Option<String> {
    let (before, after) = (text.get(..place.start)?, text.get(place.start..)?);
    let begin = before.rfind('\n').map_or(0, |newline| newline + 1);
    let behind = after.lines().next().and_then(|rest| rest.split_once(" #")).map(|(_, comment)| comment);
    let above = text[..begin].lines().rev().map(str::trim_start).map_while(|line| line.strip_prefix('#'));
    behind.into_iter().chain(above).find_map(|comment| {
        let said = comment.trim().strip_prefix(MARK)?.trim();
        Some(format!("allow {said}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let start = text.find("bind: ").expect("an address") + "bind: ".len();
        assert_eq!(allowance(text, Span::new(start, start + 4)).as_deref(), expected, "{text}");
    }

    #[test]
    fn a_comment_stands_behind_a_line_or_right_above_it() {
        let said = Some("allow a/b because c");
        check("bind: 5000 # provision: allow a/b because c\n", said);
        check("web: { bind: 5000, user: web } # provision: allow a/b because c", said);
        check("web:\n  # provision: allow a/b because c\n  # More of it.\n  bind: 5000\n", said);
        check("bind: 5000 # provision: allow a/b\n", Some("allow a/b"));
        check("bind: 5000 # It could be that provision: allow a/b because c\n", None);
        check("# provision: allow a/b because c\nuser: web\nbind: 5000\n", None);
        check("# provision: allow a/b because c\n\nbind: 5000\n", None);
        check("bind: 5000\n# provision: allow a/b because c\n", None);
    }
}
