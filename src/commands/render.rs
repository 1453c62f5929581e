//! `provision render`: write every file of every host into a local folder.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context, Result};
use provision::render;
use provision::report::{data, talk};

use super::Exit;
use crate::cli::Render;
use crate::settings::{Loaded, Misuse};

/// Writes the files of the selected hosts, one folder a host.
pub fn render(arguments: &Render) -> Result<Exit> {
    let loaded = Loaded::read(&arguments.inventory)?;
    for target in loaded.select(&arguments.selection)? {
        if arguments.selection.list_hosts {
            data(target.host.as_str());
            continue;
        }
        let folder = arguments.out.join(target.host.as_str());
        let rendered = render::render(&target, &arguments.platform, &loaded.engine)
            .map_err(|error| Misuse(format!("error: {error}")))?;
        for file in &rendered.files {
            let path = folder.join(file.path.as_str().trim_start_matches('/'));
            write(&path, &file.content, file.mode.bits())
                .with_context(|| format!("`{}` cannot be written", path.display()))?;
        }
        rendered.downgrades.iter().for_each(|downgrade| talk(&format!("{}  note: {downgrade}", target.host)));
        data(&format!("{}  {} files in {}", target.host, rendered.files.len(), folder.display()));
    }
    Ok(Exit::Done)
}

/// With its mode from the first byte: a rendered environment holds secrets.
fn write(path: &Path, content: &str, mode: u32) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode & 0o600).open(path)?;
    file.write_all(content.as_bytes())?;
    file.set_permissions(fs::Permissions::from_mode(mode))
}
