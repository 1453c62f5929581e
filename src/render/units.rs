//! What starts an app and keeps it running: systemd's units or the Upstart job.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::app::AppContext;
use super::scope::Scope;
use crate::model::layout;
use crate::model::{App, Bind, File, Guard, RemotePath};
use crate::template::TemplateError;

const SERVICE: &str = "app.service.tera";
const SOCKET: &str = "app.socket.tera";
const UPSTART: &str = "app.upstart.conf.tera";

#[derive(Serialize)]
struct ServicePage<'a> {
    app: &'a AppContext,
    service: Service,
    /// Every protection that can be left out, and whether it is in.
    guard: BTreeMap<&'static str, bool>,
}

#[derive(Serialize)]
struct Service {
    /// Nothing of the app lies in `/tmp` or `/var/tmp`.
    private_tmp: bool,
    /// Nothing of the app lies in a home folder.
    protect_home: bool,
    /// What the inventory leaves out, as one text.
    loosened: String,
    /// Folders that it may write.
    write: Vec<String>,
}

#[derive(Serialize)]
struct SocketPage<'a> {
    app: &'a AppContext,
    socket: Socket,
}

#[derive(Serialize)]
struct Socket {
    listen: String,
    unix: bool,
    group: &'static str,
    /// The address is one of the host's own, which may come up after the socket.
    free_bind: bool,
}

#[derive(Serialize)]
struct JobPage<'a> {
    app: &'a AppContext,
}

pub(super) fn service(app: &App, context: &AppContext, scope: &Scope) -> Result<File, TemplateError> {
    let mut write = write(app);
    let lies_in = |folders: &[&str]| {
        let within = |path: &RemotePath| folders.iter().any(|folder| path.is_at_or_below(folder));
        paths_of(app).chain(&app.hardening.write).any(within)
    };
    let private_tmp = !lies_in(&layout::TEMPORARY);
    let loosened = |name: &str| app.hardening.loosen.iter().any(|guard| guard.as_str() == name);
    if !private_tmp || loosened("PrivateTmp") {
        // Every program expects to write there.
        write.extend(layout::TEMPORARY.map(ToOwned::to_owned));
    }
    let service = Service {
        private_tmp,
        protect_home: !lies_in(&layout::HOMES),
        loosened: app.hardening.loosen.iter().map(|guard| guard.as_str()).collect::<Vec<_>>().join(", "),
        write: write.into_iter().collect(),
    };
    let guard = Guard::ALL.iter().map(|name| (*name, !loosened(name))).collect();
    scope.file(layout::SERVICE.of(&app.name), SERVICE, &ServicePage { app: context, service, guard })
}

pub(super) fn socket(app: &App, context: &AppContext, scope: &Scope) -> Result<File, TemplateError> {
    let (listen, unix, free_bind) = match &app.bind {
        Bind::Unix(path) => (path.to_string(), true, false),
        Bind::Tcp(address) => {
            (address.to_string(), false, !address.ip().is_loopback() && !address.ip().is_unspecified())
        }
    };
    let socket = Socket { listen, unix, group: layout::NGINX_USER, free_bind };
    scope.file(layout::SOCKET.of(&app.name), SOCKET, &SocketPage { app: context, socket })
}

pub(super) fn upstart_job(app: &App, context: &AppContext, scope: &Scope) -> Result<File, TemplateError> {
    // Upstart changes the user before it runs anything of the job, and `/run` is root's and empty after every boot.
    if let Bind::Unix(path) = &app.bind
        && layout::RUN.iter().any(|folder| path.is_below(folder))
    {
        return Err(TemplateError::whole(
            UPSTART,
            format!(
                "app `{}` cannot make its socket `{path}`: under Upstart it starts as `{}`, not as root",
                app.name, app.user
            ),
            "bind to an address such as `127.0.0.1:5000`, or to a socket in a folder that the app's user can write",
        ));
    }
    scope.file(layout::JOB.of(&app.name), UPSTART, &JobPage { app: context })
}

/// The folders that an app may write: those of its logs, and those that the inventory names.
fn write(app: &App) -> BTreeSet<String> {
    let logs = app.log.files().filter_map(RemotePath::folder);
    logs.chain(app.hardening.write.iter().cloned()).map(String::from).collect()
}

/// The paths outside its release that the app writes.
fn paths_of(app: &App) -> impl Iterator<Item = &RemotePath> {
    let socket = match &app.bind {
        Bind::Unix(path) => Some(path),
        Bind::Tcp(_) => None,
    };
    app.log.files().chain(socket)
}
