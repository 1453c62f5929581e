//! Host ranges: `web-[01:10]` stands for ten names, `db-[a:c]` for three.

use crate::model::NameError;

/// More names than this from one range are a slip of the finger.
const LIMIT: usize = 10_000;

/// The names that `text` stands for; a text without brackets stands for itself.
pub fn expand(text: &str) -> Result<Vec<String>, NameError> {
    let Some((before, rest)) = text.split_once('[') else {
        return if text.contains(']') {
            Err(wrong(text, "it has a `]` but no `[`"))
        } else {
            Ok(vec![text.to_owned()])
        };
    };
    let (range, after) = rest.split_once(']').ok_or_else(|| wrong(text, "it has a `[` but no `]`"))?;
    let (first, last) = range.split_once(':').ok_or_else(|| wrong(text, "it has no `:` between the brackets"))?;
    let middles = letters(first, last).or_else(|| numbers(first, last)).ok_or_else(|| {
        wrong(text, &format!("`{first}` to `{last}` is neither a rising range of numbers nor of letters"))
    })?;
    let ends = expand(after)?;
    if middles.len().saturating_mul(ends.len()) > LIMIT {
        return Err(wrong(text, &format!("it stands for more than {LIMIT} hosts")));
    }
    Ok(middles.iter().flat_map(|middle| ends.iter().map(move |end| format!("{before}{middle}{end}"))).collect())
}

fn letters(first: &str, last: &str) -> Option<Vec<String>> {
    let one = |text: &str| match text.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(*letter),
        _ => None,
    };
    let (first, last) = (one(first)?, one(last)?);
    let rising = first <= last && first.is_ascii_lowercase() == last.is_ascii_lowercase();
    rising.then(|| (first..=last).map(|letter| char::from(letter).to_string()).collect())
}

/// Numbers keep the width of the first: `[01:10]` is `01` … `10`.
fn numbers(first: &str, last: &str) -> Option<Vec<String>> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return None;
    }
    let width = first.len();
    let (first, last) = (first.parse::<u32>().ok()?, last.parse::<u32>().ok()?);
    let rising = first <= last && usize::try_from(last - first).is_ok_and(|count| count < LIMIT);
    rising.then(|| (first..=last).map(|number| format!("{number:0width$}")).collect())
}

fn wrong(text: &str, why: &str) -> NameError {
    NameError::new(
        format!("`{text}` is not a host range: {why}"),
        "write the first and the last, such as `web-[01:10]` or `db-[a:c]`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(expand(text).unwrap(), expected);
    }

    #[test]
    fn ranges() {
        check("web-01", &["web-01"]);
        check("web-[01:03]", &["web-01", "web-02", "web-03"]);
        check("web-[9:11]", &["web-9", "web-10", "web-11"]);
        check("db-[a:c].eu", &["db-a.eu", "db-b.eu", "db-c.eu"]);
        check("r[1:2]-h[a:b]", &["r1-ha", "r1-hb", "r2-ha", "r2-hb"]);
    }

    #[test]
    fn wrong_ranges() {
        for text in [
            "web-[01]",
            "web-[3:1]",
            "web-[1:",
            "web-1:3]",
            "web-[a:3]",
            "web-[:3]",
            "w[a:Z]",
            "w[1:99999999]",
            "w[0:999]x[0:999]",
        ] {
            assert!(expand(text).is_err(), "{text}");
        }
    }
}
