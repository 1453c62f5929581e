//! What clients get from rendered sites.

use provision::model::Site;

use crate::live::{Answer, Live};
use crate::sites::{closed, plain, secure};

const CURL: [&str; 2] = ["--header", "X-Nothing: 1"];

#[track_caller]
fn has_protection(answer: &Answer, what: &str) {
    assert_eq!(answer.header("X-Content-Type-Options"), "nosniff", "{what}: {answer:?}");
    assert_eq!(answer.header("X-Frame-Options"), "SAMEORIGIN", "{what}");
    assert_eq!(answer.header("Referrer-Policy"), "strict-origin-when-cross-origin", "{what}");
    assert_eq!(answer.header("Server"), "nginx", "{what} tells the version");
}

#[test]
fn headers_survive_in_every_location_and_the_apps_own_wins() {
    let Some(live) = Live::start(|ports| vec![plain("plain", ports.plain, &[])]) else { return };
    let url = |path: &str| format!("http://example.com:{}{path}", live.ports.plain);
    for (path, status) in [
        ("/", 200),
        ("/api/x", 200),
        ("/jobs/v1/x", 200),
        ("/jobs/v1", 301),
        ("/fail", 500),
        ("/static/page.css", 200),
        ("/static/", 403),
        ("/static/missing.css", 404),
        ("/static/deep/.env", 404),
    ] {
        let answer = live.get(&url(path), &CURL);
        assert_eq!(answer.status, status, "{path}");
        has_protection(&answer, path);
    }
    let large = "x".repeat(2 << 20);
    let upload = live.folder.path().join("upload");
    std::fs::write(&upload, large).unwrap();
    let answer = live.get(&url("/"), &["--header", "Expect:", "--data-binary", &format!("@{}", upload.display())]);
    assert_eq!(answer.status, 413);
    has_protection(&answer, "an upload that is too large");

    let own = live.get(&url("/own"), &[]);
    assert_eq!(own.header("X-Frame-Options"), "ALLOW-FROM https://partner.example");
    assert_eq!(own.header("X-Content-Type-Options"), "nosniff");
}

#[test]
fn files_may_be_kept_and_texts_are_compressed() {
    let Some(live) = Live::start(|ports| vec![plain("plain", ports.plain, &[])]) else { return };
    let url = |path: &str| format!("http://example.com:{}{path}", live.ports.plain);
    let file = live.get(&url("/static/page.css"), &[]);
    assert_eq!(file.header("Cache-Control"), "max-age=3600");
    let tag = file.header("ETag").to_owned();
    assert!(tag.starts_with('"'), "{file:?}");
    assert_eq!(live.get(&url("/static/page.css"), &["--header", &format!("If-None-Match: {tag}")]).status, 304);
    for path in ["/static/page.css", "/large"] {
        let answer =
            live.get(&url(path), &["--header", "Accept-Encoding: gzip", "--output", "/dev/null", "--dump-header", "-"]);
        assert_eq!((answer.header("Content-Encoding"), answer.header("Vary")), ("gzip", "Accept-Encoding"), "{path}");
    }
    std::fs::write(live.folder.path().join("srv/static/page.css.gz"), "as it is").unwrap();
    let answer = live.get(&url("/static/page.css"), &["--header", "Accept-Encoding: gzip"]);
    assert_eq!((answer.header("Content-Encoding"), answer.body.as_str()), ("gzip", "as it is"));
}

#[test]
fn routes_are_judged_as_before() {
    let Some(live) = Live::start(|ports| vec![plain("plain", ports.plain, &[])]) else { return };
    let url = |path: &str| format!("http://example.com:{}{path}", live.ports.plain);
    for (path, seen) in [
        ("/api", "/api"),
        ("/api/", "/api/"),
        ("/api/a%2Fb?c=%20", "/api/a%2Fb?c=%20"),
        ("/jobs/v1/", "/v1/"),
        ("/jobs/v1/a?b=c&d", "/v1/a?b=c&d"),
        ("/jobs/v1/a%20b%25%0A", "/v1/a%20b%25%0A"),
        ("//jobs//v1/x", "/v1/x"),
    ] {
        let answer = live.get(&url(path), &["--path-as-is"]);
        assert_eq!(answer.asked()["path"], seen, "{path}");
    }
    let asked =
        live.get(&url("/jobs/v1/x"), &["--header", "X-Forwarded-Ssl: on", "--header", "Forwarded: for=1"]).asked();
    let headers = &asked["headers"];
    assert_eq!(headers["x-forwarded-prefix"], "/jobs");
    assert_eq!(headers["x-forwarded-proto"], "http");
    assert_eq!(headers["host"], format!("example.com:{}", live.ports.plain));
    assert_eq!(headers["x-request-id"].as_str().map(str::len), Some(32));
    for forged in ["x-forwarded-ssl", "forwarded", "connection"] {
        assert!(headers[forged].is_null(), "{forged}: {headers}");
    }
    let moved = live.get(&url("/jobs/v1/move"), &[]);
    assert_eq!(moved.header("Location"), url("/jobs/there"));
    assert_eq!(live.get(&url("/jobs/v1"), &[]).header("Location"), "/jobs/v1/");
}

#[test]
fn connections_to_the_app_are_kept() {
    let Some(live) = Live::start(|ports| vec![plain("plain", ports.plain, &[])]) else { return };
    let from = || live.get(&format!("http://example.com:{}/", live.ports.plain), &[]).asked()["from"].clone();
    assert_eq!(from(), from(), "the second request came by another connection");
}

#[test]
fn unknown_names_get_nothing() {
    let sites = |ports: crate::sites::Ports| vec![plain("plain", ports.plain, &["plain.example.com"]), secure(ports)];
    let Some(live) = Live::start(sites) else { return };
    let (plain, redirect, tls) = (live.ports.plain, live.ports.redirect, live.ports.tls);
    assert_eq!(live.get(&format!("http://plain.example.com:{plain}/"), &[]).status, 200);
    for url in [
        format!("http://127.0.0.1:{plain}/"),
        format!("http://example.org:{plain}/"),
        format!("http://example.org:{redirect}/"),
        format!("https://example.org:{tls}/"),
        format!("https://127.0.0.1:{tls}/"),
    ] {
        assert!(live.try_get(&url, &[]).is_none(), "{url} is answered");
    }
    let no_name = live.try_get(&format!("http://plain.example.com:{plain}/"), &["--http1.0", "--header", "Host:"]);
    assert!(no_name.is_none(), "{no_name:?}");
    let mixed = live.get(&format!("https://secure.example.com:{tls}/"), &["--header", "Host: example.org"]);
    assert_eq!(mixed.status, 421, "another name than the one of the handshake");
}

#[test]
fn plain_http_leads_to_https() {
    let Some(live) = Live::start(|ports| vec![secure(ports)]) else { return };
    let (redirect, tls) = (live.ports.redirect, live.ports.tls);
    let answer = live.get(&format!("http://www.secure.example.com:{redirect}/a%20b?c=d"), &[]);
    assert_eq!(answer.status, 301);
    assert_eq!(answer.header("Location"), format!("https://www.secure.example.com:{tls}/a%20b?c=d"));
    assert_eq!(answer.header("Strict-Transport-Security"), "", "only HTTPS may say this");
    assert_eq!((answer.header("X-Served-By"), answer.header("Referrer-Policy")), ("web-01", "no-referrer"));
    let proof = live.get(&format!("http://secure.example.com:{redirect}/.well-known/acme-challenge/token"), &[]);
    assert_eq!((proof.status, proof.body.as_str()), (200, "proof"));

    let url = |path: &str| format!("https://secure.example.com:{tls}{path}");
    let home = live.get(&url("/"), &[]);
    assert_eq!((home.status, home.version.as_str()), (200, "2"));
    assert_eq!(home.header("Strict-Transport-Security"), "max-age=15552000");
    assert_eq!(home.header("Referrer-Policy"), "no-referrer", "the inventory's value replaces ours");
    assert_eq!(home.asked()["headers"]["x-forwarded-proto"], "https");
    assert_eq!(live.get(&url("/own"), &[]).header("Strict-Transport-Security"), "max-age=1");
    let file = live.get(&url("/static/page.css"), &["--http1.1"]);
    assert_eq!((file.version.as_str(), file.header("Cache-Control")), ("1.1", "no-cache"));
    assert_eq!(file.header("X-Frame-Options"), "SAMEORIGIN");
    assert!(live.try_get(&url("/"), &["--tls-max", "1.1"]).is_none(), "TLS 1.1 is broken");
    assert_eq!(live.get(&url("/"), &["--tls-max", "1.2"]).status, 200);
    assert_eq!(live.get(&url("/"), &["--tlsv1.3"]).status, 200);
}

#[test]
fn only_a_load_balancer_tells_who_the_client_is() {
    let Some(live) = Live::start(|ports| vec![secure(ports)]) else { return };
    let url = format!("https://secure.example.com:{}/", live.ports.tls);
    let says =
        ["--header", "X-Forwarded-For: 192.0.2.66, 203.0.113.9, 10.1.2.3", "--header", "X-Forwarded-Proto: http"];
    let asked = |from: &str| live.get(&url, &[&["--interface", from], &says[..]].concat()).asked()["headers"].clone();
    let believed = asked("127.0.0.2");
    assert_eq!((&believed["x-real-ip"], &believed["x-forwarded-for"]), (&"203.0.113.9".into(), &"203.0.113.9".into()));
    assert_eq!(believed["x-forwarded-proto"], "http");
    let stranger = asked("127.0.0.3");
    assert_eq!((&stranger["x-real-ip"], &stranger["x-forwarded-for"]), (&"127.0.0.3".into(), &"127.0.0.3".into()));
    assert_eq!(stranger["x-forwarded-proto"], "https");
}

#[test]
fn a_client_that_asks_too_often_is_told_so_and_the_host_itself_is_not() {
    let Some(live) = Live::start(|ports| vec![secure(ports)]) else { return };
    let url = |path: &str| format!("https://secure.example.com:{}{path}?[1-20]", live.ports.tls);
    // One process of curl asks twenty times at once.
    let statuses = |path: &str, arguments: &[&str]| -> Vec<String> {
        let each = ["--output", "/dev/null", "--parallel", "--write-out", "%{http_code}\n"];
        let output = std::process::Command::new("curl")
            .args(["--silent", "--insecure", "--noproxy", "*", "--connect-to", "::127.0.0.1:", "--max-time", "9"])
            .args(each)
            .args(arguments)
            .arg(url(path))
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    };
    let client = ["--interface", "127.0.0.2", "--header", "X-Forwarded-For: 198.51.100.7"];
    let count = |statuses: &[String], wanted: &str| statuses.iter().filter(|status| *status == wanted).count();
    let limited = statuses("/", &client);
    assert_eq!(limited.len(), 20);
    // One by the rate and two of the burst at once, two in their turn, of whom each takes two seconds.
    assert_eq!((count(&limited, "200"), count(&limited, "429")), (5, 15), "{limited:?}");
    let files = statuses("/static/page.css", &client);
    assert_eq!(count(&files, "200"), 20, "files are not counted: {files:?}");
    let own = statuses("/", &[]);
    assert_eq!(count(&own, "200"), 20, "the host's own checks are not counted: {own:?}");
}

#[test]
fn maintenance_answers_everything_and_waits_for_nobody() {
    let Some(live) = Live::start(|ports| vec![plain("plain", ports.plain, &["a.example.com"]), closed(ports.plain)])
    else {
        return;
    };
    let url = |path: &str| format!("http://closed.example.com:{}{path}", live.ports.plain);
    for (path, arguments) in [
        ("/", &[][..]),
        ("/static/page.css", &[]),
        ("/provision-maintenance.html", &[]),
        ("/jobs/v1/x?y", &["--data", "a=b"]),
        ("/", &["--request", "PUT", "--data", "x"]),
    ] {
        let answer = live.get(&url(path), arguments);
        assert_eq!((answer.status, answer.header("Retry-After")), (503, "300"), "{path} {arguments:?}");
        assert_eq!(
            (answer.header("Content-Type"), answer.header("Cache-Control")),
            ("text/html", "no-store"),
            "{path}"
        );
        assert!(answer.body.contains("<h1>We will be back soon</h1>"), "{path}: {}", answer.body);
        assert!(!answer.body.contains("web-01"), "the page tells nothing of the host");
        has_protection(&answer, path);
    }
    assert_eq!(live.get(&format!("http://a.example.com:{}/", live.ports.plain), &[]).status, 200, "others go on");
}

#[test]
fn a_site_may_answer_by_plain_http_as_well_and_leave_unknown_names_alone() {
    let both = |ports| {
        let mut site = Site { catch_all: false, rate_limit: None, behind: Vec::new(), ..secure(ports) };
        site.tls.as_mut().unwrap().redirect = false;
        vec![site]
    };
    let Some(live) = Live::start(both) else { return };
    let (plain, tls) = (live.ports.redirect, live.ports.tls);
    let answer = live.get(&format!("http://secure.example.com:{plain}/"), &[]);
    assert_eq!((answer.status, answer.header("Strict-Transport-Security")), (200, ""));
    assert_eq!(answer.asked()["headers"]["x-forwarded-proto"], "http");
    let proof = live.get(&format!("http://secure.example.com:{plain}/.well-known/acme-challenge/token"), &[]);
    assert_eq!((proof.status, proof.body.as_str()), (200, "proof"));
    let answer = live.get(&format!("https://secure.example.com:{tls}/"), &[]);
    assert_eq!((answer.status, answer.header("Strict-Transport-Security")), (200, "max-age=15552000"));
    assert_eq!(live.get(&format!("http://example.org:{plain}/"), &[]).status, 200, "the only site takes them");
}
