//! What was wanted of a host, as JSON. Its secrets are in it, so it is written where only root reads.

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use crate::desired::Desired;
use crate::outside::phrase;
use crate::probe::not_root;

/// The one format so far. A version that writes another one says so here, and goes on reading this one.
const FORMAT: u32 = 1;

/// Bytes of the longest text that is read. What it is made into can take many times the room, for a host may store a list of a
/// million names.
const LONGEST: usize = 4 * 1024 * 1024;

/// How the line begins that tells a script on the host which releases are needed.
const RELEASES: &str = "\"releases\":";

/// Everything that should be on a host, as JSON. Code does not travel: releases come back as [`OnHost`].
///
/// The second line is the list of releases, so that a history can be told without reading the rest.
///
/// [`OnHost`]: crate::source::Pinned::OnHost
#[must_use]
pub fn to_json(desired: &Desired) -> String {
    let releases: Vec<_> = desired.apps.iter().map(|app| (app.app.name.as_str(), app.release.id.as_str())).collect();
    let releases = serde_json::to_string(&releases).expect("a list of texts becomes JSON");
    let desired = serde_json::to_string(desired).expect("texts, numbers, and lists and maps of texts become JSON");
    format!("{{\"format\":{FORMAT},\n{RELEASES}{releases},\n\"desired\":{desired}}}\n")
}

/// What [`to_json`] wrote, valid in every part.
///
/// # Errors
/// When it is of another format, damaged, or holds a name or path that no inventory could.
pub fn from_json(text: &str) -> Result<Desired> {
    let Format { format } = serde_json::from_str(text).context("what is stored is not JSON with a `format`")?;
    if format != FORMAT {
        bail!(
            "what is stored is of format {format}, and this version of provision knows format {FORMAT}\n\
             help: use the version of provision that wrote it"
        );
    }
    let document: Document = serde_json::from_str(text).context("what is stored cannot be understood")?;
    Ok(document.desired)
}

/// The releases that the second line of a stored text lists, as pairs of app and release.
pub(super) fn releases(line: &str) -> Option<Vec<(String, String)>> {
    let releases: Vec<(String, String)> = serde_json::from_str(line.strip_prefix(RELEASES)?.strip_suffix(',')?).ok()?;
    // JSON can spell what no line can hold.
    Some(releases.into_iter().map(|(app, release)| (phrase(&app), phrase(&release))).collect())
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[derive(Deserialize)]
struct Document {
    desired: Desired,
}

/// What was wanted in one generation.
#[derive(Debug)]
pub struct Stored {
    /// The generation.
    pub number: u32,
    /// What was wanted.
    pub desired: Desired,
}

/// Reads the answer to [`stored_script`]; `None` where nothing is stored.
///
/// # Errors
/// When the answer is cut short, or what is stored cannot be read.
///
/// [`stored_script`]: super::stored_script
pub fn parse_stored(report: &str) -> Result<Option<Stored>> {
    let mut stored = None;
    // Start-up files of the remote user's shell may print what they like before.
    for line in report.lines().skip_while(|line| *line != "desired").skip(1) {
        match line.split('\t').collect::<Vec<_>>()[..] {
            ["not-root", user] => return Err(not_root(&phrase(user))),
            ["stored", number, content] => {
                let number = number.parse().with_context(|| format!("`{}` is no generation", phrase(number)))?;
                if content.len() / 4 * 3 > LONGEST {
                    bail!("what is stored of generation {number} has more than {} MiB", LONGEST >> 20);
                }
                let bytes = BASE64.decode(content).context("what is stored arrived damaged")?;
                let text = String::from_utf8(bytes).context("what is stored is not UTF-8")?;
                // An error may quote what it is about.
                let desired = from_json(&text).map_err(|error| {
                    let text = format!("{error:#}");
                    let (why, help) =
                        text.split_once("\nhelp: ").unwrap_or((&text, "run `provision up`, which stores it anew"));
                    anyhow!("generation {number} cannot be read: {}\nhelp: {help}", phrase(why))
                })?;
                stored = Some(Stored { number, desired });
            }
            ["end"] => return Ok(stored),
            _ => bail!("the host answered a line that is not understood: `{}`", phrase(line)),
        }
    }
    bail!("the host's answer ends early: the connection or the remote shell was cut")
}
