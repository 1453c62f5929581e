//! What starts a process and keeps it running: systemd's units or the Upstart job, from the one description of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::app::{AppContext, seconds};
use super::scope::Scope;
use crate::model::layout;
use crate::model::process::{Process, Start};
use crate::model::{App, Bind, File, Guard, Init};
use crate::runtime::{Remarks, SystemCalls, Workers};
use crate::template::TemplateError;

const SERVICE: &str = "app.service.tera";
const SOCKET: &str = "app.socket.tera";
const UPSTART: &str = "app.upstart.conf.tera";

#[derive(Serialize)]
struct Page<'a> {
    /// For templates of users: ours have all they need from the process.
    app: &'a AppContext,
    process: ProcessContext<'a>,
}

/// A process in plain texts and numbers; times are whole seconds, memory is in bytes.
#[derive(Serialize)]
struct ProcessContext<'a> {
    /// The app that it is of.
    app: String,
    name: &'a str,
    description: &'a str,
    /// What runs it, as a word in a sentence.
    program: &'static str,
    remarks: Remarks,
    calls: Option<SystemCalls>,
    /// Children of its main process answer requests.
    has_workers: bool,
    /// It runs from boot on.
    at_boot: bool,
    command: &'a [String],
    /// The program that checks before a reload; none where there is no reload.
    reload_check: Option<&'a [String]>,
    user: &'a str,
    environment: &'a str,
    home: &'a str,
    directory: &'a str,
    listener: Option<Listener>,
    start_timeout: u64,
    stop_timeout: u64,
    files: u16,
    memory: Option<u64>,
    private_tmp: bool,
    protect_home: bool,
    /// Protections that are left out, as one text.
    loosened: String,
    /// Every protection that can be left out, and whether it is in.
    guard: BTreeMap<&'static str, bool>,
    /// Folders that it may write.
    write: BTreeSet<&'a str>,
}

#[derive(Serialize)]
struct Listener {
    address: String,
    unix: bool,
    group: &'static str,
    /// The address is one of the host's own, which may come up after the socket.
    free_bind: bool,
}

impl<'a> ProcessContext<'a> {
    fn of(process: &'a Process) -> Self {
        let confinement = &process.confinement;
        let loosened = |name: &str| confinement.loosen.iter().any(|guard| guard.as_str() == name);
        let mut write: BTreeSet<&str> = confinement.write.iter().map(|path| path.as_str()).collect();
        if confinement.shares_tmp || loosened("PrivateTmp") {
            // Every program expects to write there.
            write.extend(layout::TEMPORARY);
        }
        Self {
            app: process.name.app().to_string(),
            name: process.name.as_str(),
            description: &process.description,
            program: process.program,
            remarks: process.remarks,
            calls: process.calls,
            has_workers: match process.workers {
                Workers::Children => true,
                Workers::Itself => false,
            },
            at_boot: match process.start {
                Start::Boot => true,
                Start::Request => false,
            },
            command: &process.command,
            reload_check: process.reload.as_ref().map(|reload| reload.check.as_slice()),
            user: process.user.as_str(),
            environment: process.environment.as_str(),
            home: process.home.as_str(),
            directory: process.directory.as_str(),
            listener: process.listener.as_ref().map(Listener::of),
            start_timeout: seconds(process.start_timeout),
            stop_timeout: seconds(process.stop_timeout),
            files: process.limits.files,
            memory: process.limits.memory,
            private_tmp: !confinement.shares_tmp,
            protect_home: !confinement.sees_homes,
            loosened: confinement.loosen.iter().map(|guard| guard.as_str()).collect::<Vec<_>>().join(", "),
            guard: Guard::ALL.iter().map(|name| (*name, !loosened(name))).collect(),
            write,
        }
    }
}

impl Listener {
    fn of(bind: &Bind) -> Self {
        let (address, unix, free_bind) = match bind {
            Bind::Unix(path) => (path.to_string(), true, false),
            Bind::Tcp(address) => {
                (address.to_string(), false, !address.ip().is_loopback() && !address.ip().is_unspecified())
            }
        };
        Self { address, unix, group: layout::NGINX_USER, free_bind }
    }
}

/// The units or jobs of everything that runs `app`.
pub(super) fn files(app: &App, context: &AppContext, init: Init, scope: &Scope) -> Result<Vec<File>, TemplateError> {
    let mut files = vec![];
    for process in Process::all_of(app) {
        match init {
            Init::Systemd => files.extend(systemd(&process, context, scope)?),
            Init::Upstart => files.push(upstart(&process, context, scope)?),
        }
    }
    Ok(files)
}

/// The unit, and the one that holds its listener, if it has one.
fn systemd(process: &Process, app: &AppContext, scope: &Scope) -> Result<Vec<File>, TemplateError> {
    let page = Page { app, process: ProcessContext::of(process) };
    let mut files = vec![scope.file(layout::SERVICE.of(&process.name), SERVICE, &page)?];
    if process.listener.is_some() {
        files.push(scope.file(layout::SOCKET.of(&process.name), SOCKET, &page)?);
    }
    Ok(files)
}

/// The job.
fn upstart(process: &Process, app: &AppContext, scope: &Scope) -> Result<File, TemplateError> {
    // Upstart changes the user before it runs anything of the job, and `/run` is root's and empty after every boot.
    if let Some(Bind::Unix(path)) = &process.listener
        && layout::RUN.iter().any(|folder| path.is_below(folder))
    {
        return Err(TemplateError::whole(
            UPSTART,
            format!(
                "app `{}` cannot make its socket `{path}`: under Upstart it starts as `{}`, not as root",
                process.name, process.user
            ),
            "bind to an address such as `127.0.0.1:5000`, or to a socket in a folder that the app's user can write",
        ));
    }
    scope.file(layout::JOB.of(&process.name), UPSTART, &Page { app, process: ProcessContext::of(process) })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::inventory::Inputs;
    use crate::lint::{Host, Source, lint};
    use crate::platform::{Platform, release};
    use crate::resolve::Targets;
    use crate::template::Engine;

    /// The units or the job of an app's process after a change of it, for each host; `lint` finds nothing in them.
    fn rendered(change: impl Fn(&mut Process)) -> Vec<(Init, Vec<String>)> {
        let text = "version: 1\napps: { web: { source: { path: . }, wsgi: \"a:b\", bind: 5000 } }\n\
                    hosts: { h: { apps: [web] } }\n";
        let inputs = Inputs { base_dir: Path::new("/"), environment: &|_| None, extra_vars: BTreeMap::new() };
        let targets = Targets::load("i.yml", text, &inputs).unwrap();
        let (target, engine) = (&targets.all()[0], Engine::new(&BTreeMap::new()).unwrap());
        let names = |processes: &[Process]| processes.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&Process::all_of(&target.apps[0])), target.apps[0].processes());
        let mut process = Process::of_runtime(&target.apps[0]);
        change(&mut process);
        let on = |platform: Platform| {
            let scope = Scope::new(target, platform.init, &platform.features(), &engine);
            let app = AppContext::new(&target.apps[0]);
            let files = match platform.init {
                Init::Systemd => systemd(&process, &app, &scope).unwrap(),
                Init::Upstart => vec![upstart(&process, &app, &scope).unwrap()],
            };
            let found = lint(&files.iter().map(source).collect::<Vec<_>>(), &Host::from(&platform));
            assert!(found.is_empty(), "{found:?}");
            (platform.init, files.into_iter().map(|file| file.content).collect())
        };
        release::names().map(|name| on(Platform::named(name).unwrap())).collect()
    }

    fn source(file: &File) -> Source<'_> {
        Source { path: file.path.as_str(), content: &file.content, template: "t", mode: 0o644, secrets: &[] }
    }

    #[test]
    fn a_worker_is_a_process_that_nobody_asks() {
        let worker = |process: &mut Process| {
            process.listener = None;
            process.reload = None;
            process.command = ["/usr/bin/python3", "worker.py", "--cost=5$", "100%"].map(ToOwned::to_owned).into();
        };
        for (init, files) in rendered(worker) {
            let [file] = files.as_slice() else { panic!("{files:?}") };
            assert!(!file.contains(".socket") && !file.contains("ExecReload"), "{file}");
            let command = match init {
                Init::Systemd => "\nExecStart=/usr/bin/python3 worker.py \"--cost=5$$\" \"100%%\"\n",
                Init::Upstart => "\n    exec /usr/bin/python3 worker.py '--cost=5$' '100%'\n",
            };
            assert!(file.contains(command), "{file}");
            assert!(file.contains("\nRestart=always\n") || file.contains("\nrespawn\n"), "{file}");
        }
    }

    #[test]
    fn what_starts_on_request_does_not_start_at_boot() {
        let request = |process: &mut Process| {
            process.listener = None;
            process.start = Start::Request;
        };
        for (_, files) in rendered(request) {
            let text = files.concat();
            assert!(text.contains("\nType=oneshot\n") || text.contains("\ntask\n"), "{text}");
            let of_boot = ["Restart", "StartLimit", "[Install]", "WantedBy", "respawn", "start on", "stop on"];
            assert!(!text.lines().any(|line| of_boot.iter().any(|word| line.starts_with(word))), "{text}");
        }
        assert!(rendered(|_| ()).iter().all(|(init, files)| files.len() == if *init == Init::Systemd { 2 } else { 1 }));
    }
}
