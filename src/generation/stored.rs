//! What was wanted of a host, as JSON, and its secrets apart from it: they stay only for as long as they are in use.

use std::fmt;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::first_format as first;
use super::sealed::{Missing, Sealed, Secrets, seal};
use crate::desired::Desired;
use crate::fault::{self, Fault};
use crate::format::Format;
use crate::model::{EnvName, not_root};
use crate::outside::phrase;

/// The first format kept secrets where they stood, the second knew no projects.
const FORMAT: Format = Format::new("what is stored of a generation", 3);

/// Bytes of the longest text that is read. What it is made into can take many times the room, for a host may store a
/// list of a million names.
const LONGEST: usize = 4 * 1024 * 1024;

/// How the line begins that tells a script on the host which releases are needed.
const RELEASES: &str = "\"releases\":";

/// Everything that should be on a host, in the form in which the host keeps it.
pub struct Kept {
    /// What is wanted, as JSON. Secrets are only named in it. Code does not travel: releases come back as [`OnHost`].
    ///
    /// The second line is the list of releases, so that a history can be told without reading the rest.
    ///
    /// [`OnHost`]: crate::source::Pinned::OnHost
    pub json: String,
    /// The secrets.
    pub secrets: Secrets,
}

impl Kept {
    /// What a host keeps of `desired`.
    #[must_use]
    pub fn of(desired: &Desired) -> Self {
        let releases: Vec<_> =
            desired.apps.iter().map(|app| (app.app.name.as_str(), app.release.id.as_str())).collect();
        let releases = serde_json::to_string(&releases).expect("a list of texts becomes JSON");
        let (sealed, secrets) = seal(desired);
        let sealed = serde_json::to_string(&sealed).expect("texts, numbers, and lists and maps of texts become JSON");
        let json = format!("{{\"format\":{},\n{RELEASES}{releases},\n\"desired\":{sealed}}}\n", FORMAT.newest());
        Self { json, secrets }
    }
}

/// The releases that the second line of a stored text lists, as pairs of app and release.
pub(super) fn releases(line: &str) -> Option<Vec<(String, String)>> {
    let releases: Vec<(String, String)> = serde_json::from_str(line.strip_prefix(RELEASES)?.strip_suffix(',')?).ok()?;
    // JSON can spell what no line can hold.
    Some(releases.into_iter().map(|(app, release)| (phrase(&app), phrase(&release))).collect())
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

#[derive(Deserialize)]
struct Document<D> {
    desired: D,
}

/// What was wanted, valid in every part, as it was read.
enum Wanted {
    /// Its secrets are named in it.
    Sealed(Box<Sealed>),
    /// Its secrets are in it.
    First(Box<Sealed<first::File, first::Service>>),
}

impl Wanted {
    fn read(text: &str) -> Result<Self> {
        let Version { format } = serde_json::from_str(text).context("what is stored is not JSON with a `format`")?;
        let unclear = "what is stored cannot be understood";
        if FORMAT.read(&format.to_string())? == 1 {
            let document: Document<_> = serde_json::from_str(text).context(unclear)?;
            return Ok(Self::First(Box::new(document.desired)));
        }
        let document: Document<_> = serde_json::from_str(text).context(unclear)?;
        Ok(Self::Sealed(Box::new(document.desired)))
    }
}

/// What was wanted in one generation.
pub struct Stored {
    /// The generation.
    pub number: u32,
    wanted: Wanted,
    secrets: Secrets,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({})", self.number)
    }
}

impl Stored {
    /// What was wanted, with the secrets that the host has kept; `environment` is asked for those that it has not.
    ///
    /// # Errors
    /// When one is neither kept nor set, with what to do on the way back to this generation of `host`; or when a file
    /// cannot hold the one that is set.
    pub fn open(self, host: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Desired> {
        let Self { number, wanted, secrets } = self;
        // A CI system gives an empty text for a secret that it does not have.
        let environment = |name: &EnvName| environment(name.as_str()).filter(|value| !value.is_empty());
        match wanted {
            Wanted::First(sealed) => sealed.open(),
            Wanted::Sealed(sealed) => {
                let missing = sealed.missing(&secrets, &environment);
                if !missing.is_empty() {
                    return Err(ask(&missing, number, host).into());
                }
                sealed.open(&secrets, &environment)
            }
        }
        .with_context(|| format!("generation {number} cannot be brought back"))
    }
}

/// What is missing for the way back, and what to do about it.
fn ask(missing: &[Missing], number: u32, host: &str) -> Fault {
    let lost = missing.iter().find(|one| one.variable.is_none());
    if let Some(Missing { path, .. }) = lost {
        return Fault::new(format!(
            "generation {number} has secrets in {path} that this host keeps no more, and its template does more with \
             them than write them"
        ))
        .hint(format!("bring back the settings of then, and run `provision up {host}`"));
    }
    let named = |one: &Missing| one.variable.as_ref().map(|variable| format!("`{variable}` (for {})", one.path));
    let mut variables: Vec<&EnvName> = missing.iter().filter_map(|one| one.variable.as_ref()).collect();
    variables.dedup();
    let exports: Vec<String> = variables.iter().map(|variable| format!("export {variable}=…")).collect();
    let named: Vec<String> = missing.iter().filter_map(named).collect();
    Fault::new(format!(
        "generation {number} needs secrets that are no longer in use, and that this host keeps no more: {}",
        named.join(", ")
    ))
    .hint(format!(
        "give them in your environment, as they were or as they are now: `{}; provision rollback {host} --to {number}`",
        exports.join("; ")
    ))
}

/// Reads the answer to [`stored_script`]; `None` where nothing is stored.
///
/// # Errors
/// When the answer is cut short, or what is stored cannot be read.
///
/// [`stored_script`]: super::stored_script
pub fn parse_stored(report: &str) -> Result<Option<Stored>> {
    let mut stored = None;
    let mut secrets = Secrets::new();
    // Start-up files of the remote user's shell may print what they like before.
    for line in report.lines().skip_while(|line| *line != "desired").skip(1) {
        match line.split('\t').collect::<Vec<_>>()[..] {
            ["not-root", user] => return Err(not_root(&phrase(user)).into()),
            ["secret", name, content] => _ = secrets.insert(name.to_owned(), text(content)?),
            ["stored", number, content] => {
                let number = number.parse().with_context(|| format!("`{}` is no generation", phrase(number)))?;
                if content.len() / 4 * 3 > LONGEST {
                    bail!("what is stored of generation {number} has more than {} MiB", LONGEST >> 20);
                }
                // An error may quote what it is about.
                let wanted = text(content).and_then(|text| Wanted::read(&text)).map_err(|error| {
                    let why = phrase(&format!("{error:#}"));
                    let mut hints = fault::hints(&error).to_vec();
                    if hints.is_empty() {
                        hints.push("run `provision up`, which stores it anew".to_owned());
                    }
                    Fault { hints, ..Fault::new(format!("generation {number} cannot be read: {why}")) }
                })?;
                stored = Some((number, wanted));
            }
            ["end"] => return Ok(stored.map(|(number, wanted)| Stored { number, wanted, secrets })),
            // A line that is not understood may hold a secret.
            [word, ..] => bail!(
                "the host answered a line that is not understood; it begins with `{}`",
                phrase(&format!("{word:.20}"))
            ),
            [] => bail!("the host answered an empty line"),
        }
    }
    bail!("the host's answer ends early: the connection or the remote shell was cut")
}

fn text(encoded: &str) -> Result<String> {
    let bytes = BASE64.decode(encoded).ok().context("what is stored arrived damaged")?;
    String::from_utf8(bytes).ok().context("what is stored is not UTF-8")
}
