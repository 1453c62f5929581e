//! Code from git servers, the other ways to install and to listen, and what the model has no word for.

use std::io::{BufRead as _, BufReader};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::inventory::Inventory;
use super::lab::say;
use super::processes::{Act, Processes};
use super::project::{Project, fixture};

const PORT: u16 = 9418;

#[test]
fn code_comes_from_git_and_apps_install_and_listen_in_every_way() {
    let Some(project) = Project::open(&["source-01"]) else { return };
    let host = project.host();
    let repository = Repository { folder: &project.path("git/app") };
    let pinned = repository.create();
    let server = Server::start(&project.path("git"), host.controller());
    let git = format!("git: 'git://{}:{PORT}/app'", host.controller());
    let inventory = Inventory::default()
        .top("vars: { banner: the first banner }")
        .top("packages: [curl]")
        .top(
            "files: [{ template: banner.conf, destination: /etc/nginx/conf.d/banner.conf, mode: '0640', reload: \
             [nginx] }]",
        )
        .app(
            "tip",
            &format!("source: {{ {git}, ref: main }}, wsgi: app:app, bind: 0.0.0.0:5001, python: {{ install: venv }}"),
        )
        .app(
            "twin",
            &format!(
                "source: {{ {git}, ref: main }}, wsgi: app:app, bind: 'unix:/run/twin.sock', python: {{ install: apt }}"
            ),
        )
        .app(
            "pinned",
            &format!(
                "source: {{ {git}, ref: {pinned} }}, wsgi: app:app, bind: 0.0.0.0:5003, python: {{ install: apt }}"
            ),
        )
        .site("front", "routes: { /: { app: tip }, /twin/: { app: twin }, /pinned/: { app: pinned } }");
    project.write(
        "templates/banner.conf",
        "# A server of its own.\nserver { listen 81; return 200 '{{ vars.banner }}'; }\n",
    );
    let first = project.inventory(&inventory).up(&[]).exits(0);
    for (path, user) in [("/", "tip"), ("/twin/", "twin"), ("/pinned/", "pinned")] {
        host.get(path).says(&format!("{user} runs release one"));
    }
    host.get_from(81, "/").says("the first banner");
    assert_eq!(host.bash("stat -c %a /etc/nginx/conf.d/banner.conf"), "640");
    host.bash("command -v curl");
    assert_eq!(
        host.bash("stat -c '%U:%G %a' /run/twin.sock"),
        "twin:www-data 660",
        "Nginx and the app alone may connect"
    );
    assert_eq!(host.bash("ps -o args= --ppid 1 | grep -c '^/srv/tip/current/venv/bin/python3'"), "1");
    say(&format!("git, venv, apt, unix socket, template: first up in {:.1} s", first.took.as_secs_f64()));

    server.forget();
    project.check(&[]).exits(0);
    assert_eq!(server.requests(), 1, "a branch that two apps share is asked for once, a commit never");

    let before = Processes::of(host);
    repository.commit("two");
    project.check(&[]).exits(2).shows("release tip").shows("release twin").hides("release pinned");
    project.up(&[]).exits(0);
    host.get("/").says("tip runs release two");
    host.get("/twin/").says("twin runs release two");
    host.get("/pinned/").says("pinned runs release one");
    // A virtual environment belongs to its release, and the master runs in it.
    Processes::of(host).only(&before, &[("tip", Act::Restart), ("twin", Act::Reload)], "a new commit");
    project.check(&[]).exits(0);

    let before = Processes::of(host);
    project.edit("the first banner", "another banner");
    project.check(&["--diff"]).exits(2).shows("-server { listen 81; return 200 'the first banner'; }");
    project.up(&[]).exits(0).shows("reload nginx.service");
    host.get_from(81, "/").says("another banner");
    Processes::of(host).only(&before, &[("nginx", Act::Reload)], "a changed template");
    project.check(&[]).exits(0);
}

/// A repository of the fixture's code.
struct Repository<'a> {
    folder: &'a Path,
}

impl Repository<'_> {
    /// Makes it, and returns its first commit.
    fn create(&self) -> String {
        std::fs::create_dir_all(self.folder).expect("a folder");
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.commit("one")
    }

    fn commit(&self, release: &str) -> String {
        std::fs::write(self.folder.join("app.py"), fixture(release)).expect("the code can be written");
        self.git(&["add", "app.py"]);
        self.git(&["-c", "user.name=e2e", "-c", "user.email=e2e@localhost", "commit", "--quiet", "-m", release]);
        self.git(&["rev-parse", "HEAD"])
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").arg("-C").arg(self.folder).args(arguments).output().expect("git runs");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// A git server on the sandbox's bridge, gone when dropped.
struct Server {
    process: Child,
    log: Receiver<String>,
}

impl Server {
    fn start(folder: &Path, address: IpAddr) -> Self {
        // `git daemon` would start this as a child, which outlives it.
        let programs = Command::new("git").arg("--exec-path").output().expect("git runs");
        let programs = String::from_utf8_lossy(&programs.stdout).trim().to_owned();
        let mut command = Command::new(Path::new(&programs).join("git-daemon"));
        command.args(["--verbose", "--export-all", "--reuseaddr"]).arg(format!("--listen={address}"));
        command.arg(format!("--port={PORT}")).arg(format!("--base-path={}", folder.display())).arg(folder);
        let mut process = command.stderr(Stdio::piped()).spawn().expect("git runs");
        let (sender, log) = mpsc::channel();
        let stderr = process.stderr.take().expect("it is piped");
        thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)))
        });
        let server = Self { process, log };
        let ready = server.log.recv_timeout(Duration::from_secs(10)).expect("the git server starts");
        assert!(ready.contains("Ready"), "{ready}");
        server
    }

    /// How many requests there were since the last look.
    fn requests(&self) -> usize {
        self.log.try_iter().filter(|line| line.contains("Request upload-pack")).count()
    }

    fn forget(&self) {
        self.requests();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
