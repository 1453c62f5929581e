//! A value from the controller's environment is seen by nobody but the app.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::host::Host;
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::{Project, fixture};

const SECRET: &str = "Zq7-the-quiet-word-41x";
const OTHER: &str = "Kp3-another-quiet-word-88y";

#[test]
fn a_secret_stays_between_the_controller_and_the_app() {
    let Some(mut project) = Project::open(&["secret-01"]) else { return };
    let app = format!("{APP}, bind: 127.0.0.1:5001, env: {{ GREETING: {{ from_env: E2E_SECRET }} }}");
    let inventory = Inventory::default().app("blue", &app).site("front", "routes: { /: { app: blue } }");
    project.environment("E2E_SECRET", SECRET);
    project.inventory(&inventory);

    let host = project.host();
    host.put("/root/secrets", &format!("{SECRET}\n{OTHER}\n"));
    host.put("/run/watch.sh", include_str!("scripts/watch.sh"));
    let (mut watcher, stdin) = host.spawn("sudo -n bash /run/watch.sh");
    let first = ["-vv", "--diff"];
    for run in [project.check(&first).exits(2), project.up(&first).exits(0), project.check(&first).exits(0)] {
        run.hides(SECRET);
    }
    host.get("/").says(&format!("greeting: {SECRET}"));

    project.environment("E2E_SECRET", OTHER);
    let host = project.host();
    for run in [project.check(&first).exits(2), project.up(&first).exits(0), project.up(&first).exits(0)] {
        run.hides(SECRET).hides(OTHER);
    }
    host.get("/").says(&format!("greeting: {OTHER}"));
    host.bash("echo 'GREETING=\"by hand\"' >>/etc/provision/blue/env");
    project.check(&first).exits(2).shows("/etc/provision/blue/env").hides(SECRET).hides(OTHER);
    project.up(&first).exits(0).hides(SECRET).hides(OTHER);

    // The watcher ends with its standard input.
    drop(stdin);
    watcher.wait().expect("the watcher ends");
    let looks: u32 = host.bash("grep -c '^look' /run/processes").parse().expect("a number");
    assert!(looks >= 50, "{looks} looks at the processes prove nothing");
    assert_ne!(host.bash("grep -c gunicorn /run/processes"), "0", "the watcher sees processes");
    assert_eq!(
        host.bash("grep -Ff /root/secrets /run/processes || true"),
        "",
        "a process carried the secret in its arguments"
    );
    let leaks = host.bash(include_str!("scripts/leaks.sh"));
    assert_eq!(leaks, "", "files that others can read, and the journal");
    assert_eq!(host.bash("stat -c '%a %U:%G' /etc/provision/blue/env"), "640 root:blue");
    say(&format!("secrets: {looks} looks at the host's processes during 6 runs saw none"));
}

/// Where the host keeps a text, other than where the app reads it: also in base64, in which logs have what failed.
fn places(host: &Host, text: &str, folders: &str) -> String {
    host.put("/dev/shm/wanted", text);
    host.python(include_str!("scripts/places.py"), folders)
}

/// `app.py`, whose last lines are `code`.
fn code(project: &Project, code: &str) {
    project.write(
        "code/app.py",
        &format!("{}\nimport base64, os, sys\nWORD = os.environ['GREETING']\n{code}\n", fixture("two")),
    );
}

#[test]
fn a_secret_that_an_app_prints_is_in_nothing_that_is_shown_or_kept() {
    const ANSWERS: &str = "\
def app(environ, start_response):
    print('bad word: ' + WORD, file=sys.stderr, flush=True)
    start_response('500 no ' + WORD if 'HTTP_X_REAL_IP' in environ else '200 OK', [])
    return []";
    const EVERYWHERE: &str = "/var/lib/provision /run /tmp /root /srv /etc";
    const LIVE: &str = "/etc/provision/blue/env\n/var/lib/provision/generations/1/secrets/E2E_SECRET\n\
                        /var/lib/provision/generations/1/secrets/mask.json";
    let secret = "Zq7 \"the\" quiet-word'$41x";
    let Some(mut project) = Project::open(&["secret-02"]) else { return };
    let app = format!("{APP}, bind: 127.0.0.1:5001, timeout: 6s, env: {{ GREETING: {{ from_env: E2E_SECRET }} }}");
    let inventory = |more: &str| {
        let health = "health: { path: /, status: 200, timeout: 3s }";
        let site = "routes: { /: { app: blue } }";
        Inventory::default().app("blue", &format!("{app}, {health}{more}")).site("front", site)
    };
    project.environment("E2E_SECRET", secret);
    project.inventory(&inventory("")).up(&[]).exits(0);
    // It stands in no file as it is: quotes are escaped.
    assert_eq!(places(project.host(), "quiet-word", EVERYWHERE), LIVE);
    let hidden = |project: &Project, run: super::run::Run, shown: &[&str]| {
        let run = shown.iter().fold(run, |run, words| run.shows(words));
        let kept = project.run(&["history", "secret-02", "--verbose"]).exits(0);
        let json = project.run(&["history", "secret-02", "--format", "json"]).exits(0);
        let encoded = BASE64.encode(format!("user:{secret}"));
        let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        for shape in ["Zq7", "quiet-word", &encoded[8..20], &hexadecimal[4..20]] {
            let shown = [&run.text, &kept.text, &json.text].into_iter().find(|text| text.contains(shape));
            assert!(shown.is_none(), "{shape} in {shown:?}");
            assert_eq!(
                places(
                    project.host(),
                    shape,
                    "/run /tmp /var/lib/provision/generations/2 /var/lib/provision/generations/3 \
                     /var/lib/provision/generations/4"
                ),
                "",
                "{shape}"
            );
        }
        assert_eq!(places(project.host(), "quiet-word", EVERYWHERE), LIVE);
    };
    // At its import, in every way that comes to mind.
    code(
        &project,
        "print(repr(WORD), WORD.encode().hex(), base64.b64encode(b'user:' + WORD.encode()))\nraise KeyError('no ' + \
         WORD)",
    );
    let run = project.up(&[]).exits(3);
    hidden(&project, run, &["app `blue` cannot be imported", "KeyError: 'no ********'"]);
    // In its release command, and over many lines.
    code(&project, "");
    let command = concat!(
        r#", release_command: "for i in 1 2 3; do echo \"$GREETING\"; done; "#,
        r#"python3 -c 'import os, urllib.parse; print(urllib.parse.quote(os.environ[\"GREETING\"]))'; exit 1""#
    );
    project.inventory(&inventory(command));
    let run = project.up(&["-vv"]).exits(3);
    hidden(&project, run, &["the release command of app `blue` failed", "  | ********\n"]);
    // In its log, and in what it answers.
    project.inventory(&inventory(", graceful_timeout: 3s"));
    code(&project, ANSWERS);
    let run = project.up(&[]).exits(7);
    hidden(&project, run, &["answered 500 no ********", "bad word: ********"]);
    project.code("one");
    project.inventory(&inventory("")).check(&[]).exits(0);
    // What answers a health check may quote it as well, and who asks need not know it: the host does.
    project.forget("E2E_SECRET");
    project.host().bash(
        "printf 'import os\\ndef app(e, s):\\n    s(\"500 \" + os.environ[\"GREETING\"], [])\\n    return []\\n' \
         >/srv/blue/current/app.py; systemctl restart blue.service",
    );
    let run = project.run(&["status"]).exits(3);
    hidden(&project, run, &["answered 500 ********"]);
    // What was live before has a secret that this run does not know any more.
    project.environment("E2E_SECRET", OTHER);
    code(&project, ANSWERS);
    let run = project.up(&[]).exits(3).hides(OTHER);
    hidden(
        &project,
        run,
        &["not every former app answers", "answered 500 ********", "500 no ********", "bad word: ********"],
    );
    say("secrets: what an app prints of them is shown and kept by nobody");
}

#[test]
fn a_secret_that_is_no_longer_in_use_is_nowhere_on_the_host() {
    const ALL: &str = "/var /etc /run /srv /root /tmp /home /usr/local /opt";
    let Some(mut project) = Project::open(&["secret-03"]) else { return };
    let env = "env: { GREETING: { from_env: E2E_SECRET }, OTHER: { from_env: E2E_OTHER } }";
    let app = format!("{APP}, bind: 127.0.0.1:5001, {env}");
    let inventory = Inventory::default().app("blue", &app).site("front", "routes: { /: { app: blue } }");
    project.environment("E2E_SECRET", SECRET);
    project.environment("E2E_OTHER", "a-word-that-stays-the-same");
    project.inventory(&inventory).up(&[]).exits(0);
    let first = project.host().bash("sha256sum /etc/provision/blue/env");
    // A generation as earlier versions kept it.
    let plant = format!(
        "printf '{{\"format\":1,\\n\"releases\":[],\\n\"desired\":{{\"secrets\":[\"{SECRET}\"]}}}}\\n' \
         >/var/lib/provision/generations/1/first.json"
    );
    project.host().bash(&plant);
    project.host().bash(
        "cd /var/lib/provision/generations; mkdir 0; mv 1/first.json 0/desired.json; printf 'result\\tcommitted\\n' \
         >0/record",
    );
    assert_eq!(places(project.host(), SECRET, ALL).lines().count(), 4);

    project.environment("E2E_SECRET", OTHER);
    project.up(&[]).exits(0);
    let host = project.host();
    assert_eq!(places(host, SECRET, ALL), "", "the secret of before");
    assert_eq!(host.bash("ls /var/lib/provision/generations/1/secrets"), "E2E_OTHER", "what is in use is kept");
    assert_eq!(
        host.bash("cd /var/lib/provision/generations; stat -c '%a %n' 2/secrets 2/secrets/* 2/desired.json"),
        "700 2/secrets\n600 2/secrets/E2E_OTHER\n600 2/secrets/E2E_SECRET\n600 2/secrets/mask.json\n600 2/desired.json"
    );
    host.get("/").says(&format!("greeting: {OTHER}"));

    // A way back that needs it asks for it, and changes nothing until it is there.
    project.forget("E2E_SECRET");
    project.forget("E2E_OTHER");
    let asked = "`export E2E_SECRET=…; provision rollback secret-03 --to 1`";
    for arguments in
        [&["rollback", "secret-03"][..], &["rollback", "secret-03", "--check"], &["rollback", "secret-03", "--to", "1"]]
    {
        let run = project
            .run(arguments)
            .exits(3)
            .shows("generation 1 needs secrets")
            .shows("`E2E_SECRET` (for /etc/provision/blue/env)");
        run.shows(asked).shows("nothing was changed").hides("E2E_OTHER");
    }
    assert_eq!(project.run(&["history", "secret-03", "--format", "json"]).exits(0).text.lines().count(), 2);
    project.run(&["status"]).exits(0);
    project.environment("E2E_SECRET", SECRET);
    let check = project.run(&["rollback", "secret-03", "--check", "--diff"]).exits(2);
    check.shows("only secret values differ").hides(SECRET).hides(OTHER);
    project.run(&["rollback", "secret-03"]).exits(0).hides(SECRET).hides(OTHER);
    let host = project.host();
    host.get("/").says(&format!("greeting: {SECRET}"));
    assert_eq!(host.bash("sha256sum /etc/provision/blue/env"), first, "the file is what it was");
    assert_eq!(places(host, OTHER, ALL), "", "the secret of the generation that was left");
    // What is there is what `up` would put there.
    project.environment("E2E_OTHER", "a-word-that-stays-the-same");
    project.check(&[]).exits(0);

    // Without the inventory, and with a third value: what was rotated away is often worth nothing any more.
    std::fs::remove_file(project.path("inventory.yml")).expect("it is there");
    project.use_sandbox();
    project.forget("E2E_SECRET");
    let back = ["rollback", "secret-03", "--to", "2", "--sandbox", "--no-inventory"];
    project.run(&back).exits(3).shows("generation 2 needs secrets").shows("`export E2E_SECRET=…; ");
    project.environment("E2E_SECRET", "ab$c \"third\"");
    project.run(&back).exits(0).hides("third");
    project.host().get("/").says("greeting: ab$c \"third\"");
    assert_eq!(places(project.host(), SECRET, ALL), "");
    project.run(&["rollback", "secret-03", "--to", "2", "--sandbox", "--no-inventory"]).exits(0).shows("changed=0");
    say("secrets: a rotated one is nowhere on the host, and a way back asks for it");
}
