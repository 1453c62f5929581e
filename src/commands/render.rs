//! `provision render`: write every file of every host into a local folder.

use anyhow::{Context, Result};
use provision::fault::Fault;
use provision::render;
use provision::report::{data, talk};

use super::Exit;
use super::folder::Folder;
use crate::cli::Render;
use crate::settings::Loaded;

/// Writes the files of the selected hosts, one folder a host.
pub fn render(arguments: &Render) -> Result<Exit> {
    let loaded = Loaded::read(&arguments.inventory)?;
    let mut out = None;
    for target in loaded.select(&arguments.selection)? {
        if arguments.selection.list_hosts {
            data(target.host.as_str());
            continue;
        }
        let folder = arguments.out.join(target.host.as_str());
        let out = match &mut out {
            Some(out) => out,
            None => {
                let open = Folder::open(&arguments.out);
                out.insert(open.with_context(|| format!("`{}` cannot be written to", arguments.out.display()))?)
            }
        };
        let rendered = render::render(&target, &arguments.platform, &loaded.engine)
            .map_err(|error| Fault::misuse(error.to_string()))?;
        for file in &rendered.files {
            let path = format!("{}{}", target.host, file.path);
            out.write(&path, &file.content, file.mode.bits())
                .with_context(|| format!("`{}` cannot be written", arguments.out.join(&path).display()))?;
        }
        rendered.downgrades.iter().for_each(|downgrade| talk(&format!("{}  note: {downgrade}", target.host)));
        data(&format!("{}  {} files in {}", target.host, rendered.files.len(), folder.display()));
    }
    Ok(Exit::Done)
}
