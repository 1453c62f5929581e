//! `(desired, plan) → steps`: the one order in which a host is changed. Pure.
//!
//! Stage, check, switch, act, verify, commit, clear. A step that can fail for a reason in the inventory, the code or the host's other
//! configuration comes before the first step that touches anything live.

use std::collections::BTreeSet;
use std::time::Duration;

use super::payload::Payload;
use super::step::Step;
use crate::desired::{
    Desired, DesiredApp, Service, ServiceKind, current_link, in_nginx, is_definition, releases_folder,
};
use crate::model::{AppName, File, Install};
use crate::plan::{Operation, Plan};
use crate::source::Pinned;

/// How a transaction is carried out, beyond what the plan says.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Ask every site without a pause meanwhile, and undo everything if one request fails.
    pub watch: bool,
    /// How long another program may hold the package manager's lock.
    pub package_lock: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { watch: false, package_lock: Duration::from_secs(300) }
    }
}

/// Everything that one change of one host consists of.
#[derive(Debug, Default)]
pub struct Transaction {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What travels beside them.
    pub payload: Payload,
}

/// The transaction that carries out `plan`.
#[must_use]
pub fn transaction(desired: &Desired, plan: &Plan, options: Options) -> Transaction {
    let mut builder = Builder { desired, plan, options, transaction: Transaction::default(), live: false };
    builder.payload().owned = plan.owned.iter().map(crate::probe::Owned::line).collect();
    builder.payload().checks.clone_from(&desired.checks);
    builder.payload().touches = touches(plan);
    builder.add("note what is there", "note_before", [""; 0]);
    builder.add("note what this run owns", "claim", [""; 0]);
    if options.watch {
        builder.payload().watch = true;
        builder.add("watch the sites", "start_watch", [""; 0]);
    }
    builder.stage();
    builder.check();
    builder.complete_releases();
    builder.add("begin the switch", "begin_switch", [""; 0]);
    builder.live = true;
    builder.switch();
    builder.act();
    builder.retire();
    builder.verify();
    builder.add("commit", "commit", [""; 0]);
    builder.clear();
    builder.transaction
}

/// Everything that the steps may touch, for the host to note what is there. Listeners stand before their apps.
fn touches(plan: &Plan) -> Vec<String> {
    let mut lines = vec![];
    let mut services = BTreeSet::new();
    for operation in plan.changes.iter().map(|change| &change.operation) {
        match operation {
            Operation::PutFile(file) => lines.push(format!("path\t{}", file.path)),
            Operation::PutLink(link) => lines.push(format!("path\t{}", link.path)),
            Operation::RemoveFile(path) => lines.push(format!("path\t{path}")),
            Operation::DisableWelcome | Operation::RestoreWelcome => {
                lines.push("path\t/etc/nginx/sites-enabled/default".to_owned());
            }
            Operation::PutDirectory(directory) | Operation::MendDirectory(directory) => {
                lines.push(format!("directory\t{}", directory.path));
            }
            Operation::CreateUser(user) => lines.push(format!("user\t{}", user.name)),
            Operation::AddRelease(app, id) => lines.push(format!("release\t{}/{id}", releases_folder(app))),
            Operation::ActivateRelease(app, _) => lines.push(format!("path\t{}", current_link(app))),
            Operation::RemoveApp(app) => {
                services.extend([format!("{app}.socket"), format!("{app}.service"), app.to_string()]);
            }
            _ => {}
        }
    }
    services.extend(acting(plan));
    services.extend(plan.confirmed.iter().cloned());
    let (listeners, others): (Vec<_>, Vec<_>) = services.into_iter().partition(|name| name.ends_with(".socket"));
    lines.extend(listeners.into_iter().chain(others).map(|name| format!("service\t{name}")));
    lines
}

/// The services that act.
fn acting(plan: &Plan) -> BTreeSet<String> {
    plan.changes.iter().flat_map(|change| services_of(&change.operation)).collect()
}

/// The services that an operation makes act.
fn services_of(operation: &Operation) -> BTreeSet<String> {
    match operation {
        Operation::Start(name) | Operation::Restart(name) | Operation::Reload(name) => [name.clone()].into(),
        Operation::MoveListener(app, _) => [format!("{app}.socket"), format!("{app}.service")].into(),
        _ => BTreeSet::new(),
    }
}

/// The services that start, whether or not they run already.
fn starting(plan: &Plan) -> BTreeSet<String> {
    let starts = plan.changes.iter().filter(|change| !matches!(change.operation, Operation::Reload(_)));
    starts.flat_map(|change| services_of(&change.operation)).collect()
}

struct Builder<'a> {
    desired: &'a Desired,
    plan: &'a Plan,
    options: Options,
    transaction: Transaction,
    live: bool,
}

impl<'a> Builder<'a> {
    fn add<A: AsRef<str>>(&mut self, title: impl Into<String>, function: &str, arguments: impl IntoIterator<Item = A>) {
        let live = self.live;
        self.transaction.steps.push(Step { live, ..Step::new(title, function, arguments) });
    }

    fn payload(&mut self) -> &mut Payload {
        &mut self.transaction.payload
    }

    fn operations(&self) -> impl Iterator<Item = &'a Operation> + use<'a> {
        self.plan.changes.iter().map(|change| &change.operation)
    }

    fn files(&self) -> impl Iterator<Item = &'a File> + use<'a> {
        self.operations()
            .filter_map(|operation| if let Operation::PutFile(file) = operation { Some(file) } else { None })
    }

    /// Everything that can be prepared beside what is live.
    fn stage(&mut self) {
        let packages: Vec<_> = self
            .operations()
            .filter_map(
                |operation| if let Operation::InstallPackage(name) = operation { Some(name.as_str()) } else { None },
            )
            .collect();
        if !packages.is_empty() {
            let patience = self.options.package_lock.as_secs().to_string();
            let words: Vec<&str> = [patience.as_str()].into_iter().chain(packages.iter().copied()).collect();
            self.add(format!("install {}", packages.join(", ")), "install_packages", words);
        }
        for operation in self.operations() {
            match operation {
                Operation::CreateUser(user) => {
                    self.add(
                        format!("create user {}", user.name),
                        "create_user",
                        [user.name.as_str(), user.home.as_str()],
                    );
                }
                Operation::PutDirectory(directory) => {
                    let (mode, owner, group) = (directory.mode.to_string(), &directory.owner, &directory.group);
                    let words = [mode.as_str(), owner.as_str(), group.as_str(), directory.path.as_str()];
                    self.add(format!("put directory {}", directory.path), "put_directory", words);
                }
                _ => {}
            }
        }
        for file in self.files() {
            let number = self.payload().file(&file.content).to_string();
            let mode = file.mode.to_string();
            let words = [&number, &mode, file.owner.as_str(), file.group.as_str(), file.path.as_str()];
            self.add(format!("stage {}", file.path), "stage_file", words);
        }
        for app in &self.desired.apps {
            self.stage_release(app);
        }
    }

    fn stage_release(&mut self, desired: &DesiredApp) {
        let app = &desired.app;
        let (name, id) = (app.name.as_str(), desired.release.id.as_str());
        let new =
            self.operations().any(|operation| matches!(operation, Operation::AddRelease(to, _) if *to == app.name));
        let python = self.operations().any(|operation| *operation == Operation::InstallPython(app.name.clone()));
        if new {
            match &desired.release.source {
                Pinned::Folder(folder) => {
                    self.payload().archives.insert(name.to_owned(), folder.clone());
                    self.add(format!("unpack release {name} {id}"), "unpack_release", [name, id]);
                }
                Pinned::Commit { url, commit } => {
                    let title = format!("fetch release {name} {id} from {url}");
                    self.add(title, "fetch_release", [name, id, url, commit]);
                }
                // The plan refuses to add what nobody can deliver.
                Pinned::OnHost(_) => {}
            }
        }
        if let Some(mark) = &desired.release.python
            && (python || (new && app.python.install == Install::Venv))
        {
            let method = if app.python.install == Install::Venv { "venv" } else { "system" };
            let requirements = app.python.requirements.as_ref().map_or("", |path| path.as_str());
            let hashes = if app.python.require_hashes { "demanded" } else { "no" };
            let mut words = vec![method, name, id, mark.as_str(), requirements, hashes];
            words.extend(app.python.packages.iter().map(String::as_str));
            self.add(format!("install the Python dependencies of {name}"), "install_python", words);
        }
    }

    /// Everything that is checked on the host before anything live is touched.
    fn check(&mut self) {
        let added = |app: &AppName| {
            self.operations().any(|operation| matches!(operation, Operation::AddRelease(to, _) if to == app))
        };
        let back = self.operations().filter_map(|operation| match operation {
            Operation::ActivateRelease(app, id) if !added(app) => Some((app, id)),
            _ => None,
        });
        for (app, id) in back.collect::<Vec<_>>() {
            self.add(format!("look through release {app} {id}"), "check_release", [app.as_str(), id]);
        }
        let concerned: Vec<_> = self.desired.apps.iter().filter(|app| self.concerns(app)).collect();
        for desired in concerned {
            let app = &desired.app;
            let python = match app.python.install {
                Install::Venv => format!("/srv/{}/releases/{}/venv/bin/python3", app.name, desired.release.id),
                Install::System | Install::Apt => "/usr/bin/python3".to_owned(),
            };
            // What may take a while to become healthy may take as long to be imported.
            let check = self.desired.checks.iter().find(|check| check.app == app.name);
            let patience = check.map_or(0, |check| check.timeout.as_secs()).max(30).to_string();
            let words =
                [app.name.as_str(), app.user.as_str(), &desired.release.id, &python, app.wsgi.as_str(), &patience];
            self.add(format!("check that {} can be imported", app.name), "check_app", words);
        }
        // Folders below hold drop-ins, which are no units by themselves.
        let under = |folder: &str| -> Vec<&str> {
            let paths = self.files().map(|file| file.path.as_str());
            paths.filter(|path| path.strip_prefix(folder).is_some_and(|name| !name.contains('/'))).collect()
        };
        let (mut units, jobs) = (under("/etc/systemd/system/"), under("/etc/init/"));
        // What starts again is checked with drop-ins of others, which could keep it down on the way back as well.
        let (starting, desired) = (starting(self.plan), &self.desired.files);
        let definitions = desired
            .iter()
            .map(|file| file.path.as_str())
            .filter(|path| path.strip_prefix("/etc/systemd/system/").is_some_and(|name| starting.contains(name)));
        let more: Vec<_> = definitions.filter(|path| !units.contains(path)).collect();
        units.extend(more);
        if !units.is_empty() {
            self.add("check the systemd units", "check_units", units);
        }
        if !jobs.is_empty() {
            self.add("check the Upstart jobs", "check_jobs", jobs);
        }
        let tree = self.nginx_changes();
        // Nginx reads all that is there again, also what is not ours.
        let reads = acting(self.plan).iter().any(|name| ["nginx.service", "nginx"].contains(&name.as_str()));
        if !tree.is_empty() || reads {
            self.add("check the whole Nginx configuration", "check_nginx", tree);
        }
    }

    /// Does a change of the plan concern what `app` imports or is started with?
    fn concerns(&self, app: &DesiredApp) -> bool {
        let name = &app.app.name;
        let settings = format!("/etc/provision/{name}/");
        let unit = format!("/etc/systemd/system/{name}.service");
        let job = format!("/etc/init/{name}.conf");
        self.operations().any(|operation| match operation {
            Operation::AddRelease(to, _) | Operation::ActivateRelease(to, _) | Operation::InstallPython(to) => {
                to == name
            }
            Operation::PutFile(file) => {
                file.path.as_str().starts_with(&settings) || file.path.as_str() == unit || file.path.as_str() == job
            }
            _ => false,
        })
    }

    /// A release command may change a database for good, so it runs after everything that can be checked without it. Only
    /// then is the release complete: a run cut before makes it anew.
    fn complete_releases(&mut self) {
        let added = |app: &DesiredApp| {
            self.operations().any(|operation| matches!(operation, Operation::AddRelease(to, _) if *to == app.app.name))
        };
        let new: Vec<_> = self.desired.apps.iter().filter(|app| added(app)).collect();
        for desired in new {
            let app = &desired.app;
            let (name, id) = (app.name.as_str(), desired.release.id.as_str());
            if let Some(command) = &app.release_command {
                let number = self.payload().file(command).to_string();
                let limit = app.release_timeout.as_secs().to_string();
                let words = [name, app.user.as_str(), id, &number, &limit];
                self.add(format!("run the release command of {name}"), "run_release_command", words);
            }
            self.add(format!("complete release {name} {id}"), "complete_release", [name, id]);
        }
    }

    fn nginx_changes(&self) -> Vec<String> {
        let mut words = vec![];
        for operation in self.operations() {
            match operation {
                Operation::PutFile(file) if in_nginx(file.path.as_str()) => {
                    words.extend(["file".to_owned(), file.path.to_string()]);
                }
                Operation::PutLink(link) if in_nginx(link.path.as_str()) => {
                    words.extend(["link".to_owned(), link.path.to_string(), link.to.to_string()]);
                }
                Operation::RemoveFile(path) if in_nginx(path) => words.extend(["gone".to_owned(), path.clone()]),
                Operation::DisableWelcome => {
                    words.extend(["gone".to_owned(), "/etc/nginx/sites-enabled/default".to_owned()]);
                }
                Operation::RestoreWelcome => {
                    let (enabled, available) =
                        ("/etc/nginx/sites-enabled/default", "/etc/nginx/sites-available/default");
                    words.extend(["link", enabled, available].map(ToOwned::to_owned));
                }
                _ => {}
            }
        }
        words
    }

    /// From here on the host changes. Each replacement is one rename.
    fn switch(&mut self) {
        for name in acting(self.plan) {
            self.add(format!("forget what {name} loaded"), "forget", [&name]);
        }
        for file in self.files() {
            self.add(format!("switch {}", file.path), "switch_file", [file.path.as_str()]);
        }
        for operation in self.operations() {
            match operation {
                Operation::PutLink(link) => {
                    self.add(operation.to_string(), "put_link", [link.path.as_str(), link.to.as_str()]);
                }
                Operation::ActivateRelease(app, id) => {
                    let to = format!("{}/{id}", releases_folder(app));
                    self.add(format!("make release {app} {id} live"), "put_link", [current_link(app).as_str(), &to]);
                }
                Operation::MendDirectory(directory) => {
                    let (mode, owner, group) = (directory.mode.to_string(), &directory.owner, &directory.group);
                    let words = [mode.as_str(), owner.as_str(), group.as_str(), directory.path.as_str()];
                    self.add(format!("mend directory {}", directory.path), "put_directory", words);
                }
                Operation::RemoveFile(path) if in_nginx(path) => {
                    self.add(format!("remove {path}"), "retire_path", [path]);
                }
                Operation::DisableWelcome => self.add("disable Debian's welcome site", "disable_welcome", [""; 0]),
                Operation::RestoreWelcome => self.add("enable Debian's welcome site again", "restore_welcome", [""; 0]),
                _ => {}
            }
        }
    }

    fn service(&self, name: &str) -> Option<&'a Service> {
        self.desired.services.iter().find(|service| service.name == name)
    }

    /// Processes take up what was switched: apps before Nginx, so that it never routes to what is not there yet.
    fn act(&mut self) {
        // Not only for files of this plan: a run cut short may have switched a unit that was never read.
        let acts = self.operations().any(|operation| {
            matches!(operation, Operation::Start(_) | Operation::Restart(_) | Operation::MoveListener(..))
        });
        if acts || self.files().any(|file| is_definition(file.path.as_str())) {
            self.add("make the service manager read its units again", "reload_manager", [""; 0]);
        }
        for operation in self.operations() {
            match operation {
                Operation::MoveListener(app, bind) => {
                    self.add(
                        format!("move the listener of {app} to {bind}"),
                        "act",
                        ["move", &format!("{app}.socket")],
                    );
                    for unit in [format!("{app}.socket"), format!("{app}.service")] {
                        self.remember(&unit);
                    }
                }
                Operation::Start(name) => {
                    self.add(operation.to_string(), "act", ["start", name]);
                    // Started where it ran already, only not at boot: it may run with something older.
                    self.reload(name, false);
                    self.remember(name);
                }
                Operation::Restart(name) => {
                    self.add(operation.to_string(), "act", ["restart", name]);
                    self.remember(name);
                }
                Operation::Reload(name) => {
                    self.reload(name, true);
                    self.remember(name);
                }
                _ => {}
            }
        }
        for name in &self.plan.confirmed {
            self.remember(name);
        }
    }

    fn reload(&mut self, name: &str, running: bool) {
        let kind = self.service(name).map(|service| &service.kind);
        let title = format!("reload {name}");
        let how = match kind {
            // The package starts Nginx with its own configuration before ours is there.
            Some(ServiceKind::Nginx) | None => "nginx",
            Some(ServiceKind::App(_)) if running => "reload",
            Some(ServiceKind::Other) if running => "other",
            Some(_) => return,
        };
        self.add(title, "act", [how, name]);
    }

    fn remember(&mut self, name: &str) {
        if let Some(service) = self.service(name) {
            let words = [name, service.restart.as_str(), service.reload.as_str()];
            self.add(format!("remember what {name} loaded"), "remember", words);
        }
    }

    fn gone(&self) -> Vec<&'a AppName> {
        self.operations()
            .filter_map(|operation| if let Operation::RemoveApp(app) = operation { Some(app) } else { None })
            .collect()
    }

    /// Nginx no longer routes to what goes now. It goes out of service, and not yet away.
    fn retire(&mut self) {
        let gone = self.gone();
        for app in &gone {
            self.add(format!("stop {app}"), "act", ["stop", app.as_str()]);
        }
        for operation in self.operations() {
            if let Operation::RemoveFile(path) = operation
                && !in_nginx(path)
            {
                self.add(format!("remove {path}"), "retire_path", [path]);
            }
        }
        let undefined = |operation: &Operation| matches!(operation, Operation::RemoveFile(path) if is_definition(path));
        if !gone.is_empty() || self.operations().any(undefined) {
            self.add("make the service manager forget what is gone", "reload_manager", [""; 0]);
        }
    }

    fn verify(&mut self) {
        if !self.desired.checks.is_empty() {
            self.add("ask every app whether it works", "check_health", [""; 0]);
        }
        if self.options.watch {
            self.add("judge what the watch over the sites saw", "judge_watch", [""; 0]);
        }
    }

    /// What nothing needs any more goes away for good.
    fn clear(&mut self) {
        self.add("record the generation", "record_generation", [""; 0]);
        for app in self.gone() {
            self.add(format!("remove the releases of {app}"), "remove_app", [app.as_str()]);
        }
        self.add("discard what was replaced", "discard_former", [""; 0]);
        for operation in self.operations() {
            match operation {
                Operation::RemoveDirectory(path) => self.add(format!("remove {path}"), "remove_directory", [path]),
                Operation::RemoveUser(name) => self.add(format!("remove user {name}"), "remove_user", [name]),
                _ => {}
            }
        }
        for app in &self.desired.apps {
            let keep = app.app.keep_releases.to_string();
            self.add(
                format!("prune old releases of {}", app.app.name),
                "prune_releases",
                [app.app.name.as_str(), &keep],
            );
        }
        self.add("record what is owned", "record_owned", [""; 0]);
    }
}
