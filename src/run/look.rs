//! The look at one host, from what to ask to what it means.

use anyhow::{Context, Result};

use super::shared::Shared;
use super::visit::answer;
use super::wanted::{Origin, Wanted};
use crate::desired::Desired;
use crate::event::{Event, EventKind, Note};
use crate::fault::Fault;
use crate::generation::{HISTORY, History, WayBack, Which, parse_stored, stored_script};
use crate::mask;
use crate::model::{Init, ProjectName, Target, layout};
use crate::plan::{self, Plan};
use crate::platform::Platform;
use crate::probe::{self, Facts, Request};
use crate::render;
use crate::runtime;
use crate::ssh::Session;

/// The look at one host, for what is wanted of it.
pub struct Look<'a> {
    wanted: &'a Wanted,
    shared: &'a Shared<'a>,
    request: Request,
    /// The generation that is wanted, once the host has told it: its number, and what it wants.
    stored: Option<(u32, Desired)>,
    /// The generation is not chosen anew, whatever others do to the host meanwhile.
    chosen: bool,
    /// The generation is the live one, where a change is on probation that is not committed yet.
    goes_back: bool,
}

impl<'a> Look<'a> {
    /// Finds out what to ask, as far as that is known here.
    ///
    /// # Errors
    /// When what is wanted cannot be rendered.
    pub fn new(wanted: &'a Wanted, shared: &'a Shared<'a>) -> Result<Self> {
        let request = match &wanted.origin {
            Origin::Inventory(target) => request(target, shared)?,
            Origin::Generation(..) | Origin::Purge(..) => Request::default(),
        };
        Ok(Self { wanted, shared, request, stored: None, chosen: false, goes_back: false })
    }

    /// Asks the host for everything that a plan needs.
    ///
    /// # Errors
    /// When the connection breaks, the host's answer is not understood, or it has no generation that was asked for.
    pub async fn facts(&mut self, session: &Session) -> Result<Facts> {
        match &self.wanted.origin {
            Origin::Generation(project, to) if !self.chosen => self.choose(project, *to, session).await?,
            Origin::Purge(project, _) => self.take_live(project, session).await?,
            Origin::Generation(..) | Origin::Inventory(_) => {}
        }
        let request = &self.request;
        let facts = answer(session, &request.script(), |report| probe::parse(report, &request.unit_names())).await?;
        // A run that was cut is settled before, and may turn out to be live. One that is at work must not change the
        // goal: if it is a rollback as well, the generation before the live one will be another.
        self.chosen = facts.at_work.as_ref().is_none_or(|at_work| at_work.running);
        Ok(facts)
    }

    /// Asks the host for the generation that is wanted.
    async fn choose(&mut self, project: &ProjectName, to: Option<u32>, session: &Session) -> Result<()> {
        let history = answer(session, HISTORY, History::parse).await?;
        let generation = history.choose(project, to)?;
        self.goes_back = history.way_back(generation) == WayBack::Live;
        let stored = answer(session, &stored_script(Which::Number(generation.number)), parse_stored).await?;
        let stored = stored.with_context(|| format!("generation {} is gone", generation.number))?;
        let desired = stored.open(self.wanted.host.as_str(), self.shared.environment)?;
        let record = generation.record.as_ref().ok();
        let began = record.and_then(|record| record.began);
        let by = record.map(|record| record.person().to_owned());
        let note = Note::BackTo { generation: generation.number, began, by };
        (self.shared.emit)(Event { host: self.wanted.host.clone(), kind: EventKind::Note(note) });
        self.want(generation.number, desired);
        Ok(())
    }

    /// Asks the host for the generation that is live.
    async fn take_live(&mut self, project: &ProjectName, session: &Session) -> Result<()> {
        let stored = answer(session, &stored_script(Which::Live(project)), parse_stored).await?;
        let stored = stored.context("no generation is live on this host")?;
        let number = stored.number;
        // The host has every secret of it.
        self.want(number, stored.open(self.wanted.host.as_str(), &|_| None)?);
        Ok(())
    }

    fn want(&mut self, number: u32, desired: Desired) {
        mask::learn_desired(&desired);
        self.request = Request { welcome: true, ..Request::default() };
        cover(&desired, &mut self.request);
        self.stored = Some((number, desired));
    }

    /// The plan that makes of the host that `facts` describe what is wanted.
    ///
    /// # Errors
    /// When the host has something that stands in the way, or nothing of what is to go.
    pub fn plan(&self, desired: &Desired, facts: &Facts) -> Result<Plan, Fault> {
        match &self.wanted.origin {
            Origin::Inventory(_) | Origin::Generation(..) => plan::plan(desired, facts),
            Origin::Purge(_, app) => plan::purge(desired, facts, app.as_ref()),
        }
    }

    /// Everything that should be on the host that `facts` describe, and what the host is too old for.
    ///
    /// # Errors
    /// When what is wanted cannot be had on what the host is made of.
    pub fn desired(&self, facts: &Facts) -> Result<(Desired, Vec<String>)> {
        match &self.wanted.origin {
            Origin::Inventory(target) => desired(target, self.shared, &facts.platform()),
            Origin::Generation(..) | Origin::Purge(..) => {
                let (_, desired) = self.stored.as_ref().context("the host was not asked for its generations")?;
                Ok((desired.clone(), vec![]))
            }
        }
    }

    /// What a change on probation started from is wanted: the host knows the way.
    #[must_use]
    pub fn goes_back(&self, facts: &Facts) -> bool {
        self.goes_back && facts.on_probation()
    }

    /// What the host's history says that the run was for.
    #[must_use]
    pub fn goal(&self) -> String {
        match &self.wanted.origin {
            Origin::Inventory(_) => "up".to_owned(),
            Origin::Purge(_, app) => app.as_ref().map_or("purge".to_owned(), |app| format!("purge of {app}")),
            Origin::Generation(..) => {
                self.stored.as_ref().map_or_else(String::new, |(number, _)| format!("rollback to {number}"))
            }
        }
    }
}

/// What a host is made of is not known before the look, so the look covers what each init would need. Versions change
/// what files hold, and not which there are.
fn request(target: &Target, shared: &Shared<'_>) -> Result<Request> {
    let mut request = Request { welcome: true, ..Request::default() };
    for init in [Init::Upstart, Init::Systemd] {
        let desired = match (desired(target, shared, &Platform::newest(init)), init) {
            (Ok((desired, _)), _) => desired,
            // Upstart cannot do all that systemd can; should the host run it after all, it is refused after the look.
            (Err(_), Init::Upstart) => continue,
            (Err(error), Init::Systemd) => return Err(error),
        };
        cover(&desired, &mut request);
    }
    let runtimes = runtime::ALL.iter().flat_map(|runtime| runtime.debian.names());
    let names = runtimes.chain(["systemd", "upstart", "python3-pip", "python3-setuptools"]);
    request.packages.extend(names.map(str::to_owned));
    Ok(request)
}

/// Asks for everything that `desired` is compared with.
pub fn cover(desired: &Desired, request: &mut Request) {
    let services = desired.services.iter().map(|service| service.name.clone());
    match desired.init {
        Init::Systemd => {
            request.units.extend(services);
            request.units.insert(layout::nginx(desired.init).to_owned());
        }
        Init::Upstart => {
            request.jobs.extend(services);
            request.jobs.insert(layout::nginx(desired.init).to_owned());
        }
    }
    request.packages.extend(desired.packages.iter().map(ToString::to_string));
    request.packages.extend(["nginx".to_owned(), "python3".to_owned()]);
    request.users.extend(desired.users.iter().map(|user| user.name.to_string()));
    for file in &desired.files {
        request.paths.insert(file.path.to_string());
    }
    let directories = desired.directories.iter().map(|directory| directory.path.to_string());
    let links = desired.links.iter().map(|link| link.path.to_string());
    let current = desired.apps.iter().map(|app| layout::CURRENT.of(&app.app.name).to_string());
    let folders = desired.foreign_folders.iter().map(ToString::to_string);
    let read = desired.services.iter().flat_map(|service| service.restart_paths.union(&service.reload_paths));
    let read = read.map(ToString::to_string);
    for path in directories.chain(links).chain(current).chain(folders).chain(read) {
        request.paths.insert(path);
    }
    request.logs.extend(desired.apps.iter().flat_map(|app| &app.app.logs).map(ToString::to_string));
    request.apps.extend(desired.apps.iter().map(|app| app.app.name.to_string()));
}

/// What `target` asks of a host that is made of `platform`, and what that is too old for.
fn desired(target: &Target, shared: &Shared<'_>, platform: &Platform) -> Result<(Desired, Vec<String>)> {
    let mut rendered = render::render(target, platform, shared.engine)?;
    let downgrades = std::mem::take(&mut rendered.downgrades);
    Ok((Desired::compose(target, rendered, shared.sources, platform)?, downgrades))
}
