//! What clients may say of themselves, past Nginx and through it, and which files they get.

use super::host::Host;
use super::http::{Answer, get_with};
use super::inventory::Inventory;
use super::project::Project;

/// What only Nginx may say, in the spellings that gunicorn takes for the same.
const FORGED: [&str; 7] = [
    "X-Real-IP: 192.0.2.66",
    "X_Real_IP: 192.0.2.66",
    "X-Forwarded-For: 192.0.2.66",
    "X-Forwarded-Host: 192.0.2.66",
    "X-Forwarded-Proto: https",
    "Forwarded: for=192.0.2.66",
    "X-Request-ID: 192.0.2.66",
];

fn ask(host: &Host, port: u16, path: &str) -> Answer {
    get_with(host.port(port), path, &FORGED).expect("an answer")
}

#[test]
fn nobody_passes_for_another_client_and_no_link_leads_out_of_a_release() {
    let Some(project) = Project::open(&["clients-01"]) else { return };
    let host = project.host();
    project.write("code/app.py", include_str!("fixtures/headers.py"));
    project.write("code/static/page.css", "p { color: black }\n");
    project.write("code/static/deep/page.css", "p { color: white }\n");
    let app = |port: u16, install: &str| {
        format!(
            "source: {{ path: code }}, wsgi: app:app, bind: '0.0.0.0:{port}', python: {{ install: {install} }}, \
             workers: 1, log: {{ access: journal }}"
        )
    };
    // Debian's gunicorn, and the one that pip brings.
    let inventory = Inventory::default()
        .app("aged", &app(5001, "apt"))
        .app("fresh", &app(5002, "venv"))
        .site("front", "routes: { /: { app: aged }, /fresh/: { app: fresh }, /static/: { app: aged, files: static } }");
    project.inventory(&inventory).up(&[]).exits(0);

    let controller = host.controller().to_string();
    for port in [5001, 5002] {
        let past = ask(host, port, "/past-nginx");
        past.says(&format!("REMOTE_ADDR: {controller}")).says("scheme: http");
        assert!(!past.body.contains("192.0.2.66") && !past.body.contains("HTTP_X_FORWARDED"), "{}", past.body);
    }
    for path in ["/through", "/fresh/through"] {
        let through = ask(host, 80, path);
        for line in ["HTTP_X_REAL_IP", "HTTP_X_FORWARDED_FOR"] {
            through.says(&format!("{line}: {controller}\n"));
        }
        through.says("HTTP_X_FORWARDED_PROTO: http\n").says("scheme: http");
        assert!(!through.body.contains("192.0.2.66"), "{}", through.body);
    }
    for (unit, last) in [("aged", "/through"), ("fresh", "/fresh/through")] {
        let log = host.bash(&format!("journalctl --unit {unit} --output cat"));
        assert!(!log.contains("192.0.2.66"), "{log}");
        let line = |path: &str| log.lines().find(|line| line.contains(&format!("GET {path} "))).expect("a line");
        assert!(line("/past-nginx").starts_with(&format!("{controller} ")), "{log}");
        assert!(line(last).starts_with("127.0.0.1 ") && line(last).ends_with(&format!(" {controller}")), "{log}");
    }

    // As if a release had come in with links that nobody saw.
    host.bash(
        "cd /srv/aged/current/static && ln -s / root && ln -s /etc/passwd deep/passwd && ln -s page.css linked.css && \
         ln -s deep folder && ln -s /etc/passwd page.css.gz && ln -s /srv/aged/current/app.py app.css",
    );
    for path in
        ["root/etc/passwd", "root/srv/aged/current/app.py", "deep/passwd", "linked.css", "folder/page.css", "app.css"]
    {
        let answer = ask(host, 80, &format!("/static/{path}"));
        assert!([403, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.body.contains("root:"), "{path}: {}", answer.body);
    }
    let zipped = get_with(host.port(80), "/static/page.css", &["Accept-Encoding: gzip"]).expect("an answer");
    zipped.says("color: black");
    ask(host, 80, "/static/deep/page.css").says("color: white");
    // The whole folder may be one.
    host.bash("cd /srv/aged/current && mv static files && ln -s /etc static && sleep 1.5");
    assert_eq!(ask(host, 80, "/static/passwd").status, 404);
}
