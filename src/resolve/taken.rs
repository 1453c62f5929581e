//! Paths and units that the inventory names for itself, and somebody else has on that host.

use crate::diagnostic::{Diagnostic, Span};
use crate::inventory::app::PlacedApp;
use crate::inventory::file::PlacedFile;
use crate::inventory::site::PlacedSite;
use crate::model::layout::{self, Claim, Claims};
use crate::model::{Init, Notify, ProcessName, RemotePath};

/// What extra files, logs and sockets of one host take from others.
pub(super) fn all(sites: &[PlacedSite], apps: &[PlacedApp], files: &[PlacedFile]) -> Vec<Diagnostic> {
    let mut claims = Claims::of(apps.iter().map(|placed| &placed.app), sites.iter().map(|placed| &placed.site.name));
    let chosen = apps.iter().flat_map(|app| app.chosen_paths().map(move |(path, place)| (app, path, place)));
    let mut taken: Vec<Diagnostic> =
        chosen.filter_map(|(app, path, place)| taken_by_app(app, path, place, &claims)).collect();
    for placed in apps {
        let name = &placed.app.name;
        placed.app.log.files().flat_map(layout::log_folders).for_each(|folder| claims.add(name, folder));
        placed.chosen_paths().for_each(|(path, _)| claims.add(name, path.clone()));
    }
    for file in files {
        taken.extend(destination(file, &claims).or_else(|| in_reach_of_an_app(file, apps)));
        taken.extend(absent_app(file, apps));
        taken.extend(unit_of_ours(file, sites, apps));
    }
    taken
}

/// In its own folder an app has its logs and its socket where it likes, but not among its releases.
fn taken_by_app(placed: &PlacedApp, path: &RemotePath, place: Span, claims: &Claims) -> Option<Diagnostic> {
    let claim = claims.on(path)?;
    let home = layout::HOME.of(&placed.app.name);
    if claim.path == home && path.is_below(home.as_str()) {
        return None;
    }
    Some(belongs(path, claim, place).hint("choose another path"))
}

fn destination(file: &PlacedFile, claims: &Claims) -> Option<Diagnostic> {
    let path = &file.file.destination;
    let mistake = belongs(path, claims.on(path)?, file.destination);
    Some(
        mistake.hint(
            "choose another destination; to change a built-in file, put a template of its name into `templates/`",
        ),
    )
}

fn belongs(path: &RemotePath, claim: &Claim, place: Span) -> Diagnostic {
    let Claim { owner, path: claimed, .. } = claim;
    let what = if claim.includes(path) {
        format!("`{path}` belongs to {owner}")
    } else {
        format!("`{path}` is a folder: `{claimed}` in it belongs to {owner}")
    };
    Diagnostic::new(what, place)
}

/// Root would write, and read, along a path that an app can lead elsewhere at any moment. `/tmp` is such a place for
/// everybody.
fn in_reach_of_an_app(file: &PlacedFile, apps: &[PlacedApp]) -> Option<Diagnostic> {
    let path = &file.file.destination;
    let folders = apps.iter().flat_map(|placed| {
        let of_logs = placed.app.log.files().filter_map(|log| layout::log_folders(log).into_iter().next());
        let opened = placed.app.hardening.write.iter().cloned();
        of_logs.chain(opened).map(|folder| (folder.to_string(), format!("app `{}`", placed.app.name)))
    });
    let everybodys = layout::OPEN_TO_ALL.map(|folder| (folder.to_owned(), "everybody".to_owned()));
    let (folder, who) = folders.chain(everybodys).find(|(folder, _)| path.is_at_or_below(folder))?;
    let mistake = Diagnostic::new(
        format!("`{path}` lies below `{folder}`, where {who} can write and redirect root by a link"),
        file.destination,
    );
    Some(mistake.hint("put it where only root writes, such as `/etc`; an app can read it there as well"))
}

fn absent_app(file: &PlacedFile, apps: &[PlacedApp]) -> Option<Diagnostic> {
    let absent = file.file.notify.iter().find_map(|notify| match notify {
        Notify::App(name) => apps.iter().all(|placed| placed.app.name != *name).then_some(name),
        Notify::Nginx | Notify::Unit(_) => None,
    })?;
    let mistake = Diagnostic::new(
        format!("`{}` reloads app `{absent}`, which does not run there", file.file.destination),
        file.destination,
    );
    Some(mistake.hint(format!(
        "route a site to `{absent}`, list it below `apps:` of the host or group, or remove it from `reload`"
    )))
}

/// What we start and reload by ourselves would do so twice, under two names.
fn unit_of_ours(file: &PlacedFile, sites: &[PlacedSite], apps: &[PlacedApp]) -> Option<Diagnostic> {
    let (unit, instead) = file.file.notify.iter().find_map(|notify| {
        let Notify::Unit(unit) = notify else { return None };
        let is_of = |process: &ProcessName| {
            [Init::Systemd, Init::Upstart].iter().any(|init| layout::services_of(process, *init).contains(unit))
        };
        let app = apps.iter().find(|placed| placed.app.processes().iter().any(is_of));
        let app = app.map(|placed| format!("app:{}", placed.app.name));
        let serves = !sites.is_empty() && layout::NGINX_SERVICES.contains(&unit.as_str());
        Some((unit, app.or_else(|| serves.then(|| "nginx".to_owned()))?))
    })?;
    let mistake = Diagnostic::new(
        format!("`{}` reloads `unit:{unit}`, which is `{instead}`", file.file.destination),
        file.destination,
    );
    Some(
        mistake.hint(format!(
            "write `{instead}` in `reload`: the units of apps and of Nginx have names of their own there"
        )),
    )
}
