//! Environment files that the host's own systemd would not read as they are written.

use crate::desired::Desired;
use crate::encode::env_file;
use crate::fault::Fault;
use crate::model::{File, Init};
use crate::probe::Facts;

/// The template of environment files.
const TEMPLATE: &str = "env.tera";

/// systemd 229, on Ubuntu 16.04, drops a variable whose value has a line break, and says so only in its log: the app
/// would start without it.
pub fn refuse_dropped_variables(desired: &Desired, facts: &Facts) -> Result<(), Fault> {
    if desired.init != Init::Systemd || (facts.os.id.as_str(), facts.os.version.as_str()) != ("ubuntu", "16.04") {
        return Ok(());
    }
    let dropped = desired.files.iter().find_map(|file| Some((file, broken_variable(file)?)));
    let Some((file, name)) = dropped else { return Ok(()) };
    Err(Fault::new(format!(
        "`{name}` in {} has a line break, and systemd of Ubuntu 16.04 drops such a variable",
        file.path
    ))
    .hint("write the value as one line, such as in base64, and let the app decode it"))
}

/// The first variable of an environment file whose value goes on in the next line.
fn broken_variable(file: &File) -> Option<&str> {
    if file.template != TEMPLATE {
        return None;
    }
    file.content.lines().find_map(env_file::unfinished)
}
