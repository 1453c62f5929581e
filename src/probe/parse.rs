//! The probe's report → [`Facts`]. Pure.

use std::collections::BTreeMap;
use std::io::Read as _;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::read::DecoderReader;
use flate2::read::GzDecoder;

use super::facts::{AtWork, Facts, Node, NodeKind, Unit, Untold, Welcome};
use super::noted::{Dependencies, Holding, Loaded, OWNED, Owned};
use super::request::LARGEST;
use super::units::{Clock, number, systemd_units};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::format;
use crate::model::{Init, Mode, ProjectName, Verdict, not_root};
use crate::outside::{self, phrase};
use crate::platform::Os;

/// Bytes of all contents together that are unpacked. Those of the files beyond count as too large to send.
const CONTENTS: usize = 8 * 1024 * 1024;

/// Reads a whole report. `units` are the units that were asked for, in order.
///
/// # Errors
/// When the report is cut short, or has a line that this version does not know.
pub fn parse(report: &str, units: &[String]) -> Result<Facts> {
    let mut reading = Reading::default();
    let mut lines = report.lines();
    let mut begun = false;
    while let Some(line) = lines.next() {
        let fields: Vec<&str> = line.split('\t').collect();
        // Start-up files of the remote user's shell may print what they like before.
        begun |= matches!(fields[..], ["os", ..] | ["not-root", _]);
        if !begun {
            continue;
        }
        match fields[..] {
            ["not-root", user] => return Err(not_root(&phrase(user)).into()),
            ["units"] => reading.facts.units.extend(systemd_units(&mut lines, units, reading.clock)?),
            // A report that found nothing.
            [""] => {}
            ["end"] => reading.whole = true,
            ref fields => {
                let understood = reading.system(fields)?
                    || reading.records(fields)?
                    || reading.paths(fields, line)?
                    || reading.installed(fields, line)?
                    || reading.attempts(fields, line)?;
                if !understood {
                    bail!("the probe reported a line that is not understood: `{}`", phrase(line));
                }
            }
        }
    }
    if !reading.whole {
        bail!("the probe's report ends early: the connection or the remote shell was cut");
    }
    Ok(reading.facts)
}

/// A report that is being read. Each function takes the lines of one kind, and says whether it knows this one.
#[derive(Default)]
struct Reading<'r> {
    facts: Facts,
    clock: Clock,
    /// The sizes of the files whose contents follow, in their order.
    sizes: Vec<(&'r str, usize)>,
    whole: bool,
}

impl<'r> Reading<'r> {
    /// What the host is made of.
    fn system(&mut self, fields: &[&'r str]) -> Result<bool> {
        let facts = &mut self.facts;
        match *fields {
            ["os", id, version] => facts.os = Os { id: phrase(id), version: phrase(version) },
            ["init", "systemd"] => facts.init = Init::Systemd,
            ["init", "upstart"] => facts.init = Init::Upstart,
            ["init", _] => {
                let hint = "provision installs services, so the host must have been booted by one of them";
                return Err(Fault::new("neither systemd nor Upstart runs as pid 1").hint(hint).into());
            }
            ["nginx", line] => {
                facts.nginx.push_str(line);
                facts.nginx.push('\n');
            }
            ["ipv6", word] => facts.ipv6 = word == "yes",
            ["clock", wall, uptime] => {
                self.clock = Clock { wall: number(wall)?, uptime: number(uptime)? };
                facts.now = self.clock.wall;
            }
            ["externally-managed", word] => facts.externally_managed = word == "yes",
            ["welcome", "packaged"] => facts.welcome = Welcome::Packaged,
            ["welcome", "edited"] => facts.welcome = Welcome::Edited,
            ["welcome", _] => facts.welcome = Welcome::Absent,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What earlier runs noted.
    fn records(&mut self, fields: &[&'r str]) -> Result<bool> {
        let facts = &mut self.facts;
        match *fields {
            ["owned", format::KEY, version] => {
                OWNED.read(version)?;
            }
            // The host tells, for only there the bytes are what they were.
            ["owned", "damaged", ref line @ ..] => facts.damaged.push(phrase(&line.join(" "))),
            ["owned", kind, name, ref project @ ..] if name.len() <= outside::PATH => {
                let project = match project {
                    [] => Some(ProjectName::default()),
                    [project] => project.parse().ok(),
                    _ => None,
                };
                let owned = Owned::parse(kind, name);
                facts.owned.extend(project.zip(owned).map(|(project, owned)| Holding { project, owned }));
            }
            ["loaded", name, note] => facts.loaded.extend(Loaded::parse(note)?.map(|note| (name.to_owned(), note))),
            ["python", app, note] => facts.python.extend(Dependencies::parse(note)?.map(|note| (app.to_owned(), note))),
            // One that something else has written into belongs to nobody and says nothing.
            ["owned" | "loaded" | "python", ..] => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Files, folders and links.
    fn paths(&mut self, fields: &[&'r str], line: &str) -> Result<bool> {
        let facts = &mut self.facts;
        match *fields {
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
                    self.sizes.push((path, size.parse().with_context(|| format!("bad size in `{}`", phrase(line)))?));
                }
                facts.nodes.insert(path.to_owned(), node);
            }
            ["digest", digest, path] => {
                if let Some(node) = facts.nodes.get_mut(path) {
                    node.digest = digest.parse().ok();
                }
            }
            ["log", owner, path] => drop(facts.logs.insert(path.to_owned(), phrase(owner))),
            ["contents", archive] => contents(&mut facts.nodes, &self.sizes, archive)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Packages, jobs, users and releases.
    fn installed(&mut self, fields: &[&'r str], line: &str) -> Result<bool> {
        let facts = &mut self.facts;
        match *fields {
            ["package", name, "installed", version] => {
                facts.packages.insert(name.to_owned(), phrase(version));
            }
            // Removed but not purged, half-installed: not there, as far as a plan goes.
            ["package", ..] => {}
            ["job", name, known, pid, ticks] => {
                let started = self.clock.wall_time(number(ticks)? / 100.0);
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
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What was tried on the host.
    fn attempts(&mut self, fields: &[&'r str], line: &str) -> Result<bool> {
        let facts = &mut self.facts;
        match *fields {
            ["attempts", number] => {
                facts.attempts = number.parse().with_context(|| format!("bad number in `{}`", phrase(line)))?;
            }
            ["at-work", running, holder, ref what @ ..] => {
                let holder = BASE64.decode(holder).context("the lock's text arrived damaged")?;
                let holder = phrase(&outside::text(&holder));
                let probation = what.first() == Some(&"probation");
                facts.at_work = Some(AtWork { running: running == "yes", holder, probation });
            }
            ["untold", key, ref value @ ..] => {
                let value = value.join(" ");
                let untold = facts.untold.get_or_insert_with(|| Untold {
                    generation: facts.attempts,
                    who: String::new(),
                    verdict: None,
                    reason: String::new(),
                    probation: false,
                });
                match key {
                    "probation" => untold.probation = true,
                    "who" => untold.who = phrase(&value),
                    "result" => untold.verdict = Some(Verdict::parse(&value)),
                    "reason" => untold.reason = phrase(&value.replace("\\n", "; ")),
                    _ => {}
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Gives each file its part of one compressed text. A file that changed in the middle of the look keeps none: what was
/// read of it then has another digest. No more is unpacked than the files have.
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
