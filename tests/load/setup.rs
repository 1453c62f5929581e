//! What the host under load is to be: two apps behind one site, and everything about them that changes.

use super::inventory::{APP, Inventory};
use super::project::{Project, fixture};

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
    /// Of blue: its Python packages lie in its release.
    pub venv: bool,
    /// Settings and environment are blue's alone; green keeps those of the beginning.
    pub alone: bool,
    /// New releases are rehearsed, and the site has a name.
    pub guarded: bool,
    /// The code answers long requests, too.
    pub long: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            release: 1,
            timeout: 30,
            threads: 1,
            workers: 2,
            graceful_timeout: 20,
            greeting: 1,
            mark: 1,
            venv: false,
            alone: false,
            guarded: false,
            long: false,
        }
    }
}

/// Answers a request for a quarter of a minute, piece by piece, and tells the size of what was sent to it.
const LONG: &str = "    if environ[\"PATH_INFO\"] == \"/stream\":
        start_response(\"200 OK\", [(\"Content-Type\", \"text/plain\")])
        import time
        return (time.sleep(0.25) or b\"%d\\n\" % number for number in range(60))
    if environ[\"REQUEST_METHOD\"] == \"POST\":
        size = len(environ[\"wsgi.input\"].read())
        start_response(\"200 OK\", [(\"Content-Type\", \"text/plain\")])
        return [b\"%d\\n\" % size]
    start_response(\"200 OK\"";

impl Setup {
    /// Makes it the code and the inventory of a project.
    pub fn write(&self, project: &Project) {
        let Self { release, mark, .. } = self;
        let code = fixture(&format!("r{release}"));
        let code = if self.long { code.replace("    start_response(\"200 OK\"", LONG) } else { code };
        project.write("code/app.py", &code);
        let app = |port: u16, now: &Self, threads: u32| {
            let Self { timeout, workers, graceful_timeout, greeting, .. } = now;
            let app = if now.venv { APP.replace("install: apt", "install: venv") } else { APP.to_owned() };
            let guard = if now.guarded { ", health: { path: /, timeout: 3s, rehearse: { requests: 20 } }" } else { "" };
            format!(
                "{app}, bind: 127.0.0.1:{port}, workers: {workers}, threads: {threads}, timeout: {timeout}s, \
                 graceful_timeout: {graceful_timeout}s, env: {{ GREETING: g{greeting} }}{guard}"
            )
        };
        let name = if self.guarded { "server_names: [shop.example], default: true, " } else { "" };
        let site = format!(
            "{name}headers: {{ X-Mark: m{mark} }}, routes: {{ {}: {{ app: {} }}, {}: {{ app: {} }} }}",
            PATHS[0], APPS[0], PATHS[1], APPS[1]
        );
        let inventory = Inventory::default().app(APPS[0], &app(5001, self, self.threads));
        let inventory = inventory.app(APPS[1], &app(5002, &self.of_green(), 2));
        project.inventory(&inventory.site("front", &site));
    }

    /// The header that the site adds to every answer.
    pub fn mark(&self) -> String {
        format!("m{}", self.mark)
    }

    /// What the app behind a path answers.
    pub fn body(&self, path: usize) -> String {
        let of_green = self.of_green();
        let Self { release, greeting, .. } = if path == 0 { self } else { &of_green };
        format!("{} runs release r{release}\ngreeting: g{greeting}\npath: {}", APPS[path], PATHS[path])
    }

    fn of_green(&self) -> Self {
        let Self { release, alone, .. } = *self;
        if alone { Self { release, alone, workers: self.workers, ..Self::default() } } else { self.clone() }
    }
}
