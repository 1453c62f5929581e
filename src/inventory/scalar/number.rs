//! Numbers, with and without a unit, and what can stand in their place.

use std::time::Duration;

use crate::inventory::decode::FromText;
use crate::inventory::units;
use crate::model::{NameError, Rate, StatusRange};

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count<const MIN: u16, const MAX: u16>(pub u16);

impl<const MIN: u16, const MAX: u16> FromText for Count<MIN, MAX> {
    const FORM: &'static str = "a whole number, such as `2`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let number = text.parse::<u64>();
        let in_range = number
            .as_ref()
            .ok()
            .and_then(|number| u16::try_from(*number).ok())
            .filter(|number| (MIN..=MAX).contains(number));
        in_range.map(Self).ok_or_else(|| {
            let what = if number.is_ok() {
                format!("{text} is out of range")
            } else {
                format!("`{text}` is not a whole number")
            };
            NameError::new(what, format!("write a number from {MIN} to {MAX}"))
        })
    }
}

/// A number of workers; `None` for as many as fit the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers(pub Option<u16>);

impl FromText for Workers {
    const FORM: &'static str = "a whole number, such as `2`, or `auto`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        match text {
            "auto" => Ok(Self(None)),
            number => Count::<1, 256>::from_text(number)
                .map(|Count(number)| Self(Some(number)))
                .map_err(|error| NameError::new(error.message, format!("{}, or `auto`", error.hint))),
        }
    }
}

impl FromText for bool {
    const FORM: &'static str = "`true` or `false`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(NameError::new(format!("`{text}` is not a boolean"), "write `true` or `false`")),
        }
    }
}

impl FromText for Duration {
    const FORM: &'static str = "a duration, such as `30s`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        units::duration(text)
    }
}

/// A duration from `MIN` to `MAX` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurationWithin<const MIN: u64, const MAX: u64>(pub Duration);

impl<const MIN: u64, const MAX: u64> FromText for DurationWithin<MIN, MAX> {
    const FORM: &'static str = Duration::FORM;

    fn from_text(text: &str) -> Result<Self, NameError> {
        let duration = units::duration(text)?;
        if (Duration::from_secs(MIN)..=Duration::from_secs(MAX)).contains(&duration) {
            return Ok(Self(duration));
        }
        let hint = format!("write a duration from {} to {}", units::shown(MIN), units::shown(MAX));
        Err(NameError::new(format!("{text} is out of range"), hint))
    }
}

/// A duration, or nothing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffOrDuration(pub Option<Duration>);

impl FromText for OffOrDuration {
    const FORM: &'static str = "a duration or `off`, such as `180d`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        if text == "off" {
            return Ok(Self(None));
        }
        let duration = units::duration(text).map_err(|error| NameError {
            hint: "write a number and `s`, `m`, `h` or `d`, such as `180d`, or `off`".to_owned(),
            ..error
        })?;
        Ok(Self(Some(duration)))
    }
}

impl FromText for Rate {
    const FORM: &'static str = "a rate, such as `10r/s`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let count = |digits: &str| digits.parse().ok().filter(|count| *count > 0 && !digits.starts_with('+'));
        let per_second = text.strip_suffix("r/s").and_then(count).map(Self::PerSecond);
        per_second.or_else(|| text.strip_suffix("r/m").and_then(count).map(Self::PerMinute)).ok_or_else(|| {
            NameError::new(
                format!("`{text}` is not a rate"),
                "write requests per second or minute, such as `10r/s` or `30r/m`",
            )
        })
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl FromText for Size {
    const FORM: &'static str = "a size, such as `10M`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        units::size(text).map(Self)
    }
}

impl FromText for StatusRange {
    const FORM: &'static str = "a status or range, such as `200` or `200-399`";

    fn from_text(text: &str) -> Result<Self, NameError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let status = |text: &str| text.parse::<u16>().ok().filter(|status| (100..=599).contains(status));
        match (status(first), status(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(NameError::new(
                format!("`{text}` is not an HTTP status or range"),
                "write numbers from 100 to 599, such as `200` or `200-399`",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::decode::check_text as check;

    #[test]
    fn statuses() {
        check::<StatusRange>("200", Ok("StatusRange { first: 200, last: 200 }"));
        check::<StatusRange>("200-399", Ok("StatusRange { first: 200, last: 399 }"));
        for wrong in ["", "99", "600", "399-200", "200-", "2xx", "200,301"] {
            assert!(StatusRange::from_text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn counts() {
        check::<Count<1, 256>>("3", Ok("Count(3)"));
        check::<Count<1, 256>>("0", Err("0 is out of range; write a number from 1 to 256"));
        check::<Count<1, 256>>("99999999", Err("99999999 is out of range; write a number from 1 to 256"));
        check::<Count<1, 256>>("two", Err("`two` is not a whole number; write a number from 1 to 256"));
    }
}
