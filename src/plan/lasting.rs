//! How long something lasts, in words.

use std::time::Duration;

/// A duration as people say it, in the largest unit that tells it.
#[must_use]
pub fn lasting(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(24 * 3600, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let (unit, word) = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit)).unwrap_or((1, "second"));
    let count = seconds / unit;
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_its_largest_unit() {
        let told = |seconds| lasting(Duration::from_secs(seconds));
        assert_eq!(told(30 * 24 * 3600), "30 days");
        assert_eq!(told(36 * 3600), "36 hours");
        assert_eq!((told(60), told(61)), ("1 minute".to_owned(), "61 seconds".to_owned()));
    }
}
