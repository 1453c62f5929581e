//! A hostile tenant: an app that has the rights of its user puts something else wherever it can write, and root goes on
//! with its work. Every object in every place, at every kind of work.

use std::env;
use std::fmt;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::canary;
use super::host::until;
use super::inside::Inside;
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::object::{Object, Place};
use super::operation::Operation;
use super::project::{Project, fixture};
use super::rotation::Rotation;
use super::run::{Run, Running};
use super::snapshot::Snapshot;

/// A trial mostly waits: for workers that have to prove themselves, and for limits to pass. So few trials have two
/// hosts, and many have all of them: each takes half a minute to set up.
const HOSTS: [&str; 6] = ["hostile-01", "hostile-02", "hostile-03", "hostile-04", "hostile-05", "hostile-06"];

/// The normal tests make one trial in so many.
const TURNS: usize = 40;

/// Whatever takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(150);

/// Where work on this app writes.
const WEBS: [&str; 6] = [
    "/var/log/web",
    "/var/lib/webdata",
    "/srv/web",
    "/etc/provision/web",
    "/etc/systemd/system/provision-recovery.service",
    "/etc/systemd/system/sysinit.target.wants",
];

#[derive(Debug, Clone, Copy)]
struct Trial {
    object: Object,
    place: Place,
    operation: Operation,
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.object.name(), self.place.name(), self.operation.name())
    }
}

/// Every trial, those of one operation side by side.
fn trials() -> Vec<Trial> {
    let mut trials = vec![];
    for operation in Operation::ALL {
        for object in Object::ALL {
            trials.extend(Place::ALL.map(|place| Trial { object, place, operation }));
        }
    }
    trials
}

#[test]
fn a_tenant_gains_nothing_from_what_it_puts_where_root_works() {
    let rotation = Rotation::of("hostile tenant", TURNS);
    let chosen = trials().into_iter().enumerate().filter(|(number, trial)| rotation.has(*number, &trial.to_string()));
    run(chosen.map(|(_, trial)| trial).collect());
}

#[derive(Default)]
struct Tally {
    trials: usize,
    escapes: Vec<String>,
    leaks: Vec<String>,
    hangs: Vec<String>,
    wrong: Vec<String>,
}

/// Makes the trials, on as many hosts as there are.
fn run(trials: Vec<Trial>) {
    let (wanted, hosts) = (trials.len(), if trials.len() < 60 { 2 } else { HOSTS.len() });
    let (left, tally) = (Mutex::new(trials.into_iter()), Mutex::new(Tally::default()));
    thread::scope(|scope| {
        for name in &HOSTS[..hosts] {
            let (left, tally) = (&left, &tally);
            scope.spawn(move || {
                // Where hosts cannot be had, this has said so.
                let Some(mut tenant) = Tenant::open(name) else { return };
                loop {
                    let next = left.lock().expect("no thread has panicked").next();
                    let Some(trial) = next else { return };
                    tenant.try_out(trial, tally);
                }
            });
        }
    });
    let tally = tally.into_inner().expect("no thread has panicked");
    let Tally { trials, escapes, leaks, hangs, wrong } = tally;
    if trials == 0 {
        return;
    }
    assert_eq!(trials, wanted, "trials were not made");
    say(&format!(
        "hostile tenant: {trials} trials, escapes {}, leaks {}, hangs {}, wrong ends {}",
        escapes.len(),
        leaks.len(),
        hangs.len(),
        wrong.len()
    ));
    let bad = [escapes, leaks, hangs, wrong].concat();
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// A host with a hostile app and another one.
struct Tenant {
    project: Project,
    inside: Inside,
    release: u32,
    before: Snapshot,
}

impl Tenant {
    fn open(name: &str) -> Option<Self> {
        let mut project = Project::open(&[name])?;
        project.agree();
        project.environment("CANARY_OWN", canary::OWN);
        project.environment("CANARY_OTHER", canary::OTHER);
        let host = project.host();
        host.bash(canary::PLANT);
        let logs = "log: { access: /var/log/web/outer/inner/access.log, error: /var/log/web/outer/inner/error.log }";
        let web = format!(
            "{APP}, bind: 127.0.0.1:5001, workers: 1, timeout: 6s, graceful_timeout: 3s, health: {{ path: /, timeout: \
             5s }}, env: {{ N: n1, OWN: {{ from_env: CANARY_OWN }} }}, {logs}, hardening: {{ write: [/var/lib/webdata] \
             }}"
        );
        let other = APP.replace("path: code", "path: other");
        let api = format!("{other}, bind: 127.0.0.1:5002, workers: 1, env: {{ OTHER: {{ from_env: CANARY_OTHER }} }}");
        let site = "routes: { /: { app: web }, /api/: { app: api } }";
        project.inventory(&Inventory::default().persist(60).app("web", &web).app("api", &api).site("front", site));
        project.write("other/app.py", &fixture("other"));
        let mut tenant = Self { inside: Inside::of(project.host()), project, release: 1, before: Snapshot::default() };
        tenant.project.up(&[]).exits(0);
        tenant.project.host().bash("install --directory --owner=web --group=web /var/lib/webdata");
        tenant.next(Behaviour::Good);
        tenant.project.up(&[]).exits(0);
        tenant.before = Snapshot::of(&tenant.inside, &Snapshot::default());
        say(&format!("hostile tenant: {} paths of {name} are watched", tenant.before.len()));
        Some(tenant)
    }

    /// The code of another release.
    fn next(&mut self, behaviour: Behaviour) {
        self.release += 1;
        let body = fixture(&format!("r{}", self.release));
        self.project.write("code/app.py", &format!("{}{body}", behaviour.code()));
    }

    fn try_out(&mut self, trial: Trial, tally: &Mutex<Tally>) {
        let begin = Instant::now();
        let done = self.work(trial);
        let restored = self.restore(trial.place);
        let after = Snapshot::of(&self.inside, &self.before);
        let mut escapes = self.before.escapes(&after, &WEBS);
        escapes.extend(self.foreign_release());
        let mut leaks: Vec<String> = canary::leaks(&done.text).into_iter().map(ToOwned::to_owned).collect();
        leaks.extend(canary::kept(&self.inside));
        self.before = after;
        // The next run makes good whatever had to be refused.
        let mut wrong = vec![];
        if let Err(message) = restored {
            wrong.push(message);
        }
        if ![0, 2, 3, 7].contains(&done.code) && !done.hung {
            wrong.push(format!("exit code {}:\n{}", done.code, done.text));
        }
        if trial.operation.changes() {
            self.next(Behaviour::Good);
            // An app that has blocked itself, on a pipe in the place of its log, is only started anew by the run that
            // fails of it.
            let mut run = self.run(&["up"]);
            if run.code != 0 {
                run = self.run(&["up"]);
            }
            if run.code != 0 {
                wrong.push(format!("the next run does not converge, exit code {}:\n{}", run.code, run.text));
            }
            self.before = Snapshot::of(&self.inside, &self.before);
        }
        let bad = escapes.len() + leaks.len() + wrong.len() + usize::from(done.hung);
        let seconds = begin.elapsed().as_secs_f64();
        if bad > 0 || env::var_os("PROVISION_SHOW").is_some() {
            say(&format!("{trial:<44} {:>3}  {seconds:>5.1} s  {}", done.code, if bad > 0 { "BAD" } else { "good" }));
        }
        let mut tally = tally.lock().expect("no thread has panicked");
        let named = |list: Vec<String>| list.into_iter().map(|line| format!("{trial}: {line}")).collect::<Vec<_>>();
        tally.trials += 1;
        tally.escapes.extend(named(escapes));
        tally.leaks.extend(named(leaks));
        tally.wrong.extend(named(wrong));
        if done.hung {
            tally.hangs.push(format!("{trial}: no end within {} seconds", PATIENCE.as_secs()));
        }
    }

    fn work(&mut self, trial: Trial) -> Done {
        let operation = trial.operation;
        if operation.changes() {
            self.next(if operation == Operation::Undo { Behaviour::Dies } else { Behaviour::Good });
            // So that folders have to be mended.
            self.as_tenant("chmod 700 /var/log/web/outer /var/log/web/outer/inner");
        }
        if operation == Operation::Restart {
            let text = std::fs::read_to_string(self.project.path("inventory.yml")).expect("the inventory");
            let (start, rest) = text.split_once("N: n").expect("an environment");
            let (_, rest) = rest.split_once(',').expect("its end");
            self.project.write("inventory.yml", &format!("{start}N: n{},{rest}", self.release));
        }
        if !matches!(operation, Operation::Between | Operation::Boot) {
            self.put(trial);
        }
        let host = self.project.host().name.to_string();
        match operation {
            Operation::Up | Operation::Restart | Operation::Undo => self.run(&["up"]),
            Operation::Between => self.between(trial),
            Operation::Boot => self.boot(trial),
            Operation::Check => self.run(&["check", "--diff"]),
            Operation::Reload => self.run(&["reload", &host, "web"]),
            Operation::Rollback => self.run(&["rollback", &host]),
            Operation::Status => self.run(&["status"]),
            Operation::History => self.run(&["history", &host]),
            Operation::Logrotate => {
                let text = self.project.host().bash("timeout 60 logrotate --force /etc/logrotate.d/web 2>&1; echo $?");
                Done { code: 0, hung: text.ends_with("124"), text }
            }
        }
    }

    /// The object comes once everything has been looked at, and stays for the rest.
    fn between(&self, trial: Trial) -> Done {
        let point = self.point("begin the switch");
        let mut running = self.project.start(&["up", "--pause", &point]);
        running.until_it_says(&format!("paused at {point}"));
        self.put(trial);
        self.inside.resume();
        wait(running)
    }

    /// The power goes after the switch has begun, and the object lies there when the host boots.
    fn boot(&self, trial: Trial) -> Done {
        let point = self.point("make release web");
        let mut running = self.project.start(&["up", "--pause", &point]);
        running.until_it_says(&format!("paused at {point}"));
        self.put(trial);
        self.project.switch_off(0);
        running.kill();
        self.project.switch_on(0);
        until("the host to settle", || !self.inside.path("/var/lib/provision/transaction").exists());
        self.project.hang_up();
        Done { code: 0, hung: false, text: String::new() }
    }

    fn point(&self, title: &str) -> String {
        let run = self.project.up(&["--list-points"]);
        let mut points = run.text.lines().filter_map(|line| line.strip_prefix("point\t")?.split_once('\t'));
        points
            .find(|(_, what)| what.starts_with(title))
            .unwrap_or_else(|| panic!("no step `{title}`:\n{}", run.text))
            .0
            .to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Done {
        wait(self.project.start(arguments))
    }

    /// Runs Bash with the rights of the app's user, of which its unit leaves the app fewer.
    fn as_tenant(&self, script: &str) {
        self.project.host().put("/run/tenant.sh", script);
        self.project
            .host()
            .bash("chmod 644 /run/tenant.sh; cd /; runuser --user web -- bash /run/tenant.sh </dev/null 2>&1 || true");
    }

    fn put(&self, trial: Trial) {
        let (object, at) = (trial.object, trial.place.path());
        let script = format!(
            "at={at}\nrm -f /var/lib/webdata/stop\n[[ ! -e $at && ! -L $at ]] || mv -T \"$at\" \"$at.away\"\n{}\n",
            object.script()
        );
        if object.is_roots() {
            self.project.host().bash(&script);
        } else if object == Object::Race {
            self.project.host().put("/run/tenant.sh", &script);
            self.project.host().bash(
                "chmod 644 /run/tenant.sh; cd /; setsid runuser --user web -- bash /run/tenant.sh </dev/null \
                 >/dev/null 2>&1 & sleep 0.2",
            );
        } else {
            self.as_tenant(&script);
        }
    }

    /// Takes the object away, as its operator would, and puts back what was there.
    fn restore(&self, place: Place) -> Result<(), String> {
        let script = format!(
            "at={}
            touch /var/lib/webdata/stop
            pkill -KILL --uid web --full tenant.sh; pkill -KILL --uid web --full 'os.rename'
            cd /
            if [[ -e $at.away ]]; then
                rm -rf --one-file-system -- \"$at\" \"$at\".link \"$at\".folder
                mv -T -- \"$at.away\" \"$at\"
            fi
            rm -rf -- \"$at\".[0-9]* /var/lib/webdata/own; rm -f /run/tenant.sh
            [[ -d $at || -f $at || ! -e $at ]]",
            place.path()
        );
        self.inside.bash(&script).map(drop)
    }

    /// A release that is not all root's would be the app's to change.
    fn foreign_release(&self) -> Vec<String> {
        let text = self.inside.bash("find /srv/web /srv/api /etc/provision ! -user root -printf '%p is of %u\\n'");
        text.unwrap_or_else(|error| error).lines().map(ToOwned::to_owned).collect()
    }
}

/// How the work ended.
struct Done {
    code: i32,
    hung: bool,
    text: String,
}

fn wait(mut running: Running) -> Done {
    let deadline = Instant::now() + PATIENCE;
    while running.runs() {
        if Instant::now() > deadline {
            let status = Command::new("kill").args(["-KILL", &running.id().to_string()]).stdin(Stdio::null()).status();
            assert!(status.is_ok_and(|status| status.success()), "the run can be killed");
            let Run { text, .. } = running.wait();
            return Done { code: -1, hung: true, text };
        }
        thread::sleep(Duration::from_millis(20));
    }
    let Run { code, text, .. } = running.wait();
    Done { code, hung: false, text }
}

/// What the app's code does when it is imported.
#[derive(Clone, Copy)]
enum Behaviour {
    Good,
    /// In a worker it tells its secret and ends.
    Dies,
}

impl Behaviour {
    fn code(self) -> &'static str {
        match self {
            Self::Good => "",
            Self::Dies => {
                "import os, sys\nif '--check-config' not in sys.argv:\n    sys.stderr.write('\\033]0;' + \
                 os.environ['OWN'] + '\\n')\n    sys.stderr.flush()\n    os._exit(1)\n"
            }
        }
    }
}
