//! The probe's report → [`Facts`]. Pure.

use std::collections::BTreeMap;
use std::io::Read as _;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::read::DecoderReader;
use flate2::read::GzDecoder;

use super::facts::{AtWork, Facts, Loaded, Node, NodeKind, Owned, Unit, Untold, Welcome};
use super::request::LARGEST;
use crate::digest::Digest;
use crate::model::{Init, Mode};
use crate::outside::{self, phrase};
use crate::platform::Os;

/// Bytes of all contents together that are unpacked. Those of the files beyond count as too large to send.
const CONTENTS: usize = 8 * 1024 * 1024;

/// Reads a whole report. `units` are the units that were asked for, in order.
///
/// # Errors
/// When the report is cut short, or has a line that this version does not know.
pub fn parse(report: &str, units: &[String]) -> Result<Facts> {
    let mut facts = Facts::default();
    let mut clock = Clock::default();
    let mut lines = report.lines();
    let mut sizes: Vec<(&str, usize)> = vec![];
    let mut begun = false;
    let mut whole = false;
    while let Some(line) = lines.next() {
        let fields: Vec<&str> = line.split('\t').collect();
        // Start-up files of the remote user's shell may print what they like before.
        begun |= matches!(fields[..], ["os", ..] | ["not-root", _]);
        if !begun {
            continue;
        }
        match fields[..] {
            ["not-root", user] => return Err(not_root(&phrase(user))),
            ["os", id, version] => facts.os = Os { id: phrase(id), version: phrase(version) },
            ["init", "systemd"] => facts.init = Init::Systemd,
            ["init", "upstart"] => facts.init = Init::Upstart,
            ["init", _] => bail!(
                "neither systemd nor Upstart runs as pid 1\n\
                 help: provision installs services, so the host must have been booted by one of them"
            ),
            ["nginx", line] => {
                facts.nginx.push_str(line);
                facts.nginx.push('\n');
            }
            ["ipv6", word] => facts.ipv6 = word == "yes",
            ["clock", wall, uptime] => {
                clock = Clock { wall: number(wall)?, uptime: number(uptime)? };
                facts.now = clock.wall;
            }
            ["externally-managed", word] => facts.externally_managed = word == "yes",
            // The record is read by this version and was written by any.
            ["owned", kind, name] if name.len() <= outside::PATH => {
                facts.owned.extend(Owned::parse(&format!("{kind}\t{name}")))
            }
            ["loaded", name, record] => facts.loaded.extend(loaded(record).map(|loaded| (name.to_owned(), loaded))),
            ["python", app, mark] => {
                facts.python.insert(app.to_owned(), mark.to_owned());
            }
            // One that something else has written into belongs to nobody and says nothing.
            ["owned" | "loaded" | "python", ..] => {}
            // What a link says may hold anything, and whoever may write a link chooses it.
            ["node", kind, mode, owner, group, size, changed, path, ref link @ ..] => {
                let link = link.join(" ");
                let kind = match kind {
                    "f" => NodeKind::File,
                    "d" => NodeKind::Directory,
                    "l" => NodeKind::Link(outside::path(&link)),
                    _ => NodeKind::Other,
                };
                let node = Node {
                    kind,
                    mode: Mode::new(
                        u32::from_str_radix(mode, 8).with_context(|| format!("bad mode in `{}`", phrase(line)))?,
                    ),
                    owner: phrase(owner),
                    group: phrase(group),
                    changed: number(changed)?,
                    digest: None,
                    content: None,
                };
                if node.kind == NodeKind::File {
                    sizes.push((path, size.parse().with_context(|| format!("bad size in `{}`", phrase(line)))?));
                }
                facts.nodes.insert(path.to_owned(), node);
            }
            ["digest", digest, path] => {
                if let Some(node) = facts.nodes.get_mut(path) {
                    node.digest = digest.parse().ok();
                }
            }
            ["contents", archive] => contents(&mut facts.nodes, &sizes, archive)?,
            ["package", name, "installed", version] => {
                facts.packages.insert(name.to_owned(), phrase(version));
            }
            // Removed but not purged, half-installed: not there, as far as a plan goes.
            ["package", ..] => {}
            ["units"] => facts.units.extend(systemd_units(&mut lines, units, clock)?),
            ["job", name, known, pid, ticks] => {
                let started = clock.wall_time(number(ticks)? / 100.0);
                let pid: u32 = pid.parse().with_context(|| format!("bad pid in `{}`", phrase(line)))?;
                let unit = Unit {
                    known: known == "yes",
                    active: pid != 0,
                    enabled: known == "yes",
                    state: if pid == 0 { "stopped" } else { "running" }.to_owned(),
                    pid,
                    started,
                    instance: format!("{pid}/{ticks}"),
                    ..Unit::default()
                };
                facts.units.insert(name.to_owned(), unit);
            }
            ["user", name, ..] => {
                facts.users.insert(name.to_owned());
            }
            ["release", app, id] => {
                facts.releases.entry(app.to_owned()).or_default().insert(id.to_owned());
            }
            ["attempts", number] => {
                facts.attempts = number.parse().with_context(|| format!("bad number in `{}`", phrase(line)))?;
            }
            ["at-work", running, holder] => {
                let holder = BASE64.decode(holder).context("the lock's text arrived damaged")?;
                let holder = phrase(&outside::text(&holder));
                facts.at_work = Some(AtWork { running: running == "yes", holder });
            }
            ["untold", key, ref value @ ..] => {
                let value = value.join(" ");
                let untold = facts.untold.get_or_insert_with(|| Untold {
                    generation: facts.attempts,
                    who: String::new(),
                    result: String::new(),
                    reason: String::new(),
                });
                match key {
                    "who" => untold.who = phrase(&value),
                    "result" => untold.result = phrase(&value),
                    "reason" => untold.reason = phrase(&value.replace("\\n", "; ")),
                    _ => {}
                }
            }
            ["welcome", "packaged"] => facts.welcome = Welcome::Packaged,
            ["welcome", "edited"] => facts.welcome = Welcome::Edited,
            ["welcome", _] => facts.welcome = Welcome::Absent,
            // A report that found nothing.
            [""] => {}
            ["end"] => whole = true,
            _ => bail!("the probe reported a line that is not understood: `{}`", phrase(line)),
        }
    }
    if whole { Ok(facts) } else { bail!("the probe's report ends early: the connection or the remote shell was cut") }
}

/// Gives each file its part of one compressed text. A file that changed in the middle of the look keeps none: what was read of
/// it then has another digest. No more is unpacked than the files have.
fn contents(nodes: &mut BTreeMap<String, Node>, sizes: &[(&str, usize)], archive: &str) -> Result<()> {
    let mut text = GzDecoder::new(DecoderReader::new(archive.as_bytes(), &BASE64));
    let mut room = CONTENTS;
    for (path, size) in sizes.iter().filter(|(_, size)| *size <= LARGEST) {
        if *size > room {
            break;
        }
        room -= size;
        let mut content = vec![];
        text.by_ref().take(*size as u64).read_to_end(&mut content).context("the files' contents arrived damaged")?;
        if content.len() < *size {
            break;
        }
        if let Some(node) = nodes.get_mut(*path)
            && node.digest.as_ref() == Some(&Digest::of(&content))
        {
            node.content = Some(content);
        }
    }
    Ok(())
}

/// Why a host that was asked as `user` has not answered.
pub fn not_root(user: &str) -> anyhow::Error {
    anyhow!(
        "the remote user `{user}` is not root, and only root sees all that is to be seen\n\
         help: set `ssh: {{ become: true }}` in the inventory or give `--become`"
    )
}

/// Wall time and uptime at one moment.
#[derive(Clone, Copy, Default)]
struct Clock {
    wall: f64,
    uptime: f64,
}

impl Clock {
    fn wall_time(self, uptime: f64) -> f64 {
        self.wall - (self.uptime - uptime)
    }
}

fn number(text: &str) -> Result<f64> {
    // Some locales of bash print EPOCHREALTIME with a comma.
    text.replace(',', ".").parse().with_context(|| format!("`{}` is not a number", phrase(text)))
}

fn loaded(record: &str) -> Option<Loaded> {
    let mut words = record.split(' ');
    Some(Loaded {
        instance: words.next()?.to_owned(),
        at: words.next()?.parse().ok()?,
        restart: words.next()?.parse().ok()?,
        reload: words.next()?.parse().ok()?,
    })
}

/// Blocks of `Key=Value`, one per unit in the order asked for, parted by empty lines.
fn systemd_units<'a>(
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
        bail!(
            "the service manager, pid 1, does not answer: {complaint}\n\
             help: see whether `systemctl status` answers on the host; if not, only a restart of the host may help"
        );
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
