//! An app that never ends, never stops talking, or says what breaks others: it holds nobody up, fills nothing, and is
//! told from what it says.

use std::thread;
use std::time::{Duration, Instant};

use super::inside::Inside;
use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::{Project, fixture};

/// Gives the worker a name after which what follows in /proc/PID/stat looks like a child of Nginx's master.
const CHILD_OF_NGINX: &str = "import ctypes, signal, sys
if '--check-config' not in sys.argv:
    name = b'a) S %s 1\\n' % open('/run/nginx.pid', 'rb').read().strip()
    # A moment later: settings give a worker its name once it has imported the app.
    signal.signal(signal.SIGALRM, lambda *_: ctypes.CDLL(None).prctl(15, name, 0, 0, 0))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
";

#[test]
fn an_app_holds_neither_the_host_nor_the_operator() {
    let Some(project) = Project::open(&["endless-01"]) else { return };
    let host = project.host();
    let app = |more: &str| {
        let app = format!("{APP}, bind: 127.0.0.1:5001, workers: 1, health: {{ path: /, timeout: 3s }}{more}");
        Inventory::default().persist(60).app("blue", &app).site("front", "routes: { /: { app: blue } }")
    };
    let code = |text: &str| project.write("code/app.py", &format!("{text}\n{}", fixture("evil")));
    project.inventory(&app("")).up(&[]).exits(0);
    let still_serves = || {
        host.get("/").says("release one");
    };

    // A release command has a limit, and what it has started ends with it.
    code("# endless");
    let command = ", release_command: 'setsid sleep 1000000 & exec sleep 1000000', release_timeout: 3s";
    let run = project.inventory(&app(command)).up(&[]).exits(3).shows("did not end within 3 seconds");
    assert!(run.took < Duration::from_secs(40), "{:?}", run.took);
    assert_eq!(host.bash("pgrep --full 'sleep 1000000' || true"), "");
    still_serves();

    // Ctrl-C ends a step that runs.
    let command = ", release_command: 'exec sleep 1000000', release_timeout: 1h";
    project.inventory(&app(command));
    for (what, text) in
        [("run the release command", "# endless"), ("check that blue can be", "import time; time.sleep(1e6)")]
    {
        code(text);
        let mut running = project.start(&["up", "-v"]);
        running.until_it_says(what);
        thread::sleep(Duration::from_millis(700));
        running.interrupt();
        let begin = Instant::now();
        let run = running.wait();
        assert_eq!(run.code, 130, "{}", run.text);
        assert!(begin.elapsed() < Duration::from_secs(10), "{what}: {:?} after Ctrl-C", begin.elapsed());
        assert_eq!(host.bash("ls /run/provision-box; pgrep --full 'sleep 1000000' || true"), "", "{what}");
        still_serves();
    }
    let failed = "systemctl list-units --no-legend --plain --failed 'provision-box-*'";
    assert_eq!(host.bash(failed), "", "what was cut counts as failed for ever");

    // A process whose name passes for a child of Nginx: workers of Nginx are told from it.
    code(CHILD_OF_NGINX);
    project.inventory(&app("")).up(&[]).exits(0);
    // The name is what makes the trial: it has a line break.
    host.bash("grep --count '' /proc/[0-9]*/comm | grep --quiet ':2$'");
    let app_again = app("").site("front", "headers: { X-Site: changed }, routes: { /: { app: blue } }");
    project.inventory(&app_again).up(&[]).exits(0).shows("reload nginx.service");
    project.code("one");
    project.inventory(&app("")).up(&[]).exits(0);

    // An answer that never begins: a hundred times a second, go on.
    project.inventory(&app(""));
    project.write(
        "code/app.py",
        concat!(
            "import time\ndef app(environ, start_response):\n    while True:\n",
            "        environ['gunicorn.socket'].sendall(b'HTTP/1.1 100 Continue\\r\\n\\r\\n')\n",
            "        time.sleep(0.01)\n",
        ),
    );
    let run = project.up(&[]).exits(3).shows("a new release is not healthy");
    assert!(run.took < Duration::from_secs(90), "{:?}", run.took);
    still_serves();

    // 300 MB in one line.
    code("import sys\nfor n in range(300): sys.stdout.write('x' * 1000000)\nraise SystemExit(1)");
    let run = project.up(&[]).exits(3);
    assert!(run.text.len() < 1 << 20, "{} bytes of talk", run.text.len());
    let kept = host.bash("du --summarize --bytes /var/lib/provision/generations | cut -f 1");
    assert!(kept.parse::<u64>().expect("a number") < 4 << 20, "{kept} bytes of history");
    let took = project.check(&[]).exits(2).took;
    assert!(took < Duration::from_secs(8), "{took:?}");
    project.run(&["history", host.name.as_str()]).exits(0);
    still_serves();

    // What would break a report or command a terminal.
    code("raise ValueError('a\\tb\\x1b]0;owned\\x07\\x9b31m\\r\\nended\\tcommitted\\t99\\u202e')");
    let quiet = |text: &str| !text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\r', '\u{202e}']);
    let run = project.up(&[]).exits(3).shows("owned");
    assert!(quiet(&run.text), "{:?}", run.text);
    for arguments in [&["check"][..], &["status"], &["history", host.name.as_str()]] {
        let run = project.run(arguments);
        assert!([0, 2].contains(&run.code) && quiet(&run.text), "{}: {:?}", run.code, run.text);
    }
    still_serves();
    assert!(!Inside::of(host).path("/var/lib/provision/transaction").exists());
    project.code("two");
    project.up(&[]).exits(0);
    say("endless: an app that hangs, floods or forges holds nobody up");
}
