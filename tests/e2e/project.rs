//! A folder with an inventory and code, the hosts that it is for, and the built program run in it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::host::Host;
use super::inventory::{Inventory, ssh};
use super::lab::Lab;
use super::run::{Run, Running};

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// A folder with an inventory and code, and hosts that go with it.
pub struct Project {
    hosts: Vec<Host>,
    folder: TempDir,
    environment: Vec<(String, String)>,
    lab: Arc<Lab>,
}

impl Project {
    /// Boots hosts; the first is the one that most tests need alone. `None` where hosts cannot be booted.
    pub fn open(names: &[&str]) -> Option<Self> {
        let lab = Lab::open()?;
        let names: Vec<_> = names.iter().map(|name| name.parse().expect("a host name")).collect();
        let mut project = Self { hosts: vec![], folder: TempDir::new().expect("a folder"), environment: vec![], lab };
        fs::create_dir(project.path("run")).expect("a folder");
        project.hosts = project.lab.up(&names).into_iter().map(Host::new).collect();
        project.code("one");
        Some(project)
    }

    /// Boots a host of each release. `None` where hosts cannot be booted.
    pub fn open_on(suites: &[(&str, &str)]) -> Option<Self> {
        let mut project = Self::open(&[])?;
        for (name, suite) in suites {
            project.boot(name, suite).unwrap_or_else(|error| panic!("{suite}: {error:#}"));
        }
        Some(project)
    }

    /// Boots one more host, of that release.
    ///
    /// # Errors
    /// When no base of it can be had.
    pub fn boot(&mut self, name: &str, suite: &str) -> anyhow::Result<()> {
        let host = self.lab.up_on(suite, &name.parse().expect("a host name"))?;
        self.hosts.push(Host::new(host));
        Ok(())
    }

    /// Boots one more host, of Ubuntu 16.04 with Upstart as its init.
    ///
    /// # Errors
    /// When no base of it can be had.
    // The end-to-end tests themselves do without: its base takes a mirror.
    #[allow(dead_code)]
    pub fn boot_upstart(&mut self, name: &str) -> anyhow::Result<()> {
        self.boot(name, "xenial")?;
        let number = self.hosts.len() - 1;
        let install = "apt-get -q update && DEBIAN_FRONTEND=noninteractive \
                       apt-get -q install --yes --allow-remove-essential upstart-sysv";
        self.hosts[number].bash(install);
        self.switch_off(number);
        self.switch_on(number);
        let init = self.hosts[number].bash("/sbin/init --version | head -n 1");
        assert!(init.contains("upstart"), "{init}");
        Ok(())
    }

    /// All hosts.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.hosts[0]
    }

    /// Cuts the power of a host.
    pub fn switch_off(&self, number: usize) {
        self.lab.stop(&self.hosts[number].name);
    }

    /// Switches it on again, and waits until it is up.
    pub fn switch_on(&self, number: usize) {
        self.lab.up(std::slice::from_ref(&self.hosts[number].name));
    }

    /// The point just before the step of that title in the transaction of the present plan.
    #[track_caller]
    pub fn point(&self, title: &str) -> String {
        let run = self.up(&["--list-points"]);
        let points = run.text.lines().filter_map(|line| line.strip_prefix("point\t")?.split_once('\t'));
        let found = points.into_iter().find(|(_, of)| *of == title).map(|(key, _)| key.to_owned());
        found.unwrap_or_else(|| panic!("no step `{title}`:\n{}", run.text))
    }

    /// Lets `--sandbox` mean the sandbox that the hosts are in.
    pub fn use_sandbox(&mut self) {
        let environment = self.lab.environment();
        self.environment.extend(environment);
    }

    /// Sets a variable of the controller's environment.
    pub fn environment(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Agrees to whatever a change destroys, for tests that are about something else.
    pub fn agree(&mut self) {
        self.environment("PROVISION_ALLOW", "remove,user");
    }

    /// Sets no variable of that name any more.
    pub fn forget(&mut self, name: &str) {
        self.environment.retain(|(known, _)| known != name);
    }

    /// A path in the folder.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file into the folder.
    pub fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder around it")).expect("the folder can be made");
        fs::write(path, content).expect("the file can be written");
    }

    /// Puts the fixture's code in place, as that release.
    pub fn code(&self, release: &str) {
        self.write("code/app.py", &fixture(release));
    }

    /// Makes `inventory` the one that runs.
    pub fn inventory(&self, inventory: &Inventory) -> &Self {
        self.write("inventory.yml", &inventory.text(self.host()));
        self
    }

    /// Makes the repository's own example the inventory, with these hosts in place of its addresses.
    pub fn airbnb(&self) {
        let mut text = fs::read_to_string(Path::new(REPOSITORY).join("inventories/airbnb.yml")).expect("the example");
        let mut put = |what: &str, instead: &str| {
            assert!(text.contains(what), "the example has no `{what}`");
            text = text.replace(what, instead);
        };
        put("ssh: { user: ubuntu, become: true }", &ssh(self.host(), 0));
        put("../examples", &format!("{REPOSITORY}/examples"));
        for (host, address) in self.hosts.iter().zip(["203.0.113.10", "203.0.113.11"]) {
            put(address, &host.address.to_string());
        }
        self.write("inventory.yml", &text);
    }

    /// Replaces a piece of the inventory, which must be there.
    #[track_caller]
    pub fn edit(&self, what: &str, instead: &str) {
        let text = fs::read_to_string(self.path("inventory.yml")).expect("the inventory");
        assert!(text.contains(what), "the inventory has no `{what}`");
        self.write("inventory.yml", &text.replace(what, instead));
    }

    /// Runs `provision up` with further arguments.
    pub fn up(&self, arguments: &[&str]) -> Run {
        self.run(&[&["up"], arguments].concat())
    }

    /// Runs `provision check` with further arguments.
    pub fn check(&self, arguments: &[&str]) -> Run {
        self.run(&[&["check"], arguments].concat())
    }

    /// Runs `provision`.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).wait()
    }

    /// Runs `provision` on a terminal, where somebody has typed `typed`.
    pub fn run_on_a_terminal(&self, arguments: &[&str], typed: &str) -> Run {
        self.write("typed", typed);
        let line = [&[env!("CARGO_BIN_EXE_provision")], arguments].concat().join(" ");
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        command.stdin(fs::File::open(self.path("typed")).expect("what is typed"));
        self.start_as(command, arguments).wait()
    }

    /// Starts `provision`.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
        command.args(arguments).stdin(Stdio::null());
        self.start_as(command, arguments)
    }

    fn start_as(&self, mut command: Command, arguments: &[&str]) -> Running {
        command.current_dir(self.folder.path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PROVISION_")) {
            command.env_remove(name);
        }
        // No agent, and no connection that is shared with the user's own.
        command.env_remove("SSH_AUTH_SOCK").env("XDG_RUNTIME_DIR", self.path("run")).env("NO_COLOR", "1");
        command.env("XDG_STATE_HOME", self.path("run"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Running::start(command, &arguments.join(" "))
    }

    /// The control sockets of connections that stay open.
    pub fn open_connections(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("run/provision")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_none()).collect()
    }

    /// Ends connections that stay open.
    pub fn hang_up(&self) {
        for socket in self.open_connections() {
            let mut command = Command::new("ssh");
            command.arg("-S").arg(socket).args(["-O", "exit", "localhost"]).stdout(Stdio::null()).stderr(Stdio::null());
            let _ = command.status();
        }
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.hang_up();
        let names: Vec<_> = self.hosts.iter().map(|host| host.name.clone()).collect();
        self.lab.down(&names);
    }
}

/// The same code, but that its site answers 500 where it answered 200: healthy until it is live.
pub fn fails_behind_nginx(code: &str) -> String {
    code.replace("\"200 OK\"", "\"500 Internal Server Error\" if \"HTTP_X_REAL_IP\" in environ else \"200 OK\"")
}

/// The fixture's code as that release.
pub fn fixture(release: &str) -> String {
    include_str!("fixtures/app.py").replace("\"one\"", &format!("\"{release}\""))
}
