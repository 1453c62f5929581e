//! A hostile requirement: what an app requires is built and installed, and gains nothing on the way.

use super::canary;
use super::inside::Inside;
use super::inventory::Inventory;
use super::lab::say;
use super::project::Project;
use super::rotation::Rotation;
use super::snapshot::Snapshot;

/// Where work on this app writes, packages of the whole host included.
const WEBS: [&str; 9] = [
    "/etc/systemd/system/web.service",
    "/srv/web",
    "/etc/provision/web",
    "/usr/local/bin/reload-web",
    "/usr/local/lib",
    "/usr/local/bin/gunicorn*",
    "/usr/local/bin/evil",
    "/etc/systemd/system/provision-recovery.service",
    "/etc/systemd/system/sysinit.target.wants",
];

/// What every hostile code here would do if it could.
const ESCAPE: &str = "import os\\ntry:\\n    open('/var/escaped', 'w').close()\\nexcept OSError:\\n    pass\\n";

/// What becomes of it, for the whole host and in an environment of the app's own.
enum Fate {
    Refused(&'static str),
    Installed,
}

use Fate::{Installed, Refused};

/// Wheels, by the files that are in them; `ESCAPE` stands for the code above.
const WHEELS: [(&str, &[&str], Fate); 15] = [
    ("an honest one", &["evil/__init__.py=ESCAPE", "evil-VERSION.data/scripts/evil=#!python\\n"], Installed),
    (
        "code in a .pth file",
        &["evil.pth=import os; open('/var/escaped', 'w')\\n"],
        Refused("whose lines every Python program"),
    ),
    ("a path in a .pth file", &["evil.pth=/tmp\\n"], Refused("whose lines every Python program")),
    ("a path upwards in a .pth file", &["evil.pth=../../../../tmp\\n"], Refused("whose lines every Python program")),
    (
        "code behind a byte order mark",
        &["evil.pth=\\ufeffimport os; open('/var/escaped', 'w')\\n"],
        Refused("whose lines every Python program"),
    ),
    (
        "code behind a form feed",
        &["evil.pth=# x\\x0cimport os; open('/var/escaped', 'w')\\n"],
        Refused("whose lines every Python program"),
    ),
    (
        "usercustomize behind a path",
        &["a.pth=evil\\n", "evil/usercustomize.py=ESCAPE"],
        Refused("every Python program"),
    ),
    (
        "a script that reloads an app",
        &["evil-VERSION.data/scripts/reload-web=#!python\\n"],
        Refused("called like those that reload apps"),
    ),
    (
        "a script that apt calls",
        &["evil-VERSION.data/scripts/py3compile=#!python\\n"],
        Refused("called like /usr/bin/py3compile"),
    ),
    ("sitecustomize", &["sitecustomize.py=ESCAPE"], Refused("every Python program of the host would run")),
    ("usercustomize", &["usercustomize/__init__.py=ESCAPE"], Refused("every Python program of the host would run")),
    ("a script called ls", &["evil-VERSION.data/scripts/ls=#!python\\nESCAPE"], Refused("called like /usr/bin/ls")),
    (
        "a unit of systemd",
        &["evil-VERSION.data/data/lib/systemd/system/evil.service=[Service]\\n"],
        Refused("outside the folders"),
    ),
    ("modules called like Python's own", &["json.py=ESCAPE", "tarfile.py=ESCAPE"], Installed),
    (
        "a module called like one of Debian's",
        &["pip/__init__.py=ESCAPE", "pip/__main__.py=ESCAPE"],
        Refused("called like a module of one of Debian's packages"),
    ),
];

/// Build scripts. Each ends by building nothing that anybody would miss.
const SCRIPTS: [(&str, &str, bool); 7] = [
    (
        "writes wherever it can",
        "
for place in ('/etc/cron.d/x', '/usr/local/bin/x', '/usr/local/lib/python3.11/dist-packages/x.pth', '/var/escaped',
              '/srv/web/x', '/root/x'):
    try:
        open(place, 'w').write('x')
    except OSError:
        pass
",
        true,
    ),
    (
        "prints 300 MB in one line",
        "
import sys
for n in range(300):
    sys.stdout.write('\\033x' * 500000)
raise SystemExit(1)
",
        false,
    ),
    (
        "leaves a link in the environment",
        "
import os, glob, sys
os.symlink('/etc/shadow', sys.prefix + '/lib/shadow')
",
        false,
    ),
    (
        "leaves a pipe in the environment",
        "
import os, sys
os.mkfifo(sys.prefix + '/lib/pipe')
",
        false,
    ),
    (
        "makes the environment's Python lead elsewhere",
        "
import os, sys
os.unlink(sys.prefix + '/bin/python')
os.symlink('/etc/shadow', sys.prefix + '/bin/python')
",
        false,
    ),
    (
        "makes hard links",
        "
import os, sys
try:
    os.link('/etc/passwd', sys.prefix + '/lib/passwd')
except OSError:
    pass
open(sys.prefix + '/lib/one', 'w').close()
os.link(sys.prefix + '/lib/one', sys.prefix + '/pyvenv.two')
",
        false,
    ),
    (
        "changes what pip itself is",
        "
import os, sys
os.makedirs(sys.prefix + '/lib/python3.11/site-packages/tarfile', exist_ok=True)
open(sys.prefix + '/lib/python3.11/site-packages/tarfile/__init__.py', 'w').write('open(\"/var/escaped\", \"w\")')
",
        true,
    ),
];

#[test]
fn a_requirement_gains_nothing_from_being_installed() {
    let Some(project) = Project::open(&["requirement-01"]) else { return };
    let host = project.host();
    let inside = Inside::of(host);
    host.bash(canary::PLANT);
    host.put("/run/wheel.py", include_str!("scripts/wheel.py"));
    let inventory = |install: &str, package: &str, number: usize| {
        let package = if package.is_empty() { String::new() } else { format!(", packages: ['{package}']") };
        let web = format!(
            "source: {{ path: code }}, wsgi: app:app, bind: 127.0.0.1:5001, workers: 1, env: {{ N: n{number} }}, \
             python: {{ install: {install}{package} }}"
        );
        Inventory::default().persist(60).app("web", &web).site("front", "routes: { /: { app: web } }")
    };
    for install in ["system", "venv"] {
        project.inventory(&inventory(install, "", 0)).up(&[]).exits(0);
    }
    let mut before = Snapshot::of(&inside, &Snapshot::default());
    let (mut trials, mut refused) = (0, 0);
    let rotation = Rotation::of("hostile requirement", 5);
    let mut number = 0;
    let mut judge = |name: &str, install: &str, package: &str, fails: Option<&str>| {
        number += 1;
        if !rotation.has(number, name) {
            return;
        }
        trials += 1;
        let run = project.inventory(&inventory(install, package, trials)).up(&[]);
        let after = Snapshot::of(&inside, &before);
        let what = format!("{name}, {install}");
        assert_eq!(before.escapes(&after, &WEBS), Vec::<String>::new(), "{what}:\n{}", run.text);
        assert_eq!(canary::leaks(&run.text), Vec::<&str>::new(), "{what}");
        assert!(!run.text.contains('\u{1b}') && run.text.len() < 1 << 20, "{what}");
        assert!(!inside.path("/var/escaped").exists(), "{what}: its code ran as root");
        match fails {
            Some(why) => {
                assert_eq!(run.code, 3, "{what}:\n{}", run.text);
                assert!(run.text.contains(why), "{what}: no `{why}` in:\n{}", run.text);
                refused += 1;
            }
            None => assert_eq!(run.code, 0, "{what}:\n{}", run.text),
        }
        let strange = host.bash(
            "find /srv/web /usr/local ! -user root -o -perm /6000 ! -type d; ls -d /var/cache/provision-build \
             2>/dev/null || true",
        );
        assert_eq!(strange, "", "{what}");
        let left = host.bash("ps -u provision-build -o args= || true");
        assert_eq!(left, "", "{what}: left running");
        before = after;
    };
    for (number, (name, files, fate)) in WHEELS.iter().enumerate() {
        let folder = format!("/srv/wheels/w{number}");
        let words: Vec<String> =
            files.iter().map(|file| provision::encode::shell::quote(&file.replace("ESCAPE", ESCAPE))).collect();
        host.bash(&format!("python3 /run/wheel.py {folder} 1.{number} {} && chmod -R a+rX {folder}", words.join(" ")));
        let package = format!("{folder}/evil-1.{number}-py3-none-any.whl");
        judge(
            name,
            "system",
            &package,
            match fate {
                Refused(why) => Some(why),
                Installed => None,
            },
        );
        // An app may replace its own pip, and then has no gunicorn.
        judge(
            name,
            "venv",
            &package,
            if files.iter().any(|file| file.starts_with("pip/")) { Some("cannot be imported") } else { None },
        );
    }
    for (number, (name, script, works)) in SCRIPTS.iter().enumerate() {
        let folder = format!("/srv/wheels/s{number}");
        host.bash(&format!("mkdir -p {folder}"));
        let end =
            format!("\nfrom setuptools import setup\nsetup(name='s{number}', version='1.{number}', packages=[])\n");
        host.put(&format!("{folder}/setup.py"), &format!("{script}{end}"));
        let archive = format!("/srv/wheels/s{number}.tar.gz");
        host.bash(&format!("tar -C /srv/wheels -czf {archive} s{number} && chmod a+r {archive}"));
        for install in ["system", "venv"] {
            // In an environment of its own a pipe is the app's alone, and yet nothing that a release may hold.
            judge(name, install, &archive, if *works { None } else { Some("") });
        }
    }
    say(&format!("hostile requirement: {trials} trials, {refused} refused, escapes 0, leaks 0, left running 0"));
}
