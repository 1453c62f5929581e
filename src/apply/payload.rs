//! What travels to the host beside the steps: one tar archive on standard input. Texts are held in memory; code is read
//! from the disk while it is sent, whatever its size.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use anyhow::Result;

use super::stream::Stream;
use crate::desired::{Rehearsal, Traffic};
use crate::health::{self, HealthCheck};
use crate::runtime::Runtime;
use crate::source::Folder;

const MASK: &str = include_str!("host/mask.py");

/// Runs a command that is not root's in the box of whom it belongs to.
const BOX: &str = concat!(
    include_str!("host/box/output.py"),
    include_str!("host/box/inside.py"),
    include_str!("host/box/unit.py"),
    include_str!("host/box/kernel.py"),
    include_str!("host/box/main.py"),
);

/// Programs that every transaction may need.
const PROGRAMS: [(&str, &str); 8] = [
    ("box.py", BOX),
    ("proof.sh", include_str!("host/box/proof.sh")),
    ("admit.py", include_str!("host/admit.py")),
    ("folder.py", include_str!("host/folder.py")),
    ("gone.py", include_str!("host/gone.py")),
    ("packages.py", include_str!("host/packages.py")),
    ("bytecode.py", include_str!("host/bytecode.py")),
    ("build.sh", include_str!("host/build.sh")),
];

/// What travels to the host beside the steps.
#[derive(Default)]
pub struct Payload {
    files: Vec<String>,
    /// Code of new releases by app.
    pub archives: BTreeMap<String, Arc<Folder>>,
    /// The ownership record when all is done.
    pub owned: String,
    /// What runs the apps, each once.
    pub runtimes: Vec<&'static Runtime>,
    /// How to tell that it all works.
    pub checks: Vec<HealthCheck>,
    /// Everything that the steps may touch: a kind, a tabulator and a name each.
    pub touches: Vec<String>,
    /// Where clients' requests are logged, if they decide about the change. An app that no site routes to has only its
    /// processes to decide about it.
    pub traffic: Option<Vec<Traffic>>,
    /// What new releases are rehearsed with.
    pub rehearsals: Vec<Rehearsal>,
    /// The sites are watched.
    pub watch: bool,
    /// The script that pid 1 runs.
    pub script: String,
    /// What the history says of this attempt.
    pub record: String,
    /// What is wanted, for a later rollback.
    pub desired: String,
    /// The secrets that it names.
    pub secrets: BTreeMap<String, String>,
    /// The texts by which secrets can be seen, as `mask.py` reads them.
    pub mask: String,
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} files, {} archives)", self.files.len(), self.archives.len())
    }
}

impl Payload {
    /// Adds a text and returns its number, by which steps name it.
    pub fn file(&mut self, content: &str) -> usize {
        self.files.push(content.to_owned());
        self.files.len() - 1
    }

    /// The whole payload as a tar archive, on its way to a host.
    ///
    /// # Errors
    /// When a name cannot be written into an archive.
    pub fn archive(&self) -> Result<Stream> {
        let mut archive = tar::Builder::new(vec![]);
        append(&mut archive, "run", self.script.as_bytes())?;
        append(&mut archive, "record", self.record.as_bytes())?;
        append(&mut archive, "desired.json", self.desired.as_bytes())?;
        for (name, secret) in &self.secrets {
            append(&mut archive, &format!("secrets/{name}"), secret.as_bytes())?;
        }
        append(&mut archive, "secrets/mask.json", self.mask.as_bytes())?;
        append(&mut archive, "mask.py", MASK.as_bytes())?;
        let touches: String = self.touches.iter().map(|line| format!("{line}\n")).collect();
        append(&mut archive, "touches", touches.as_bytes())?;
        for (name, unit) in super::script::UNITS {
            append(&mut archive, &format!("units/{name}"), unit.as_bytes())?;
        }
        for (name, program) in PROGRAMS {
            append(&mut archive, name, program.as_bytes())?;
        }
        for runtime in &self.runtimes {
            for (minor, requirements) in runtime.pins {
                append(&mut archive, &format!("pins/{}/python3.{minor}.txt", runtime.name), requirements.as_bytes())?;
            }
        }
        append(&mut archive, "owned", self.owned.as_bytes())?;
        // The first copy is merged into the record when the run begins, the second replaces it when it ends.
        append(&mut archive, "owned.final", self.owned.as_bytes())?;
        append(&mut archive, "health.py", health::CHECK.as_bytes())?;
        if self.watch {
            append(&mut archive, "watch.py", health::WATCH.as_bytes())?;
        }
        if let Some(sites) = &self.traffic {
            append(&mut archive, "probation.py", health::PROBATION.as_bytes())?;
            let sites = serde_json::json!({ "sites": sites });
            append(&mut archive, "probation.json", sites.to_string().as_bytes())?;
        }
        if !self.rehearsals.is_empty() {
            append(&mut archive, "rehearse.py", health::REHEARSE.as_bytes())?;
        }
        for Rehearsal { app, requests, sites } in &self.rehearsals {
            let json = serde_json::json!({ "requests": requests, "sites": sites });
            append(&mut archive, &format!("rehearsals/{app}.json"), json.to_string().as_bytes())?;
        }
        append(&mut archive, "checks.json", serde_json::to_string(&health::checks_json(&self.checks))?.as_bytes())?;
        let proofs = health::proofs(&self.checks);
        append(&mut archive, "proofs.json", serde_json::to_string(&health::checks_json(&proofs))?.as_bytes())?;
        for (number, content) in self.files.iter().enumerate() {
            append(&mut archive, &format!("files/{number}"), content.as_bytes())?;
        }
        let mut stream = Stream::default();
        for (app, folder) in &self.archives {
            // An archive fills whole blocks by itself, so the next entry stands right behind it.
            announce(&mut archive, &format!("apps/{app}.tar"), folder.archive_length(), io::empty())?;
            stream =
                stream.then(std::mem::take(archive.get_mut())).then_read(folder.archive(), folder.archive_length());
        }
        Ok(stream.then(archive.into_inner()?))
    }
}

fn append(archive: &mut tar::Builder<Vec<u8>>, path: &str, content: &[u8]) -> Result<()> {
    announce(archive, path, content.len() as u64, content)
}

/// The head of an entry of `size` bytes, and as much of its content as there is already.
fn announce(archive: &mut tar::Builder<Vec<u8>>, path: &str, size: u64, content: impl Read) -> Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o600);
    header.set_size(size);
    archive.append_data(&mut header, path, content)?;
    Ok(())
}
