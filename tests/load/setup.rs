//! What the host under load is to be: two apps behind one site, and everything about them that changes.

use super::inventory::{APP, Inventory};
use super::project::Project;

/// A path of each app; the second one is not the first one's.
pub const PATHS: [&str; 2] = ["/", "/green/"];
const APPS: [&str; 2] = ["blue", "green"];

/// One state of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Tells apart what a change makes: no two releases are the same.
    pub release: u32,
    pub timeout: u32,
    /// Of blue; green always has some.
    pub threads: u32,
    pub workers: u32,
    pub graceful_timeout: u32,
    pub greeting: u32,
    pub mark: u32,
}

impl Default for Setup {
    fn default() -> Self {
        Self { release: 1, timeout: 30, threads: 1, workers: 2, graceful_timeout: 20, greeting: 1, mark: 1 }
    }
}

impl Setup {
    /// Makes it the code and the inventory of a project.
    pub fn write(&self, project: &Project) {
        let Self { release, timeout, threads, workers, graceful_timeout, greeting, mark } = self;
        project.code(&format!("r{release}"));
        let app = |port: u16, threads: u32| {
            format!(
                "{APP}, bind: 127.0.0.1:{port}, workers: {workers}, threads: {threads}, timeout: {timeout}s, \
                 graceful_timeout: {graceful_timeout}s, env: {{ GREETING: g{greeting} }}"
            )
        };
        let site = format!(
            "headers: {{ X-Mark: m{mark} }}, routes: {{ {}: {{ app: {} }}, {}: {{ app: {} }} }}",
            PATHS[0], APPS[0], PATHS[1], APPS[1]
        );
        let inventory = Inventory::default().app(APPS[0], &app(5001, *threads)).app(APPS[1], &app(5002, 2));
        project.inventory(&inventory.site("front", &site));
    }

    /// The header that the site adds to every answer.
    pub fn mark(&self) -> String {
        format!("m{}", self.mark)
    }

    /// What the app behind a path answers.
    pub fn body(&self, path: usize) -> String {
        let Self { release, greeting, .. } = self;
        format!("{} runs release r{release}\ngreeting: g{greeting}\npath: {}", APPS[path], PATHS[path])
    }
}
