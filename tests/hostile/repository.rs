//! A hostile repository: what it holds becomes files of root's below `/srv`, and nothing else.

use super::canary;
use super::inside::Inside;
use super::inventory::Inventory;
use super::lab::say;
use super::project::{Project, fixture};
use super::rotation::Rotation;
use super::snapshot::Snapshot;

/// Where work on this app writes.
const WEBS: [&str; 3] = ["/srv/web", "/etc/provision/web", "/usr/local/bin/reload-web"];

/// What happens to it.
enum Fate {
    /// It is not let in; what the run says of it.
    Refused(&'static str),
    /// It is let in and does no harm.
    Harmless,
}

use Fate::{Harmless, Refused};

/// What is added to a good repository, in Bash, and what becomes of it.
const CASES: [(&str, &str, Fate); 22] = [
    ("a link for bytecode", "ln -s /usr/lib/python3.11/__pycache__ __pycache__", Refused("'__pycache__' is no folder")),
    (
        "a link for bytecode in a package",
        "mkdir p; ln -s /usr/lib/python3.11/__pycache__ p/__pycache__",
        Refused("'p/__pycache__' is no folder"),
    ),
    ("a file for bytecode", "echo x >__pycache__", Refused("'__pycache__' is no folder")),
    ("bytecode of its own", "mkdir __pycache__; echo evil >__pycache__/app.cpython-311.pyc", Harmless),
    ("a static link to the root", "ln -s / static/root", Refused("'static/root' leads out, to '/'")),
    ("a static link upwards", "ln -s ../../../../../etc/passwd static/passwd", Refused("'static/passwd' leads out")),
    ("a link over a link", "mkdir d; ln -s .. d/up; ln -s ../d/up/../etc/passwd static/x", Refused("leads out")),
    ("a link over an absolute link", "ln -s /etc hop; ln -s ../hop/passwd static/x", Refused("leads out")),
    ("a link to itself", "ln -s loop loop", Refused("leads to itself")),
    ("links in a ring", "ln -s b a; ln -s a b", Refused("leads to itself")),
    ("a link inside", "ln -s app.py other.py; ln -s ../app.py static/source", Harmless),
    ("a link to nothing", "ln -s not-there-yet later", Harmless),
    ("the mark of a complete release", "echo x >.provision-release", Refused("mark of a complete release")),
    (
        "a submodule",
        "mkdir vendor; git update-index --add --cacheinfo 160000,1111111111111111111111111111111111111111,vendor",
        Refused("submodules"),
    ),
    ("a line break in a name", "echo x >$'a\\nb'", Refused("control characters")),
    ("a terminal's command in a name", "echo x >$'a\\033]0;owned\\007'", Refused("control characters")),
    (
        "a tree of 150 folders",
        "p=.; for n in {1..150}; do p=$p/d; done; mkdir -p $p; echo x >$p/x",
        Refused("more than 100 folders"),
    ),
    (
        "modules called like Python's own",
        "for m in tarfile json http ssl socket csv; do echo 'open(\"/var/escaped\", \"w\")' >$m.py; git add $m.py; \
         done; git rm -qf --cached http.py json.py ssl.py socket.py; rm -f http.py json.py ssl.py socket.py",
        Harmless,
    ),
    ("code that every Python would run", "echo 'open(\"/var/escaped\", \"w\")' >sitecustomize.py", Harmless),
    ("filters for git", "printf '* filter=evil export-subst ident\\n' >.gitattributes", Harmless),
    ("a folder called like the environment", "mkdir venv; ln -s ../app.py venv/pyvenv.cfg; mkdir .venv.new", Harmless),
    ("programs that are setuid", "cp app.py tool; chmod 6755 tool", Harmless),
];

#[test]
fn a_repository_gains_nothing_from_being_deployed() {
    let Some(project) = Project::open(&["repository-01"]) else { return };
    let host = project.host();
    let inside = Inside::of(host);
    host.bash(canary::PLANT);
    host.bash("(apt-get update && apt-get install --yes git) >/dev/null 2>&1 && mkdir -p /srv/repository");
    host.put("/srv/repository/base.py", &fixture("good"));
    let commit = |script: &str| {
        host.bash(&format!(
            "set -e; rm -rf /srv/repository/web; git init --quiet --initial-branch=main /srv/repository/web
            cd /srv/repository/web
            cp ../base.py app.py; mkdir static; echo plain >static/file; date +%N >salt
            {script}
            git add --all >/dev/null 2>&1
            git -c user.name=x -c user.email=x@localhost commit --quiet -m x; git rev-parse HEAD"
        ))
    };
    let inventory = |commit: &str| {
        let web = format!(
            "source: {{ git: 'file:///srv/repository/web', ref: {commit} }}, wsgi: app:app, bind: 127.0.0.1:5001, \
             workers: 1, python: {{ install: apt }}"
        );
        let site = "routes: { /static/: { app: web, files: static }, /: { app: web } }";
        Inventory::default().persist(60).app("web", &web).site("front", site)
    };
    project.inventory(&inventory(&commit(""))).up(&[]).exits(0);
    let mut before = Snapshot::of(&inside, &Snapshot::default());
    let (mut refused, mut harmless) = (0, 0);
    let rotation = Rotation::of("hostile repository", 3);
    for (_, (name, script, fate)) in
        CASES.into_iter().enumerate().filter(|(number, case)| rotation.has(*number, case.0))
    {
        let run = project.inventory(&inventory(&commit(script))).up(&[]);
        let after = Snapshot::of(&inside, &before);
        let escapes = before.escapes(&after, &[&WEBS[..], &["/srv/repository"]].concat());
        assert_eq!(escapes, Vec::<String>::new(), "{name}");
        assert_eq!(canary::leaks(&run.text), Vec::<&str>::new(), "{name}");
        assert!(!run.text.contains('\u{1b}') && !run.text.contains('\u{7}'), "{name}:\n{:?}", run.text);
        match fate {
            Refused(why) => {
                assert_eq!(run.code, 3, "{name}:\n{}", run.text);
                assert!(run.text.contains(why), "{name}: no `{why}` in:\n{}", run.text);
                refused += 1;
            }
            Harmless => {
                assert_eq!(run.code, 0, "{name}:\n{}", run.text);
                harmless += 1;
            }
        }
        host.get("/").says("release good");
        host.get("/static/file").says("plain");
        let strange = host.bash("find /srv/web ! -user root -o -perm /6000 -o -name 'app.cpython-311.pyc' -size -20c");
        assert_eq!(strange, "", "{name}");
        assert!(!inside.path("/var/escaped").exists(), "{name}: its code ran as root");
        before = after;
    }
    say(&format!(
        "hostile repository: {} trials, {refused} refused, {harmless} harmless, escapes 0, leaks 0",
        refused + harmless
    ));
}
