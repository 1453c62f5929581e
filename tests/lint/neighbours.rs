//! Close neighbours of what the rules find: texts where a hasty rule would be wrong, in one way or the other.

use provision::lint::{Host, Severity, Source, lint};
use provision::platform::Version;

use crate::{findings, lines};

#[track_caller]
fn check(path: &str, rule: &str, cases: &[(&str, &[usize])]) {
    for (text, expected) in cases {
        assert_eq!(lines(&[(path, 0o755, text)], &Host::XENIAL, rule), *expected, "{rule} in:\n{text}");
    }
}

#[track_caller]
fn check_nginx(rule: &str, cases: &[(&str, &[usize])]) {
    check("/etc/nginx/conf.d/a.conf", rule, cases);
}

#[track_caller]
fn check_unit(rule: &str, cases: &[(&str, &[usize])]) {
    check("/etc/systemd/system/a.service", rule, cases);
}

#[test]
fn paths_of_nginx() {
    check_nginx(
        "nginx/alias-traversal",
        &[
            ("location /a { alias /b/; }", &[1]),
            ("location ^~ /a {\n alias /b; }", &[1]),
            ("location = /a { alias /b; }", &[]),
            ("location ~ ^/a/(.*)$ { alias /b/$1; }", &[]),
            ("location /a { root /b; }", &[]),
        ],
    );
    check_nginx(
        "nginx/proxy-pass-path",
        &[
            ("location /a {\n proxy_pass http://b/; }", &[2]),
            ("location /a/ {\n proxy_pass http://b; }", &[]),
            ("location / {\n proxy_pass http://b/; }", &[]),
            ("location ~ ^/a {\n proxy_pass http://b/c; }", &[2]),
            ("location ~ ^/a {\n proxy_pass http://b$request_uri; }", &[]),
            ("location @a {\n proxy_pass http://b/; }", &[2]),
            ("location /a/ {\n proxy_pass http://unix:/run/b.sock; }", &[]),
            ("location /a/ {\n proxy_pass http://unix:/run/b.sock:/c; }", &[2]),
            ("location = /a {\n proxy_pass http://b/; }", &[]),
        ],
    );
    check_nginx(
        "nginx/unescaped-dot",
        &[
            ("location ~ .php$ { return 404; }", &[1]),
            ("location ~ \"(?s)^.{13}(.*/)?[.]\" { return 404; }", &[]),
            ("location /.well-known/ { return 404; }", &[]),
        ],
    );
}

#[test]
fn headers_of_nginx() {
    check_nginx(
        "nginx/host-spoofing",
        &[
            ("return 301 https://$http_host$request_uri;", &[1]),
            ("return 301 https://$host/a?from=$http_host;", &[]),
            ("rewrite ^ https://$arg_to/ permanent;", &[1]),
            ("proxy_set_header host $http_host;", &[1]),
            ("proxy_set_header X-Asked $http_host;", &[]),
        ],
    );
    check_nginx(
        "nginx/add-header-dropped",
        &[
            ("add_header A 1;\nserver {\n add_header B 1;\n}", &[3]),
            ("add_header A 1;\nserver {\n add_header a 2;\n add_header B 1;\n}", &[]),
            ("add_header A 1;\nserver {\n expires 1h;\n}", &[]),
            ("server {\n add_header A 1;\n}\nserver {\n add_header B 1;\n}", &[]),
            // The innermost level that has any is the one that is lost.
            (
                "add_header A 1;\nserver {\n add_header A 1;\n add_header B 1;\n location / {\n  add_header A 1;\n \
                 }\n}",
                &[6],
            ),
        ],
    );
    check_nginx(
        "nginx/http-splitting",
        &[
            ("add_header X-Path $uri;", &[1]),
            ("add_header X-Path $request_uri;", &[]),
            ("return 302 /a${document_uri};", &[1]),
            ("return 200 $uri;", &[]),
            ("try_files $uri =404;", &[]),
            ("rewrite ^ /index.php?q=$uri last;", &[]),
            ("location ~ ^/a/([^/]+)$ {\n return 302 /b/$1;\n}", &[2]),
            ("location ~ ^/a/([^/\\s]+)$ {\n return 302 /b/$1;\n}", &[]),
            ("location ~ ^/a/(.*)$ {\n return 302 /b/$1;\n}", &[]),
            ("location ~ ^/(?<name>[^.]*)$ {\n add_header X-Name $name;\n}", &[2]),
        ],
    );
}

#[test]
fn upstreams_of_nginx() {
    check_nginx(
        "nginx/ssrf",
        &[
            ("location / { set $to 127.0.0.1:5000; proxy_pass http://$to; }", &[]),
            ("location / { set $to $arg_to; proxy_pass http://$to; }", &[1]),
            ("location / { proxy_pass http://$host; }", &[1]),
            ("location / { proxy_pass http://app/$arg_to; }", &[]),
            ("map $host $to { default $host; }\nlocation / { proxy_pass http://$to; }", &[2]),
        ],
    );
    check_nginx(
        "nginx/resolver",
        &[
            ("location / { set $to http://app.internal; proxy_pass $to; }", &[1]),
            ("location / { set $to http://127.0.0.1:5000; proxy_pass $to; }", &[]),
            ("location / { resolver 127.0.0.53; set $to http://app.internal; proxy_pass $to; }", &[]),
            ("location / { proxy_pass http://app.internal; }", &[]),
            ("location / { proxy_pass http://127.0.0.1:5000$request_uri; }", &[]),
            ("upstream app { server 127.0.0.1:5000; }\nlocation / { proxy_pass http://app$request_uri; }", &[]),
        ],
    );
}

#[test]
fn access_and_tls_of_nginx() {
    check_nginx(
        "nginx/if-in-location",
        &[
            ("location / {\n if ($a) {\n  set $b 1;\n }\n}", &[3]),
            ("location / {\n if ($a) {\n  rewrite ^ /b last;\n }\n}", &[]),
            ("location / {\n if ($a) {\n  rewrite ^ /b;\n }\n}", &[3]),
            ("server {\n if ($a) {\n  set $b 1;\n }\n}", &[]),
        ],
    );
    check_nginx(
        "nginx/allow-without-deny",
        &[
            ("location / {\n allow 127.0.0.1;\n allow ::1;\n}", &[2]),
            ("location / {\n allow all;\n}", &[]),
            // An outer `deny` is not inherited by a block that has rules of its own.
            ("deny all;\nlocation / {\n allow 127.0.0.1;\n}", &[3]),
        ],
    );
    check_nginx(
        "nginx/version-disclosure",
        &[("server_tokens off;\nserver { listen 80; }", &[]), ("server_tokens build;\nserver { listen 80; }", &[1])],
    );
    check_nginx("nginx/weak-tls-protocol", &[("ssl_protocols TLSv1.2 TLSv1.3;", &[]), ("ssl_protocols SSLv3;", &[1])]);
    check_nginx(
        "nginx/weak-cipher",
        &[
            ("ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305;", &[]),
            ("ssl_ciphers ECDHE-RSA-DES-CBC3-SHA;", &[1]),
            ("ssl_ciphers ALL:!aNULL;", &[1]),
            ("ssl_ciphers \"EECDH+AESGCM:!eNULL:-RC4\";", &[]),
        ],
    );
    check_nginx(
        "nginx/default-tls-protocols",
        &[
            ("ssl_protocols TLSv1.2;\nserver { listen 443 ssl; }", &[]),
            ("server { listen 80; }", &[]),
            ("server { listen 443 ssl http2; }", &[1]),
        ],
    );
}

#[test]
fn servers_of_nginx_in_one_file() {
    check_nginx(
        "nginx/duplicate-default-server",
        &[
            ("server { listen 80 default_server; }\nserver { listen 0.0.0.0:80 default_server; }", &[2]),
            ("server { listen 80 default_server; }\nserver { listen [::]:80 default_server; }", &[]),
        ],
    );
    check_nginx(
        "nginx/no-default-server",
        &[
            ("server { listen 80; server_name a; }\nserver { listen 8080; server_name b; }", &[]),
            ("server { listen 80; server_name a; }\nserver { listen *:80; server_name b; }", &[1]),
        ],
    );
}

#[test]
fn units() {
    check_unit(
        "systemd/unknown-directive",
        &[
            ("[Unit]\nRestart=always\n", &[2]),
            ("[Service]\nX-Owner=web\nRestart=always\n", &[]),
            ("[Service]\nrestart=always\n", &[2]),
        ],
    );
    check_unit(
        "systemd/specifier",
        &[
            ("[Service]\nExecStart=/bin/a %n 50%% %i\n", &[]),
            ("[Service]\nCPUQuota=50%\n", &[]),
            ("[Service]\nExecStart=/bin/a %k\n", &[2]),
        ],
    );
    check_unit(
        "systemd/relative-exec",
        &[
            ("[Service]\nExecStartPre=-/bin/a\nExecStart=@/bin/b c\n", &[]),
            ("[Service]\nExecStart=\nExecStart=/bin/b\n", &[]),
            ("[Service]\nExecStartPre=-a\n", &[2]),
        ],
    );
    check_unit(
        "systemd/dollar",
        &[
            ("[Service]\nExecStart=/bin/a $$HOME ${HOME}\n", &[]),
            ("[Service]\nExecStart=/bin/a ${PORT}\n", &[2]),
            ("[Service]\nEnvironment=\"PORT=1\" B=2\nExecStart=/bin/a ${PORT} $B\n", &[]),
            ("[Service]\nEnvironmentFile=/etc/a\nExecStart=/bin/a ${PORT}\n", &[]),
            ("[Service]\nExecStart=/bin/a $1\n", &[2]),
        ],
    );
    check_unit(
        "systemd/shell-syntax",
        &[("[Service]\nExecStart=/bin/a --sep=| b\n", &[]), ("[Service]\nExecStart=/bin/a && /bin/b\n", &[2])],
    );
    check_unit(
        "systemd/restart-limit",
        &[
            ("[Service]\nRestart=no\n", &[]),
            ("[Service]\nRestart=on-failure\n", &[2]),
            ("[Service]\nStartLimitBurst=3\nRestart=on-failure\n", &[]),
        ],
    );
    check("/etc/systemd/system/a.service.d/b.conf", "systemd/restart-limit", &[("[Service]\nRestart=always\n", &[])]);
    check("/etc/systemd/system/a.socket", "systemd/unknown-section", &[("[Socket]\n[Service]\n", &[2])]);
    check("/etc/systemd/system/a.socket", "systemd/unknown-directive", &[("[Socket]\nPrivateTmp=yes\n", &[])]);
}

#[test]
fn jobs() {
    let check = |rule, cases: &[(&str, &[usize])]| check("/etc/init/a.conf", rule, cases);
    check(
        "upstart/script-exec",
        &[
            ("script\n  set -e\n  exec a \\\n    --b\n  # c\nend script\n", &[]),
            ("pre-start script\n  a\nend script\nexec b\n", &[]),
            ("script\n  exec a &\n  b\nend script\n", &[3]),
            ("task\nscript\n  a\nend script\n", &[]),
        ],
    );
    check(
        "upstart/expect",
        &[("expect fork\nexec gunicorn --daemon a:a\n", &[]), ("expect stop\nexec gunicorn a:a\n", &[])],
    );
    check("upstart/kill-timeout", &[("start on startup\n", &[]), ("task\nexec a\n", &[]), ("exec a\n", &[1])]);
    check("upstart/unknown-stanza", &[("start on (a\n  and b)\nnormal exit 0\nenv A=1\nEnv B=1\n", &[5])]);
    check("upstart/exec-assignment", &[("exec a --b=c\n", &[]), ("pre-start exec A=b c\n", &[1])]);
}

#[test]
fn settings_of_gunicorn() {
    let check = |rule, cases: &[(&str, &[usize])]| check("/etc/provision/a/gunicorn.conf.py", rule, cases);
    let reload = |said: &str| format!("# A file.\n\n\n\n\n\n\n\ndef on_reload(server):\n{said}    pass\n");
    check(
        "file/uncommented-block",
        &[(reload("    \"\"\"Says so.\"\"\"\n").as_str(), &[]), (reload("").as_str(), &[9])],
    );
    check(
        "gunicorn/later-syntax",
        &[
            ("a = 'f\"x\" := 1_000'  # f'y'\n", &[]),
            ("def a(b: int):\n    return b\n", &[]),
            ("if a:\n    b = rf'x'\n", &[2]),
            ("\"\"\"A text.\n\na: int = 1_000\n\"\"\"\n", &[]),
        ],
    );
    check(
        "gunicorn/preload",
        &[("preload_app = True\npreload_app = False\n", &[]), ("preload_app=True # yes\n", &[1])],
    );
    check("gunicorn/unknown-setting", &[("import os\nCORES = 2\ndef post_fork(a, b):\n    wrokers = 1\n", &[])]);
}

#[test]
fn whoever_stops_gunicorn_is_found_by_the_path_of_its_settings() {
    let settings = "graceful_timeout = 30\n";
    let unit = |stop: &str| format!("[Service]\nExecStart=/usr/bin/gunicorn3 -c /etc/a/gunicorn.conf.py a:a\n{stop}\n");
    let job =
        |stop: &str| format!("{stop}\nscript\n  exec gunicorn3 --config '/etc/a/gunicorn.conf.py' a:a\nend script\n");
    let check = |path: &str, text: &str, expected: &[usize]| {
        let texts = [("/etc/a/gunicorn.conf.py", 0o644, settings), (path, 0o644, text)];
        assert_eq!(lines(&texts, &Host::XENIAL, "gunicorn/stop-timeout"), expected, "{text}");
    };
    let (service, upstart) = ("/etc/systemd/system/a.service", "/etc/init/a.conf");
    check(service, &unit("TimeoutStopSec=20"), &[3]);
    check(service, &unit("TimeoutStopSec=1min"), &[]);
    check(service, &unit("TimeoutStopSec=infinity"), &[]);
    // systemd's own 90 seconds are enough, Upstart's 5 are not.
    check(service, &unit("Type=simple"), &[]);
    check(upstart, &job("kill timeout 40"), &[]);
    check(upstart, &job("kill timeout 30"), &[1]);
    check(upstart, &job("console log"), &[2]);
}

#[test]
fn rotations() {
    let check = |rule, cases: &[(&str, &[usize])]| check("/etc/logrotate.d/a", rule, cases);
    check(
        "logrotate/",
        &[
            ("\"/var/log/a\" /var/log/b {\n  rotate 1\n  copytruncate\n}\n", &[]),
            ("rotate 1\n/var/log/a\n{\n  copytruncate\n}\n", &[]),
            ("/var/log/a {\n  rotate 1\n  postrotate\n    if a; then { b; }; fi\n  endscript\n}\n", &[]),
            ("/var/log/a {\n  rotate 1\n  copytruncate\n", &[1]),
        ],
    );
    check("logrotate/su", &[("/var/log/tmp/a {\n rotate 1\n copytruncate\n}\n", &[]), ("\"/tmp/a\" {\n}\n", &[1])]);
}

#[test]
fn scripts_and_files() {
    check(
        "/usr/local/bin/a",
        "script/",
        &[("#!/usr/bin/env python3\n# Says hello.\nprint('hello')\n", &[]), ("echo hello\n", &[1, 1])],
    );
    check("/opt/page.html", "file/", &[("<p>\n\n\n\tHello. \n", &[])]);
    check("/etc/nginx/conf.d/a.conf", "file/final-newline", &[("# a\n\n", &[2]), ("# a", &[1]), ("", &[])]);
    check("/etc/provision/a/env", "file/", &[("# Managed by provision.\nA=\"b \n\n\n\tc\"\n", &[])]);
}

#[test]
fn a_secret_is_in_no_finding() {
    let secrets = ["s3cret".to_owned()];
    let content = "# Managed by provision.\nPASSWORD=s3cret \n";
    let source = Source { path: "/etc/default/a", content, template: "a.tera", mode: 0o640, secrets: &secrets };
    let found = lint(&[source], &Host::XENIAL);
    assert_eq!(found.iter().map(|one| one.rule.id).collect::<Vec<_>>(), ["file/trailing-blank"]);
    assert_eq!(found[0].text, "PASSWORD=******** ");
}

#[test]
fn what_the_host_lacks_is_an_error_and_what_the_oldest_lacks_a_warning() {
    let severity = |nginx| {
        let host = Host { nginx, ..Host::default() };
        let found = findings(&[("/etc/nginx/conf.d/a.conf", 0o644, "server { http2 on; }\n")], &host);
        found.iter().find(|one| one.rule.id == "nginx/later-directive").map(|one| one.severity)
    };
    assert_eq!(severity(Some(Version::new(1, 22, 1))), Some(Severity::Error));
    assert_eq!(severity(None), Some(Severity::Warning));
    assert_eq!(severity(Some(Version::new(1, 25, 1))), None);
}
