//! The two states between which hosts go back and forth. They differ in every kind of thing that a change can change,
//! so that there is a point at each of them; and a sick one beside each, which a host refuses after its switch.

use super::inventory::{APP, Inventory};
use super::project::Project;

/// The paths that are asked for all the time, each answered by something else.
pub const PATHS: [&str; 4] = ["/", "/red/", "/green/", "/static/mark.txt"];

/// What a host is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// With everything that the small state lacks: an app with its user, folders and units, a site, a log.
    pub large: bool,
    /// Its new release answers 500 when its site is asked how it does.
    pub sick: bool,
}

pub const SMALL: State = State { large: false, sick: false };
pub const LARGE: State = State { large: true, sick: false };

/// What a host has as pid 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    Systemd,
    /// Apps listen by themselves, so that a restart refuses connections for a moment: nothing here takes one.
    Upstart,
}

impl State {
    /// The other one.
    pub fn other(self) -> Self {
        if self.large { SMALL } else { LARGE }
    }

    /// The same with a release that is not well.
    pub fn sick(self) -> Self {
        Self { sick: true, ..self }
    }

    pub fn name(self) -> &'static str {
        if self.large { "large" } else { "small" }
    }

    fn release(self) -> String {
        format!("{}{}", if self.sick { "sick " } else { "" }, self.name())
    }

    /// Makes it the code and the inventory of a project.
    pub fn write(self, project: &Project, init: Init) {
        let (name, release) = (self.name(), self.release());
        let code = |release: &str, health: &str| {
            let text = include_str!("fixtures/app.py").replace("\"one\"", &format!("\"{release}\""));
            text.replace("HEALTH = \"200 OK\"", &format!("HEALTH = \"{health}\""))
        };
        project.write("blue/app.py", &code(&release, if self.sick { "500 Not Well" } else { "200 OK" }));
        project.write("blue/static/mark.txt", &release);
        project.write("other/app.py", &code("always", "200 OK"));
        project.write("templates/note", "{{ vars.note }}\n");

        let app = APP.replace("path: code", "path: other");
        let pick = |small: &'static str, large: &'static str| if self.large { large } else { small };
        // A new release and settings, which a reload brings in, and in the large state a log with its folder and
        // rotation.
        let blue = format!(
            "{}, bind: 127.0.0.1:5001, workers: 1, threads: {}, keep_releases: 1, health: {{ path: /health, timeout: \
             {} }}{}",
            APP.replace("path: code", "path: blue"),
            pick("1", "2"),
            if self.sick { "1s" } else { "10s" },
            pick("", ", log: { access: /var/log/blue/access.log }"),
        );
        // An environment, with something in it that takes a restart.
        let zone = if init == Init::Systemd { pick("Europe/Berlin", "UTC") } else { "UTC" };
        let red = format!("{app}, bind: 127.0.0.1:5002, workers: 1, env: {{ GREETING: {name}, TZ: {zone} }}");
        let front = format!(
            "headers: {{ X-Mark: {name} }}, routes: {{ /: {{ app: blue }}, /red/: {{ app: red }}, /static/: {{ app: \
             blue, files: static }}{} }}",
            pick("", ", /green/: { app: green }")
        );
        let note = "files: [{ template: note, destination: /usr/local/share/note, reload: [unit:cron] }]";
        let mut inventory = Inventory::default().top(&format!("vars: {{ note: {name} }}")).top(note);
        inventory = inventory.app("blue", &blue).app("red", &red).site("front", &front);
        if self.large {
            let bind = if init == Init::Systemd { "\"unix:/run/green/green.sock\"" } else { "127.0.0.1:5003" };
            let green = format!("{app}, bind: {bind}, workers: 1");
            inventory = inventory.app("green", &green).site("back", "listen: [8080], routes: { /: { app: green } }");
        }
        project.inventory(&inventory);
    }

    /// What is answered to a path behind the site of this state while the apps are in that one: the site's mark and the
    /// body. The site and the apps change one after the other.
    pub fn answer(self, apps: Self, path: &str) -> (&'static str, String) {
        let (name, release) = (apps.name(), apps.release());
        let threads = if apps.large { "many threads" } else { "one thread" };
        let body = match path {
            "/static/mark.txt" => release,
            "/red/" => format!("red; always; {name}; one thread; {path}"),
            "/green/" if self.large => format!("green; always; none; one thread; {path}"),
            _ => format!("blue; {release}; none; {threads}; {path}"),
        };
        (self.name(), body)
    }
}
