//! What systemd says of units.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::facts::Unit;
use crate::fault::Fault;
use crate::outside::{self, phrase};

/// Wall time and uptime at one moment.
#[derive(Clone, Copy, Default)]
pub struct Clock {
    /// Seconds since 1970.
    pub wall: f64,
    /// Seconds since the host started.
    pub uptime: f64,
}

impl Clock {
    /// The wall time at which the host had been up for so many seconds.
    pub fn wall_time(self, uptime: f64) -> f64 {
        self.wall - (self.uptime - uptime)
    }
}

/// A number of seconds.
pub fn number(text: &str) -> Result<f64> {
    // Some locales of bash print EPOCHREALTIME with a comma.
    text.replace(',', ".").parse().with_context(|| format!("`{}` is not a number", phrase(text)))
}

/// Blocks of `Key=Value`, one per unit in the order asked for, parted by empty lines.
pub fn systemd_units<'a>(
    lines: &mut impl Iterator<Item = &'a str>,
    names: &[String],
    clock: Clock,
) -> Result<Vec<(String, Unit)>> {
    let mut blocks = vec![];
    let mut block = BTreeMap::new();
    let mut complaint = "";
    for line in lines {
        match line.split_once('=') {
            Some((key, value)) => {
                block.insert(key, value);
            }
            None if line.is_empty() && !block.is_empty() => blocks.push(std::mem::take(&mut block)),
            None if line == "units-end" => break,
            None if !line.is_empty() => complaint = line,
            None => {}
        }
    }
    let complaint = phrase(complaint);
    if blocks.is_empty() && !names.is_empty() {
        let hint = "see whether `systemctl status` answers on the host; if not, only a restart of the host may help";
        let what = format!("the service manager, pid 1, does not answer: {complaint}");
        return Err(Fault::new(what).hint(hint).into());
    }
    if blocks.len() != names.len() {
        bail!("systemctl described {} of {} units: {complaint}", blocks.len(), names.len());
    }
    Ok(names.iter().zip(blocks).map(|(name, block)| (name.clone(), systemd_unit(&block, clock))).collect())
}

fn systemd_unit(block: &BTreeMap<&str, &str>, clock: Clock) -> Unit {
    let get = |key: &str| block.get(key).copied().unwrap_or_default();
    let pid: u32 = get("MainPID").parse().unwrap_or(0);
    // A socket has no process: its own activation stands for the start.
    let microseconds = match get("ExecMainStartTimestampMonotonic") {
        "" | "0" => get("ActiveEnterTimestampMonotonic"),
        start => start,
    };
    let started = microseconds.parse::<f64>().map_or(0.0, |start| clock.wall_time(start / 1e6));
    Unit {
        known: get("LoadState") == "loaded",
        masked: get("LoadState") == "masked",
        // `activating` is a crash loop between two tries: it does not count.
        active: matches!(get("ActiveState"), "active" | "reloading"),
        enabled: matches!(get("UnitFileState"), "enabled" | "static" | "generated"),
        state: phrase(get("ActiveState")),
        definition: outside::path(get("FragmentPath")),
        needs_daemon_reload: get("NeedDaemonReload") == "yes",
        pid,
        started,
        instance: format!("{pid}/{microseconds}"),
    }
}
