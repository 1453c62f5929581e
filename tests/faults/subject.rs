//! A host on which trials are made, and what it looks like when nothing disturbs it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use std::{fs, thread};

use super::case::Point;
use super::inside::Inside;
use super::listing::Listing;
use super::project::Project;
use super::skip;
use super::state::{Init, LARGE, SMALL, State};

/// How long a host may take to come to rest by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// A host that stands in one of the two states.
pub struct Subject {
    pub project: Project,
    pub init: Init,
    pub inside: Inside,
    pub state: State,
    small: Known,
    large: Known,
}

/// One state, from runs that nothing disturbed.
#[derive(Clone)]
struct Known {
    /// When a run has made it.
    whole: Listing,
    /// As it is when the next run begins: with a folder that needs mending.
    before: Listing,
    /// The points of the change to the other state.
    points: Vec<Point>,
}

impl Subject {
    /// Boots a host and learns both states. `None` where hosts cannot be booted.
    pub fn open(name: &str, init: Init) -> Option<Self> {
        let mut project = match init {
            Init::Systemd => Project::open(&[name])?,
            Init::Upstart => Project::open(&[])?,
        };
        if init == Init::Upstart
            && let Err(error) = project.boot_upstart(name)
        {
            skip::skip(&format!("xenial: {error:#}"));
            return None;
        }
        project.agree();
        let inside = Inside::of(project.host());
        let up = |state: State| {
            state.write(&project, init);
            project.up(&[]).exits(0);
        };
        up(LARGE);
        // What a first boot does to files is not a change's doing.
        project.switch_off(0);
        project.switch_on(0);
        let learn = |state: State| {
            up(state);
            wait_for_rest(&inside).expect("an undisturbed run ends");
            let whole = Listing::of(&inside).expect("a listing");
            prepare(&inside).expect("it can be prepared");
            let before = Listing::of(&inside).expect("a listing");
            Known { whole, before, points: points(&project, state.other(), init) }
        };
        let small = learn(SMALL);
        let large = learn(LARGE);
        Some(Self { project, init, inside, state: LARGE, small, large })
    }

    fn known(&self, state: State) -> &Known {
        if state.large { &self.large } else { &self.small }
    }

    /// Makes the host the other state without disturbance.
    pub fn flip(&mut self) {
        forget_logs(&self.inside).expect("they can be removed");
        self.state = self.state.other();
        self.state.write(&self.project, self.init);
        self.project.up(&[]).exits(0);
    }

    /// Makes the code and the inventory of a state those of the project.
    pub fn write(&self, state: State) {
        state.write(&self.project, self.init);
    }

    /// The points of the change from one state to the other.
    pub fn points(&self, from: State) -> &[Point] {
        &self.known(from).points
    }

    /// Brings the host to where a trial begins, which is exactly what is known of it.
    pub fn prepare(&self) -> Result<(), String> {
        prepare(&self.inside)?;
        let differences = Listing::of(&self.inside)?.differences(&self.known(self.state).before);
        if differences.is_empty() { Ok(()) } else { Err(format!("it does not begin as it should: {differences:#?}")) }
    }

    /// In which ways the host is not as it was when the trial began.
    pub fn differs_from_before(&self) -> Result<Vec<String>, String> {
        let listing = Listing::of(&self.inside)?;
        let mut differences = listing.differences(&self.known(self.state).before);
        differences.extend(listing.spare.keys().map(|folder| format!("{folder} was left behind")));
        Ok(differences)
    }

    /// In which ways the host is not as a run to `state` makes it.
    pub fn differs_from(&self, state: State) -> Result<Vec<String>, String> {
        let listing = Listing::of(&self.inside)?;
        let mut differences = listing.differences(&self.known(state).whole);
        // A former release may stay for as long as a worker is in it, but it must be whole.
        let known: BTreeMap<_, _> =
            [&self.small, &self.large].into_iter().flat_map(|known| &known.whole.live).collect();
        for (folder, lines) in &listing.spare {
            if known.get(folder) != Some(&lines) {
                differences.push(format!("{folder} is no former release"));
            }
        }
        Ok(differences)
    }
}

/// The points at which the change to `state` can be cut, as the program lists them.
fn points(project: &Project, state: State, init: Init) -> Vec<Point> {
    state.write(project, init);
    let run = project.up(&["--list-points"]);
    let point = |line: &str| {
        let mut fields = line.split('\t').skip_while(|field| *field != "point").skip(1);
        Some(Point { key: fields.next()?.to_owned(), title: fields.next()?.to_owned() })
    };
    run.text.lines().filter_map(point).collect()
}

/// Without the logs of a state that keeps them, the change to it has all of its points.
pub fn forget_logs(inside: &Inside) -> Result<(), String> {
    inside.bash(include_str!("scripts/logs.sh")).map(drop)
}

fn prepare(inside: &Inside) -> Result<(), String> {
    forget_logs(inside)?;
    inside.bash(include_str!("scripts/prepare.sh")).map(drop)
}

/// Waits until nothing of a transaction is at work or lies about.
pub fn wait_for_rest(inside: &Inside) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let there = |name: &str| inside.path(&format!("/var/lib/provision/{name}")).exists();
        let left: Vec<&str> =
            ["transaction", "transaction.closed", "incoming"].into_iter().filter(|name| there(name)).collect();
        let (at_work, door) = (inside.transaction().is_some(), inside.door().is_some());
        if left.is_empty() && !at_work && !door {
            let manager = inside.bash(include_str!("scripts/manager.sh"))?;
            if manager == "at rest" {
                return Ok(());
            }
        }
        if Instant::now() > deadline {
            let log = inside.bash("tail -n 40 \"$(ls -d /var/lib/provision/generations/* | sort -V | tail -n 1)/log\"");
            return Err(format!(
                "no rest after {} seconds: left {left:?}, transaction at work: {at_work}, door open: {door}\n{}",
                PATIENCE.as_secs(),
                log.unwrap_or_else(|error| error)
            ));
        }
        thread::sleep(Duration::from_millis(25));
    }
}

/// What the last attempt reported, without the texts of what failed.
pub fn log(inside: &Inside) -> String {
    let last = inside.path("/var/lib/provision/last");
    let Ok(to) = fs::read_link(last) else { return String::new() };
    fs::read_to_string(inside.path("/var/lib/provision").join(to).join("log")).unwrap_or_default()
}
