//! Moments for people.

/// A moment in UTC, such as `2025-11-22 14:02:11`; `seconds` since 1970.
#[must_use]
pub fn utc(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Year, month and day of the day that lies `days` after 1970-01-01. Years are counted from March, so that the leap day
/// is the last of its year, and from the year 0, where a cycle of 400 years begins.
fn date(days: u64) -> (u64, u64, u64) {
    const CYCLE: u64 = 146_097;
    let days = days + 719_468;
    let (cycle, day) = (days / CYCLE, days % CYCLE);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (400 * cycle + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: u64, expected: &str) {
        assert_eq!(utc(seconds), expected);
    }

    #[test]
    fn moments_are_those_of_date() {
        // Each as `date --utc --date=@SECONDS '+%F %T'` has it.
        check(0, "1970-01-01 00:00:00");
        check(951_782_399, "2000-02-28 23:59:59");
        check(951_782_400, "2000-02-29 00:00:00");
        check(1_735_689_599, "2024-12-31 23:59:59");
        check(1_763_820_131, "2025-11-22 14:02:11");
        check(4_107_542_400, "2100-03-01 00:00:00");
    }
}
