//! How a service is started, and started again.

use super::read::Unit;
use crate::lint::found::Found;
use crate::lint::gunicorn::Keeper;
use crate::lint::host::{Host, running, too_old};
use crate::lint::rule::{Example, Rule, Severity};

pub static NOTIFY_GUNICORN: Rule = Rule {
    id: "systemd/notify-gunicorn",
    severity: Severity::Error,
    title: "systemd waits for a gunicorn that cannot say that it is ready",
    why: "gunicorn tells systemd from 20.0 on. With `Type=notify` and an older one every start waits for its timeout \
          and then fails. Where the version is not known the finding is a warning.",
    remedy: "Write `Type=simple`.",
    wrong: &[Example::service("[Service]\nType=notify\nExecStart=/usr/bin/python3 -m gunicorn.app.wsgiapp app:app\n")],
    right: &[Example::service("[Service]\nType=simple\nExecStart=/usr/bin/python3 -m gunicorn.app.wsgiapp app:app\n")],
};

pub static RESTART_LIMIT: Rule = Rule {
    id: "systemd/restart-limit",
    severity: Severity::Warning,
    title: "a service is restarted without a limit of its own",
    why: "systemd's own limit, 5 starts in 10 seconds, is never reached with a pause of two seconds between them, and \
          is reached at once without one: a broken app either burns the processor for ever or stays down after half a \
          second.",
    remedy: "Set `StartLimitInterval=` and `StartLimitBurst=` in `[Unit]`, beside `RestartSec=` in `[Service]`.",
    wrong: &[Example::service("[Service]\nExecStart=/usr/bin/app\nRestart=always\n")],
    right: &[Example::service(
        "[Unit]\nStartLimitInterval=300\nStartLimitBurst=20\n\
         [Service]\nExecStart=/usr/bin/app\nRestart=always\nRestartSec=2\n",
    )],
};

pub(super) fn check(found: &mut Found<'_>, unit: &Unit, host: &Host) {
    let runs_gunicorn = unit.last("Service", "ExecStart").is_some_and(|entry| entry.value.contains("gunicorn"));
    if let Some(kind) = unit.last("Service", "Type").filter(|kind| kind.value == "notify")
        && runs_gunicorn
        && let Some(severity) = too_old(host.gunicorn, crate::platform::Version::new(20, 0, 0))
    {
        let host = running("gunicorn", host.gunicorn, Host::XENIAL.gunicorn);
        let message = format!("gunicorn tells systemd that it is ready from 20.0 on, and {host}");
        found.add_as(severity, &NOTIFY_GUNICORN, kind.line, message);
    }
    // A drop-in leaves the limits to its unit.
    if found.source.unit().is_none_or(|(_, drop_in)| drop_in) {
        return;
    }
    let limit = |key: &str| ["Unit", "Service"].iter().any(|section| unit.last(section, key).is_some());
    let limited = limit("StartLimitBurst") || limit("StartLimitInterval") || limit("StartLimitIntervalSec");
    if let Some(restart) = unit.last("Service", "Restart").filter(|restart| restart.value != "no")
        && !limited
    {
        found.add(&RESTART_LIMIT, restart.line, "nothing limits how often this service is started again");
    }
}

/// What the unit says of the gunicorn that it runs, if it runs one with a file of settings.
pub(super) fn keeper(file: usize, unit: &Unit) -> Option<Keeper> {
    let start = unit.last("Service", "ExecStart")?;
    let settings = Keeper::settings_in(&start.value)?;
    let stop = unit.last("Service", "TimeoutStopSec").or_else(|| unit.last("Service", "TimeoutSec"));
    // systemd waits for 90 seconds unless it is told otherwise.
    let (seconds, line) = match stop {
        Some(stop) => (seconds(&stop.value)?, stop.line),
        None => (90, start.line),
    };
    Some(Keeper { file, line, settings, stop_seconds: seconds })
}

/// Seconds of a span such as `40`, `1min 30s` or `500ms`; `None` when it has no end, or is not understood.
fn seconds(text: &str) -> Option<u64> {
    let mut milliseconds = 0_u64;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "ms" | "msec" => 1,
            "" | "s" | "sec" | "second" | "seconds" => 1000,
            "m" | "min" | "minute" | "minutes" => 60_000,
            "h" | "hr" | "hour" | "hours" => 3_600_000,
            _ => return None,
        };
        milliseconds = milliseconds.checked_add(number.checked_mul(unit)?)?;
        rest = rest[letters..].trim_start();
    }
    // No time at all means no limit.
    (milliseconds > 0).then_some(milliseconds / 1000)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn spans_of_time() {
        assert_eq!(seconds("40"), Some(40));
        assert_eq!(seconds("1min 30s"), Some(90));
        assert_eq!(seconds("2500ms"), Some(2));
        assert_eq!(seconds("infinity"), None);
        assert_eq!(seconds("0"), None);
    }
}
