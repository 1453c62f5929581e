//! What commands have in common: select hosts, pin sources, work on all of them, show the recap; or ask each something.

use std::time::Duration;

use anyhow::{Context, Result};
use futures::StreamExt as _;
use provision::apply::Options;
use provision::event::Event;
use provision::fault::{self, Kind};
use provision::model::{HostName, Target};
use provision::report::{self, Detail, data};
use provision::run::{Access, Ask, Consent, Goal, InventoryText, Shared, Wanted, fleet};
use provision::source::Sources;
use provision::template::Engine;

use super::consent::{User, allowed};
use super::exit::{Ended, Exit};
use super::places::Place;
use crate::cli::{ChangeArgs, ConnectionArgs, InventoryArgs, LockArgs, OutputArgs, SelectionArgs};
use crate::settings::{self, Loaded};

/// Hosts to work on; `None` when they were only to be listed.
pub fn select(loaded: &Loaded, selection: &SelectionArgs, connection: &ConnectionArgs) -> Result<Option<Vec<Target>>> {
    let mut targets = loaded.select(selection)?;
    if selection.list_hosts {
        for target in &targets {
            data(target.host.as_str());
        }
        return Ok(None);
    }
    for target in &mut targets {
        settings::connect_as(&mut target.connection, connection);
    }
    if connection.sandbox {
        let places = targets.iter_mut().map(|target| (&target.host, &mut target.connection));
        super::sandbox::stand_in(places, &connection.suite)?;
    }
    Ok(Some(targets))
}

/// What hosts are made of, beside what is wanted of each.
pub struct Given<'a> {
    /// Templates.
    pub engine: &'a Engine,
    /// Pinned code.
    pub sources: &'a Sources,
    /// The inventory, for the history of the hosts.
    pub inventory: InventoryText,
    /// How changes are made.
    pub change: Option<&'a ChangeArgs>,
}

/// Works on the selected hosts.
pub fn work(
    goal: Goal,
    selection: &SelectionArgs,
    inventory: &InventoryArgs,
    output: &OutputArgs,
    connection: &ConnectionArgs,
    change: Option<&ChangeArgs>,
) -> Result<Ended> {
    let loaded = Loaded::read(inventory)?;
    let Some(targets) = select(&loaded, selection, connection)? else {
        return Ok(Ended { outcomes: vec![], interrupted: false });
    };
    let sources = Sources::pin(targets.iter().flat_map(|target| &target.apps))?;
    let wanted: Vec<Wanted> = targets.into_iter().map(Wanted::from).collect();
    let given = Given { engine: &loaded.engine, sources: &sources, inventory: loaded.inventory.clone(), change };
    run(goal, &wanted, &given, output, connection)
}

/// Works on hosts, and shows the recap.
pub fn run(
    goal: Goal,
    wanted: &[Wanted],
    given: &Given<'_>,
    output: &OutputArgs,
    connection: &ConnectionArgs,
) -> Result<Ended> {
    let change = given.change;
    let at_once = settings::at_once(connection.forks, wanted.len());
    let names: Vec<HostName> = wanted.iter().map(|wanted| wanted.host.clone()).collect();
    let escalation = settings::escalation(connection)?;
    let report = report::report(&names, Detail { diff: output.diff, verbosity: output.verbose });
    let emit = |event: Event| report.borrow_mut().event(&event);
    let user = User { report: &report };
    let ask = if User::can_be_asked() { Some(&user as &dyn Ask) } else { None };
    let ended = runtime()?.block_on(async {
        let access = settings::access(escalation)?;
        let interrupt = access.interrupt.clone();
        let shared = Shared {
            engine: given.engine,
            sources: given.sources,
            access,
            who: settings::who(),
            inventory: given.inventory.clone(),
            options: change.map(options).unwrap_or_default(),
            lock_wait: change.map(|change| lock_wait(&change.lock)).unwrap_or_default(),
            end_probation: change.is_some_and(|change| change.end_probation),
            pause: change.and_then(|change| change.pause.clone()),
            environment: &settings::variable,
            consent: Consent { allowed: change.map(allowed).unwrap_or_default(), ask },
            emit: &emit,
        };
        let outcomes = fleet(wanted, goal, &shared, at_once).await;
        anyhow::Ok(Ended { outcomes, interrupted: interrupt.asked() })
    })?;
    report.borrow_mut().recap(&ended.outcomes);
    if ask.is_none()
        && let Some(lacking) = report::withheld(&ended.outcomes)
    {
        report::talk(&lacking);
    }
    Ok(ended)
}

/// How changes are made, by what the command line says.
pub fn options(change: &ChangeArgs) -> Options {
    let usual = Options::default();
    Options {
        watch: change.watch,
        rehearse: !change.no_rehearsal,
        package_lock: change.lock.lock_wait.unwrap_or(usual.package_lock),
    }
}

/// How long another run is waited for.
pub fn lock_wait(arguments: &LockArgs) -> Duration {
    arguments.lock_wait.unwrap_or_default()
}

/// The runtime that all connections of a run share.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("the runtime cannot be started")
}

/// Asks each of several hosts something, as many at once as was said, shows each answer in the order of `places`, and
/// returns the worst exit code.
pub fn ask_each<T>(
    places: &[Place],
    arguments: &ConnectionArgs,
    ask: impl AsyncFn(&Place, &Access) -> Result<T>,
    mut show: impl FnMut(&Place, T) -> Exit,
) -> Result<Exit> {
    let escalation = settings::escalation(arguments)?;
    let at_once = settings::at_once(arguments.forks, places.len());
    let answers = runtime()?.block_on(async {
        let access = settings::access(escalation)?;
        let answers = places.iter().map(|place| ask(place, &access));
        let answers = futures::stream::iter(answers).buffered(at_once);
        anyhow::Ok(answers.collect::<Vec<_>>().await)
    })?;
    let mut worst = Exit::Done;
    for (place, answer) in places.iter().zip(answers) {
        worst = worst.max(match answer {
            Ok(answer) => show(place, answer),
            Err(error) => failed(&place.host, error),
        });
    }
    Ok(worst)
}

/// Tells why a host could not be asked, or did not do what it was asked.
pub fn failed(host: &HostName, error: anyhow::Error) -> Exit {
    let exit = match fault::kind(&error) {
        Kind::Interrupted => {
            report::talk(&format!("interrupted: {host} has not answered yet"));
            return Exit::Interrupted;
        }
        Kind::Unreachable => Exit::Unreachable,
        Kind::Failed | Kind::Misuse | Kind::Excess => Exit::Failed,
    };
    report::talk(&report::error(&error.context(host.to_string())));
    exit
}
