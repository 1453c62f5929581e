//! A value from the controller's environment is seen by nobody but the app.

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::Project;

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
