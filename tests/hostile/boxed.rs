//! What runs as the app, and what it could do there: it tells by itself.

use super::canary;
use super::inventory::Inventory;
use super::lab::say;
use super::project::{Project, fixture};

/// Looks around, and says in one line of JSON what it could do. Nothing that it tries may work.
const LOOK: &str = r#"
def look(where):
    import json, os, socket, subprocess, sys, time
    facts = {}
    for line in open('/proc/self/status'):
        key, _, value = line.partition(':')
        if key in ('NoNewPrivs', 'CapEff', 'CapPrm', 'CapInh', 'CapBnd', 'CapAmb', 'Uid'):
            facts[key] = value.split()[0]
    # The listing itself has one open.
    listed = os.listdir('/proc/self/fd')
    facts['descriptors'] = [int(name) for name in listed if os.path.exists('/proc/self/fd/' + name)]
    # One's own, if whoever leads it is oneself: root's would lead to a process of root's, or to none that is seen.
    try:
        facts['session'] = os.stat('/proc/%d' % os.getsid(0)).st_uid == os.getuid()
    except OSError:
        facts['session'] = False
    try:
        os.close(os.open('/dev/tty', os.O_RDWR | os.O_NOCTTY))
        facts['terminal'] = True
    except OSError:
        facts['terminal'] = False
    wrote = []
    for place in ('/', '/etc', '/etc/cron.d', '/usr/local/bin', '/usr/lib', '/root', '/home', '/srv', '/srv/web',
                  '/srv/web/releases', '/srv/web/current', '/var/lib', '/var/lib/provision',
                  '/var/spool/cron/crontabs', '/var/cache', '/run',
                  '/etc/provision', '/etc/systemd/system', '/run/systemd/system', '/run/provision-box', '.'):
        path = os.path.join(place, 'escaped')
        try:
            open(path, 'w').close()
            os.unlink(path)
            wrote.append(place)
        except OSError:
            pass
    facts['wrote'] = wrote
    read = []
    for path in ('/etc/shadow', '/root/canary', '/etc/provision/api/env', '/var/lib/provision/owned',
                 '/var/lib/provision/transaction/run'):
        try:
            open(path).close()
            read.append(path)
        except OSError:
            pass
    facts['read'] = read
    gained = []
    for command in (['crontab', '-'], ['at', 'now'], ['su', '-c', 'id -u'], ['sudo', '-n', 'id', '-u'],
                    ['systemd-run', '--pipe', 'id', '-u'], ['unshare', '--user', '--map-root-user', 'id', '-u']):
        try:
            done = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            out = done.communicate(b'* * * * * true\n', timeout=10)[0]
            if done.returncode == 0:
                gained.append(' '.join(command) + ': ' + out.decode('utf-8', 'replace')[:40])
        except (OSError, subprocess.TimeoutExpired):
            pass
    facts['gained'] = gained
    # Something that would stay behind.
    sys.stderr.flush()
    if os.fork() == 0:
        os.setsid()
        os.closerange(0, 3)
        time.sleep(1000)
        os._exit(0)
    sys.stderr.write('looked ' + where + ' ' + json.dumps(facts, sort_keys=True) + '\n')
    sys.stderr.flush()
"#;

#[test]
fn what_runs_as_the_app_has_no_way_out_of_its_box() {
    let Some(mut project) = Project::open(&["boxed-01"]) else { return };
    project.environment("CANARY_OTHER", canary::OTHER);
    project.host().bash(canary::PLANT);
    let other = "source: { path: other }, wsgi: app:app, bind: 127.0.0.1:5002, python: { install: apt }";
    let api = format!("{other}, env: {{ KEY: {{ from_env: CANARY_OTHER }} }}");
    let web = |python: &str, more: &str| {
        format!(
            "source: {{ path: code }}, wsgi: app:app, bind: 127.0.0.1:5001, workers: 1, python: {{ {python} }}{more}"
        )
    };
    let site = "routes: { /: { app: web }, /api/: { app: api } }";
    let inventory = |web: String| Inventory::default().app("api", &api).app("web", &web).site("front", site);
    project.write("other/app.py", &fixture("other"));
    project.inventory(&inventory(web("install: apt", ""))).up(&[]).exits(0);

    // The import, before the switch.
    let code = |end: &str| format!("{LOOK}\nlook('import')\n{end}\n{}", fixture("two"));
    project.write("code/app.py", &code("raise SystemExit('seen')"));
    judge("import", &project.up(&[]).exits(3).text, &[]);
    left_behind(&project);

    // The release command.
    project.write("code/app.py", &fixture("three"));
    project.write("code/look.py", &format!("{LOOK}\nlook('command')\n"));
    let command = ", release_command: 'python3 look.py; exit 1'";
    let run = project.inventory(&inventory(web("install: apt", command))).up(&[]).exits(3);
    judge("command", &run.text, &[]);
    left_behind(&project);

    // A build script, as a user of its own.
    let setup = format!("{LOOK}\nlook('build')\nraise SystemExit('seen')\n");
    project.host().bash("mkdir -p /srv/wheels/hostile");
    project.host().put("/srv/wheels/hostile/setup.py", &setup);
    project.host().bash("chmod -R a+rX /srv/wheels/hostile");
    for install in ["system", "venv"] {
        let python = format!("install: {install}, packages: ['/srv/wheels/hostile']");
        let run = project.inventory(&inventory(web(&python, ""))).up(&[]).exits(3);
        judge("build", &run.text, &[]);
        left_behind(&project);
    }

    // The check of a reload, on the host.
    project.inventory(&inventory(web("install: apt", ""))).up(&[]).exits(0);
    let live = project.host().bash("readlink /srv/web/current");
    project.host().put("/run/new.py", &code("raise SystemExit('seen')"));
    project.host().bash(&format!("cat /run/new.py >{live}/app.py"));
    // From root's terminal, into which it could type.
    let text = project.host().bash("script --quiet --command reload-web /dev/null </dev/null 2>&1 || true");
    judge("import", &text, &[]);

    // And the app itself, once it serves.
    project.host().put("/run/new.py", &code(""));
    project.host().bash(&format!("cat /run/new.py >{live}/app.py; systemctl restart web; sleep 3"));
    let text =
        project.host().bash("journalctl --unit web.service --output cat --no-pager | grep 'looked import' | tail -n 1");
    let allowed = ["wrote", "descriptors"];
    judge_but("import", &text, &[], &allowed);
    say("boxed: import, release command, build script, check of a reload and the app itself have no way out");
}

/// What it found itself able to do.
#[track_caller]
fn judge(what: &str, text: &str, may_write: &[&str]) {
    judge_but(what, text, may_write, &[]);
}

#[track_caller]
fn judge_but(what: &str, text: &str, may_write: &[&str], but: &[&str]) {
    let mark = format!("looked {what} ");
    let line = text.lines().find_map(|line| line.split_once(&mark).map(|(_, json)| json));
    let line = line.unwrap_or_else(|| panic!("it did not look around:\n{text}"));
    let facts: serde_json::Value = serde_json::from_str(line.trim()).unwrap_or_else(|error| panic!("{error}: {line}"));
    let none = "0000000000000000";
    for key in ["CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"] {
        assert_eq!(facts[key], none, "{key}: {line}");
    }
    assert_eq!(facts["NoNewPrivs"], "1", "{line}");
    assert_ne!(facts["Uid"], "0", "{line}");
    assert_eq!(facts["session"], true, "{line}");
    assert_eq!(facts["terminal"], false, "{line}");
    assert_eq!(facts["read"], serde_json::json!([]), "{line}");
    assert_eq!(facts["gained"], serde_json::json!([]), "{line}");
    if !but.contains(&"descriptors") {
        assert_eq!(facts["descriptors"], serde_json::json!([0, 1, 2]), "{line}");
    }
    let wrote: Vec<&str> =
        facts["wrote"].as_array().expect("a list").iter().filter_map(|place| place.as_str()).collect();
    assert_eq!(wrote, may_write, "{line}");
}

/// Nothing of it runs on.
#[track_caller]
fn left_behind(project: &Project) {
    let processes = project
        .host()
        .bash("ps -eo user:20,args | grep -E '^(provision-build) |look[(]|look.py' | grep -v grep || true");
    assert_eq!(processes, "", "left behind");
    let files = project.host().bash(
        "ls /run/provision-box /var/cache/provision-build /run/systemd/system 2>/dev/null | grep -E 'box-|[.]sh|build' \
         || true",
    );
    assert_eq!(files, "", "left behind");
    assert_eq!(project.host().bash("ls /var/spool/cron/crontabs 2>/dev/null"), "");
}
