//! Comments that allow a finding.

use provision::lint::Host;

use crate::lines;

const SITE: &str = "/etc/nginx/sites-available/site";

#[track_caller]
fn check(text: &str, rule: &str, expected: &[usize]) {
    assert_eq!(lines(&[(SITE, 0o644, text)], &Host::XENIAL, rule), expected, "{text}");
}

const SPOOFED: &str = "proxy_set_header Host $http_host;";

#[test]
fn a_comment_silences_one_finding_and_no_other() {
    let allow = "# provision: allow nginx/host-spoofing because the app checks it";
    check(&format!("server {{\n    {allow}\n    {SPOOFED}\n    {SPOOFED}\n}}\n"), "nginx/host-spoofing", &[4]);
    check(&format!("{SPOOFED} {allow}\n{SPOOFED}\n"), "nginx/host-spoofing", &[2]);
    check(&format!("{allow}\n# More about it.\n\n{SPOOFED}\n"), "nginx/", &[]);
    check(&format!("{allow}\nserver_tokens off;\n{SPOOFED}\n"), "nginx/host-spoofing", &[3]);
    check(&format!("{allow}\nserver_tokens off;\n{SPOOFED}\n"), "allow/unused", &[1]);
}

#[test]
fn a_comment_inside_a_block_speaks_of_the_block() {
    let allow = "# provision: allow nginx/version-disclosure because a monitor reads it";
    check(&format!("server {{\n    listen 80;\n    {allow}\n    server_name a;\n}}\n"), "nginx/", &[]);
    check(
        &format!("server {{\n    location / {{\n        {allow}\n        return 404;\n    }}\n}}\n"),
        "allow/unused",
        &[3],
    );
}

#[test]
fn a_finding_about_the_whole_file_is_allowed_anywhere_in_it() {
    let text = "# A file of others.\n# provision: allow file/managed-by because another tool writes it \
                too\nserver_tokens off;\n";
    check(text, "", &[]);
    check(text, "file/", &[]);
    let script = "#!/bin/sh\n# Says hello where there is no Bash.\n# provision: allow script/shebang because the \
                  rescue system has no Bash\necho hello\n";
    assert_eq!(lines(&[("/usr/local/bin/a", 0o755, script)], &Host::XENIAL, "script/"), [] as [usize; 0]);
}

#[test]
fn without_a_reason_a_comment_silences_nothing() {
    for allow in ["# provision: allow nginx/host-spoofing", "# provision: allow nginx/host-spoofing because "] {
        check(&format!("{allow}\n{SPOOFED}\n"), "nginx/host-spoofing", &[2]);
        check(&format!("{allow}\n{SPOOFED}\n"), "allow/without-reason", &[1]);
    }
    check(&format!("# provision: allow nginx/host because it is so\n{SPOOFED}\n"), "allow/unknown-rule", &[1]);
}

#[test]
fn other_languages_have_comments_of_their_own() {
    let unit =
        "[Service]\n; provision: allow systemd/relative-exec because every host has systemd 239\nExecStart=app\n";
    assert_eq!(lines(&[("/etc/systemd/system/a.service", 0o644, unit)], &Host::XENIAL, "systemd/"), [] as [usize; 0]);
    let settings = "preload_app = True  # provision: allow gunicorn/preload because this app is never reloaded\n";
    assert_eq!(lines(&[("/etc/a/gunicorn.conf.py", 0o644, settings)], &Host::XENIAL, "gunicorn/"), [] as [usize; 0]);
}
