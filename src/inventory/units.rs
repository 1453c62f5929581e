//! Durations and sizes as people write them: `30s`, `1h30m`, `10M`.

use std::time::Duration;

use crate::model::NameError;

/// Reads `500ms`, `30s`, `2m`, `1h30m`, `1d`; a bare number means seconds.
///
/// # Errors
/// When it is none, or too long to count in seconds.
pub fn duration(text: &str) -> Result<Duration, NameError> {
    let wrong = || {
        NameError::new(
            format!("`{text}` is not a duration"),
            "write a number and `ms`, `s`, `m`, `h` or `d`, such as `30s` or `1h30m`",
        )
    };
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(Duration::from_secs(seconds.into()));
    }
    let mut total: u64 = 0;
    let mut rest = text;
    // Units may only grow smaller, so that `30m1h`, and `1m` meant twice, are refused.
    let mut above = u64::MAX;
    while !rest.is_empty() {
        let (number, unit, after) = leading_quantity(rest).ok_or_else(wrong)?;
        let milliseconds: u64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        if milliseconds >= above {
            return Err(wrong());
        }
        above = milliseconds;
        total =
            u64::from(number).checked_mul(milliseconds).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
        rest = after;
    }
    if text.is_empty() { Err(wrong()) } else { Ok(Duration::from_millis(total)) }
}

/// Whole seconds in the largest unit that tells them: `10m`, `24h`.
pub fn shown(seconds: u64) -> String {
    match seconds {
        hours if hours > 0 && hours % 3600 == 0 => format!("{}h", hours / 3600),
        minutes if minutes > 0 && minutes % 60 == 0 => format!("{}m", minutes / 60),
        seconds => format!("{seconds}s"),
    }
}

/// Reads `10M`, `512k`, `1G`, `10MB`, `1MiB`; a bare number means bytes. A k is 1024 bytes, as for Nginx.
pub fn size(text: &str) -> Result<u64, NameError> {
    let wrong = || {
        NameError::new(
            format!("`{text}` is not a size"),
            "write a number and `k`, `M` or `G`, such as `10M`; a k is 1024 bytes",
        )
    };
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err(wrong()),
    };
    // Nginx keeps sizes as signed 64-bit numbers.
    let limit = u64::MAX / 2;
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    bytes.filter(|bytes| *bytes <= limit).ok_or_else(wrong)
}

/// Splits `1h30m` into 1, `h` and `30m`.
fn leading_quantity(text: &str) -> Option<(u32, &str, &str)> {
    let unit_start = text.find(|c: char| !c.is_ascii_digit())?;
    let unit_and_rest = &text[unit_start..];
    let unit_end = unit_and_rest.find(|c: char| c.is_ascii_digit()).unwrap_or(unit_and_rest.len());
    Some((text[..unit_start].parse().ok()?, &unit_and_rest[..unit_end], &unit_and_rest[unit_end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_duration(text: &str, milliseconds: Option<u64>) {
        assert_eq!(duration(text).ok(), milliseconds.map(Duration::from_millis), "{text}");
    }

    #[track_caller]
    fn check_size(text: &str, bytes: Option<u64>) {
        assert_eq!(size(text).ok(), bytes, "{text}");
    }

    #[test]
    fn durations() {
        check_duration("30s", Some(30_000));
        check_duration("30", Some(30_000));
        check_duration("0", Some(0));
        check_duration("2m", Some(120_000));
        check_duration("1h30m", Some(5_400_000));
        check_duration("1d", Some(86_400_000));
        check_duration("500ms", Some(500));
        check_duration("1s500ms", Some(1_500));
        for wrong in ["", "s", "-1s", "1.5s", "30 s", "30m1h", "1m1m", "1w", "1s ", "99999999999s", "４s"] {
            check_duration(wrong, None);
        }
    }

    #[test]
    fn sizes() {
        check_size("1048576", Some(1 << 20));
        check_size("512k", Some(512 << 10));
        check_size("10M", Some(10 << 20));
        check_size("10MB", Some(10 << 20));
        check_size("1MiB", Some(1 << 20));
        check_size("1g", Some(1 << 30));
        check_size("0", Some(0));
        for wrong in ["", "M", "-1", "1.5M", "10 M", "1T", "99999999999G", "18446744073709551615"] {
            check_size(wrong, None);
        }
    }
}
