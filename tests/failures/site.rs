//! A host that serves one site with one app, release after release.

use std::cell::Cell;

use super::failure::Failure;
use super::host::Host;
use super::inventory::{APP, Inventory};
use super::project::{Project, fixture};

/// A host that serves one site.
pub struct Site {
    pub project: Project,
    /// How many releases there were; the last one is what the inventory asks for.
    releases: Cell<u32>,
}

impl Site {
    /// Boots a host and makes it serve. `None` where hosts cannot be booted.
    pub fn open(name: &str) -> Option<Self> {
        Self::open_on(name, |_| {})
    }

    /// The same on a host that was prepared.
    pub fn open_on(name: &str, prepare: impl FnOnce(&Host)) -> Option<Self> {
        let mut project = Project::open(&[name])?;
        project.agree();
        prepare(project.host());
        let site = Self { project, releases: Cell::new(1) };
        site.inventory(&Self::usual());
        site.code(&site.body());
        site.project.up(&[]).exits(0);
        site.converged();
        Some(site)
    }

    /// The inventory that most failures need.
    pub fn usual() -> Inventory {
        Inventory::default()
            .app(
                "blue",
                &format!("{APP}, bind: 127.0.0.1:5001, health: {{ path: /, timeout: 5s }}, env: {{ LC_N: n1 }}"),
            )
            .site("front", "routes: { /: { app: blue } }")
    }

    pub fn inventory(&self, inventory: &Inventory) {
        self.project.inventory(inventory);
    }

    pub fn host(&self) -> &Host {
        self.project.host()
    }

    /// What the app answers.
    pub fn answer(&self) -> String {
        format!("release r{}", self.releases.get())
    }

    /// The code of the release that the inventory asks for.
    pub fn body(&self) -> String {
        fixture(&format!("r{}", self.releases.get()))
    }

    /// Puts code in place.
    pub fn code(&self, text: &str) {
        self.project.write("code/app.py", text);
    }

    /// Asks for another release, and tells what the app answered so far.
    pub fn next_release(&self) -> String {
        let before = self.answer();
        self.releases.set(self.releases.get() + 1);
        self.code(&self.body());
        before
    }

    /// Asks for another environment, for which the app has to restart.
    pub fn new_environment(&self) {
        let number = self.releases.get();
        let text = std::fs::read_to_string(self.project.path("inventory.yml")).expect("the inventory");
        let (_, rest) = text.split_once("N: n").expect("an environment");
        let (old, _) = rest.split_once(' ').expect("its end");
        self.project.edit(&format!("N: n{old} "), &format!("N: n{} ", number * 1000));
    }

    /// A failure on the way to another release.
    pub fn failure(&self, name: &'static str) -> Failure<'_> {
        Failure::begin(self, name)
    }

    /// Everything is as the inventory asks, and a second run has nothing to do.
    #[track_caller]
    pub fn converged(&self) {
        self.host().get("/").says(&self.answer());
        self.project.check(&[]).exits(0);
        self.project.up(&[]).exits(0).shows("changed=0");
        assert_eq!(self.host().bash(include_str!("scripts/remains.sh")), "", "something of a run was left behind");
    }

    /// A run may have something to do, and the one after it has not.
    #[track_caller]
    pub fn settles(&self, when: &str) {
        let run = self.project.up(&[]).exits(0);
        super::lab::say(&format!("  {when}: {:?}", run.plan()));
        self.converged();
    }

    /// Lets a run go on that stands still, on a host whose pid 1 does.
    pub fn resume_without_init(&self) {
        self.host().bash("touch /var/lib/provision/resume");
    }

    /// Everything that provision may have put on the host, with its content.
    pub fn listing(&self) -> String {
        self.host().bash(include_str!("scripts/listing.sh"))
    }
}
