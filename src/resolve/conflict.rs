//! Parts of the inventory that are right by themselves but cannot share one host.

use super::{site_conflict, taken};
use crate::diagnostic::{Diagnostic, Span};
use crate::inventory::app::PlacedApp;
use crate::inventory::file::PlacedFile;
use crate::inventory::site::PlacedSite;
use crate::model::layout::{self, LOGS};
use crate::model::{Connection, Listen, RemotePath};

/// Every conflict among what one host runs and serves.
pub(super) fn all(
    sites: &[PlacedSite],
    apps: &[PlacedApp],
    files: &[PlacedFile],
    connection: Option<&Connection>,
) -> Vec<Diagnostic> {
    let mut conflicts = Vec::new();
    for (later, app) in apps.iter().enumerate() {
        for earlier in &apps[..later] {
            conflicts.extend(same_address(earlier, app));
            conflicts.extend(same_log(earlier, app).or_else(|| same_log_folder(earlier, app)));
        }
        conflicts.extend(sites.iter().filter_map(|site| app_on_listener(app, site)));
        conflicts.extend(connection.and_then(|connection| app_of_the_operator(app, connection)));
    }
    for (later, site) in sites.iter().enumerate() {
        for earlier in &sites[..later] {
            conflicts.extend(site_conflict::between(earlier, site));
        }
    }
    conflicts.extend(taken::all(sites, apps, files));
    conflicts
}

fn same_address(first: &PlacedApp, second: &PlacedApp) -> Option<Diagnostic> {
    first.app.bind.clashes(&second.app.bind).then(|| {
        // The later place is the mistake, whatever the order of names.
        let (first, second) = if first.bind <= second.bind { (first, second) } else { (second, first) };
        Diagnostic::new(
            format!("apps `{}` and `{}` would both listen on `{}`", first.app.name, second.app.name, second.app.bind),
            second.bind,
        )
        .related(first.bind, format!("`{}` listens here", first.app.name))
        .hint("give one of them another port")
    })
}

/// The first two log files of the apps that clash, with their places in the order of the text.
fn clashing_logs<'a>(
    first: &'a PlacedApp,
    second: &'a PlacedApp,
    clash: impl Fn(&RemotePath, &RemotePath) -> bool,
) -> Option<(&'a RemotePath, Span, Span)> {
    let seconds = second.log_files();
    let (path, one, other) = first.log_files().into_iter().find_map(|(path, place)| {
        seconds.iter().find(|(other, _)| clash(path, other)).map(|(_, other_place)| (path, place, *other_place))
    })?;
    Some(if one <= other { (path, one, other) } else { (path, other, one) })
}

fn same_log(first: &PlacedApp, second: &PlacedApp) -> Option<Diagnostic> {
    let (path, one, other) = clashing_logs(first, second, |path, other| path == other)?;
    Some(
        Diagnostic::new(
            format!("apps `{}` and `{}` would both write the log `{path}`", first.app.name, second.app.name),
            other,
        )
        .related(one, "written here too")
        .hint("give each app its own file, which logrotate can then rotate"),
    )
}

/// A folder below `/var/log` is made for the user of the app that logs there, and only that user can write in it.
fn same_log_folder(first: &PlacedApp, second: &PlacedApp) -> Option<Diagnostic> {
    if first.app.user == second.app.user {
        return None;
    }
    let holds = |path: &RemotePath, other: &RemotePath| {
        layout::log_folders(path).last().is_some_and(|folder| other.is_below(folder.as_str()))
    };
    let (path, one, other) = clashing_logs(first, second, |path, other| holds(path, other) || holds(other, path))?;
    let (one_app, other_app) = (&first.app, &second.app);
    Some(
        Diagnostic::new(
            format!("apps `{}` and `{}` would log in the same folder below `{LOGS}`", one_app.name, other_app.name),
            other,
        )
        .related(one, "in use here")
        .hint(format!(
            "the folder of `{path}` belongs to one user alone: give each app its own, such as `{LOGS}/{}/`, or both \
             the same `user`",
            other_app.name
        )),
    )
}

fn app_on_listener(app: &PlacedApp, site: &PlacedSite) -> Option<Diagnostic> {
    let bind = &app.app.bind;
    let mut listeners = site.site.listeners().zip(&site.listen);
    let clashes = |listen: Listen| listen.sockets().iter().any(|socket| bind.takes(socket.address));
    let (_, place) = listeners.find(|(listen, _)| clashes(*listen))?;
    Some(
        Diagnostic::new(
            format!("app `{}` would listen on `{bind}`, where site `{}` listens", app.app.name, site.site.name),
            app.bind,
        )
        .related(*place, "Nginx listens here")
        .hint("give the app another port: Nginx forwards requests to it"),
    )
}

/// What the operator's account runs at its next login could be the app's work, and that account becomes root.
fn app_of_the_operator(app: &PlacedApp, connection: &Connection) -> Option<Diagnostic> {
    let user = connection.user.as_ref().filter(|user| *user == app.app.user.as_str())?;
    let mistake = Diagnostic::new(
        format!("app `{}` would run as `{user}`, who logs in and becomes root", app.app.name),
        app.user,
    );
    Some(mistake.hint("give the app a user of its own: what it changes in a home folder runs at the next login"))
}
