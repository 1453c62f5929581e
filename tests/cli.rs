//! The built program as a user meets it, with no host.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use assert_cmd::Command;

const INVENTORY: &str = "\
version: 1
apps:
  web:
    source: { path: code }
    wsgi: app:app
    bind: unix:/run/web.sock
    env: { PASSWORD: { from_env: APP_PASSWORD } }
sites:
  main:
    listen: [80]
    routes:
      /: { app: web }
groups:
  web: { hosts: [\"web-[01:03]\"], sites: [main] }
  eu: { hosts: [web-02, db-01] }
hosts:
  web-01: { address: 192.0.2.1 }
  web-02: { address: 192.0.2.2 }
  web-03: { address: 192.0.2.3 }
  db-01: { address: 192.0.2.4, packages: [mariadb-server] }
";

/// A project folder with an inventory and the code of its app.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("inventory.yml"), INVENTORY).unwrap();
    fs::create_dir(folder.path().join("code")).unwrap();
    fs::write(folder.path().join("code/app.py"), "app = None\n").unwrap();
    folder
}

fn provision(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("provision").unwrap();
    for name in ["PROVISION_INVENTORY", "PROVISION_LIMIT", "PROVISION_USER", "PROVISION_FORKS"] {
        command.env_remove(name);
    }
    command.current_dir(folder).env("NO_COLOR", "1").env("APP_PASSWORD", "s3cret").args(arguments);
    command
}

/// Standard output and standard error of a run in a fresh project, which must end with `code`.
#[track_caller]
fn check(arguments: &[&str], code: i32) -> (String, String) {
    let folder = project();
    let output = provision(folder.path(), arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{stdout}\n{stderr}");
    (stdout, stderr)
}

#[track_caller]
fn check_hosts(patterns: &[&str], expected: &[&str]) {
    let (stdout, _) = check(&[&["check", "--list-hosts"], patterns].concat(), 0);
    assert_eq!(stdout.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn help_is_no_mistake() {
    let (help, _) = check(&["--help"], 0);
    assert!(help.contains("Exit codes:"), "{help}");
    for command in ["up", "check", "lint", "render", "reload", "history", "rollback", "status", "sandbox"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} in {help}");
        let (stdout, stderr) = check(&[command, "--help"], 0);
        assert!(stdout.contains("Usage: provision ") && stderr.is_empty(), "{stdout}{stderr}");
    }
    check(&["--version"], 0);
}

#[test]
fn wrong_use_exits_5() {
    for arguments in [&["up", "--no-such-flag"][..], &["no-such-command"], &[], &["render"], &["up", "--forks", "many"]]
    {
        let (stdout, stderr) = check(arguments, 5);
        assert!(stdout.is_empty() && !stderr.is_empty(), "{arguments:?}");
    }
    check(&["check", "--offline", "--sandbox"], 5);
}

#[test]
fn a_missing_inventory_tells_where_it_was_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let output = provision(folder.path(), &["check"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(
        stderr.contains("inventory.yml, inventory.yaml, inventories/production.yml") && stderr.contains("-i"),
        "{stderr}"
    );
    let (_, stderr) = check(&["check", "-i", "elsewhere.yml"], 5);
    assert!(stderr.contains("`elsewhere.yml` cannot be read"), "{stderr}");
}

#[test]
fn a_wrong_inventory_is_shown_by_file_line_and_column() {
    let folder = project();
    fs::write(folder.path().join("inventory.yml"), INVENTORY.replace("wsgi:", "wsig:")).unwrap();
    let output = provision(folder.path(), &["check"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    assert!(stderr.contains("inventory.yml:5:5") && stderr.contains("wsgi"), "{stderr}");
}

#[test]
fn hosts_are_selected_by_patterns() {
    check_hosts(&[], &["web-01", "web-02", "web-03", "db-01"]);
    check_hosts(&["web"], &["web-01", "web-02", "web-03"]);
    check_hosts(&["web:&eu"], &["web-02"]);
    check_hosts(&["web:!web-03"], &["web-01", "web-02"]);
    check_hosts(&["web-[02:03]"], &["web-02", "web-03"]);
    check_hosts(&["all", "--limit", "eu"], &["web-02", "db-01"]);
}

#[test]
fn a_pattern_that_selects_nothing_exits_5() {
    let (_, stderr) = check(&["check", "--list-hosts", "wbe-01"], 5);
    assert!(stderr.contains("wbe-01") && stderr.contains("help"), "{stderr}");
}

#[test]
fn render_writes_files_with_their_modes() {
    let folder = project();
    let status = provision(folder.path(), &["render", "web-01", "--out", "out"]).output().unwrap().status;
    assert_eq!(status.code(), Some(0));
    let host = folder.path().join("out/web-01");
    for (path, mode) in [
        ("etc/provision/web/env", 0o640),
        ("etc/systemd/system/web.service", 0o644),
        ("etc/nginx/sites-available/main", 0o644),
        ("usr/local/bin/reload-web", 0o755),
    ] {
        let metadata = fs::metadata(host.join(path)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, mode, "{path}");
    }
    assert!(!folder.path().join("out/web-02").exists());
}

#[test]
fn an_inventory_is_checked_without_any_host() {
    let (stdout, stderr) = check(&["check", "--offline", "web"], 0);
    assert_eq!(stdout.lines().filter(|line| line.contains("valid; sites: 1, apps: 1")).count(), 3, "{stdout}");
    // What only Upstart cannot do is no mistake, for a host may well run systemd.
    assert!(stderr.contains("if they ran Upstart: 3"), "{stderr}");
    assert!(!stdout.contains("s3cret") && !stderr.contains("s3cret"));
}

/// A run in a project whose template for Nginx is the built-in one with `wrong` at the end of its server.
fn with_template(wrong: &str, arguments: &[&str]) -> (i32, String, String) {
    let folder = project();
    let built_in = include_str!("../templates/nginx-site.conf.tera");
    let (server, _) = built_in.trim_end().rsplit_once('}').unwrap();
    fs::create_dir(folder.path().join("templates")).unwrap();
    fs::write(folder.path().join("templates/nginx-site.conf.tera"), format!("{server}{wrong}}}\n")).unwrap();
    // No secret is needed to look at what is rendered.
    let mut command = provision(folder.path(), arguments);
    if arguments[0] == "lint" {
        command.env_remove("APP_PASSWORD");
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const TRAVERSAL: &str = "    # Pictures.\n    location /img {\n        alias /srv/img/;\n    }\n";

#[test]
fn a_mistake_in_a_template_of_the_user_is_shown_by_template_and_rendered_line() {
    let (code, stdout, stderr) = with_template(TRAVERSAL, &["lint", "web"]);
    assert_eq!(code, 5, "{stdout}{stderr}");
    assert!(
        stdout.contains("error[nginx/alias-traversal]: a request for `/img..` leaves the folder `/srv/img/`"),
        "{stdout}"
    );
    assert!(
        stdout.contains("= note: rendered from `templates/nginx-site.conf.tera` for web-01, web-02, web-03"),
        "{stdout}"
    );
    assert!(stdout.contains(" |     location /img {\n"), "{stdout}");
    assert_eq!(stdout.matches("error[").count(), 1, "said once for all hosts: {stdout}");
    assert!(stderr.contains("lint: 1 error, 0 warnings; rules: "), "{stderr}");

    let (code, stdout, _) = with_template(TRAVERSAL, &["lint", "web-01", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(code, 5);
    assert_eq!(found["rule"], "nginx/alias-traversal");
    assert_eq!(found["hosts"], serde_json::json!(["web-01"]));
    assert_eq!(found["text"], "    location /img {");
    // The line is the one that `render` writes.
    let folder = project();
    provision(folder.path(), &["render", "web-01", "--out", "out"]).output().unwrap();
    let built_in = fs::read_to_string(folder.path().join("out/web-01/etc/nginx/sites-available/main")).unwrap();
    assert_eq!(found["line"], built_in.lines().count() + 1);

    let (code, stdout, stderr) = with_template(TRAVERSAL, &["check", "--offline", "web"]);
    assert_eq!(code, 5, "{stdout}{stderr}");
    assert!(stderr.contains("error[nginx/alias-traversal]") && stderr.contains("lint: 1 error"), "{stderr}");
}

#[test]
fn a_comment_with_a_reason_allows_a_finding() {
    let allowed = TRAVERSAL.replace("Pictures.", "provision: allow nginx/alias-traversal because the folder is public");
    let (code, stdout, stderr) = with_template(&allowed, &["lint"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    assert!(stderr.contains("lint: no findings"), "{stderr}");
}

#[test]
fn what_is_only_regrettable_stops_lint_and_not_the_check() {
    let blanks = "    # Blanks follow. \n    etag on;\n";
    let (code, stdout, _) = with_template(blanks, &["lint"]);
    assert_eq!(code, 5);
    assert!(stdout.contains("warning[file/trailing-blank]"), "{stdout}");
    let (code, _, stderr) = with_template(blanks, &["check", "--offline"]);
    assert_eq!(code, 0);
    assert!(stderr.contains("lint: 0 errors, 1 warning"), "{stderr}");
}

#[test]
fn rules_are_listed_and_explained() {
    let (stdout, _) = check(&["lint", "--rules"], 0);
    assert!(stdout.contains("nginx/alias-traversal") && stdout.contains("file/final-newline"), "{stdout}");
    let (stdout, _) = check(&["lint", "--explain", "nginx/resolver"], 0);
    assert!(stdout.starts_with("## nginx/resolver\n") && stdout.contains("**Instead:**"), "{stdout}");
    let (_, stderr) = check(&["lint", "--explain", "nginx/resolvr"], 5);
    assert!(stderr.contains("did you mean `nginx/resolver`?"), "{stderr}");
    let (stdout, _) = check(&["lint", "--rules", "--format", "json"], 0);
    for line in stdout.lines() {
        let rule: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(rule["why"].as_str().is_some_and(|why| !why.is_empty()), "{line}");
    }
}

#[test]
fn a_missing_folder_of_code_names_the_app() {
    let folder = project();
    fs::remove_dir_all(folder.path().join("code")).unwrap();
    let output = provision(folder.path(), &["check", "--offline"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("app `web`") && stderr.contains("there is no folder"), "{stderr}");
}

#[test]
fn an_unreachable_host_exits_4_and_says_what_to_try() {
    let folder = project();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let inventory =
        INVENTORY.replace("{ address: 192.0.2.1 }", &format!("{{ address: 127.0.0.1, ssh: {{ port: {closed} }} }}"));
    fs::write(folder.path().join("inventory.yml"), inventory).unwrap();
    let mut command = provision(folder.path(), &["check", "web-01", "-T", "2"]);
    let output = command.env("XDG_RUNTIME_DIR", folder.path()).env("HOME", folder.path()).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(text.contains("Connection refused") && text.contains("is the host up"), "{text}");
}

/// A question to a host that cannot be found, with `inventory.yml` as given, or without one: standard error.
#[track_caller]
fn check_lost(inventory: Option<&str>, arguments: &[&str], code: i32) -> String {
    let folder = project();
    match inventory {
        Some(text) => fs::write(folder.path().join("inventory.yml"), text).unwrap(),
        None => fs::remove_file(folder.path().join("inventory.yml")).unwrap(),
    }
    let mut command = provision(folder.path(), arguments);
    let output = command.env("XDG_RUNTIME_DIR", folder.path()).env("HOME", folder.path()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{stderr}");
    stderr
}

#[test]
fn a_host_that_no_inventory_knows_is_an_ssh_destination() {
    const HOST: &str = "deploy@gone.invalid";
    let stderr = check_lost(None, &["history", HOST, "-T", "2"], 4);
    assert!(stderr.contains("`deploy@gone.invalid` is taken as an ssh destination"), "{stderr}");
    assert!(stderr.contains("Could not resolve hostname gone.invalid"), "{stderr}");
    let stderr = check_lost(None, &["history", HOST, "-i", "gone.yml", "-T", "2"], 4);
    assert!(stderr.contains("`gone.yml` cannot be read") && stderr.contains("taken as"), "{stderr}");
    let stderr = check_lost(Some(INVENTORY), &["history", "gone.invalid", "-T", "2"], 4);
    assert!(stderr.contains("no host or group matches `gone.invalid`; `gone.invalid` is taken as"), "{stderr}");
    // Only `up` needs the secrets of apps.
    let inventory = INVENTORY.replace("APP_PASSWORD", "NOT_SET");
    check_lost(Some(&inventory.replace("192.0.2.1 ", "gone.invalid ")), &["rollback", "web-01", "-T", "2"], 4);
    let stderr = check_lost(Some("hosts: ["), &["history", HOST, "--no-inventory", "-T", "2"], 4);
    assert!(!stderr.contains("inventory.yml"), "{stderr}");
}

#[test]
fn an_inventory_with_mistakes_stops_unless_it_is_not_wanted() {
    let stderr = check_lost(Some(&INVENTORY.replace("wsgi:", "wsig:")), &["history", "web-01"], 5);
    assert!(stderr.contains("inventory.yml:5:5") && stderr.contains("`--no-inventory` does without it"), "{stderr}");
    let stderr = check_lost(Some(INVENTORY), &["history", "web-0*:&nothing"], 5);
    assert!(stderr.contains("no host or group matches `nothing`"), "{stderr}");
    let stderr = check_lost(Some(INVENTORY), &["history", "web-*", "--no-inventory"], 5);
    assert!(stderr.contains("one host must be named"), "{stderr}");
    let stderr = check_lost(Some(INVENTORY), &["rollback", "web", "--to", "3"], 5);
    assert!(stderr.contains("`web` means 3 hosts, and each counts its own generations"), "{stderr}");
}

/// What a program of another makes of a name is as good as anything that a host could say.
#[test]
fn secrets_are_masked_in_what_other_programs_say() {
    let folder = project();
    let inventory = INVENTORY.replace("192.0.2.1 ", "hunter2-sudo.s3cret.invalid ");
    fs::write(folder.path().join("inventory.yml"), inventory).unwrap();
    for arguments in
        [&["check", "web-01", "-T", "2"][..], &["history", "web-01", "-T", "2"], &["status", "web-01", "-T", "2"]]
    {
        let mut command = provision(folder.path(), arguments);
        let output = command.env("PROVISION_BECOME_PASSWORD", "hunter2-sudo").output().unwrap();
        assert_eq!(output.status.code(), Some(4));
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.contains("Could not resolve hostname ********.********.invalid"), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("s3cret"), "{text}");
    }
}

#[test]
fn what_stays_here_is_told_offline() {
    let folder = project();
    let code = folder.path().join("code");
    fs::write(code.join(".env"), "SECRET=1\n").unwrap();
    fs::create_dir_all(code.join("node_modules/a")).unwrap();
    fs::write(code.join("node_modules/a/index.js"), "x").unwrap();
    let run = || String::from_utf8(provision(folder.path(), &["check", "--offline"]).output().unwrap().stderr).unwrap();
    let told = run();
    assert!(told.contains("not sent with app `web`: `.env`, `node_modules`; `include` of its source"), "{told}");
    let named = INVENTORY.replace("{ path: code }", "{ path: code, include: [.env, node_modules] }");
    fs::write(folder.path().join("inventory.yml"), named).unwrap();
    assert!(!run().contains("not sent"), "{}", run());
}

#[test]
fn a_link_where_nginx_follows_none_is_refused_offline() {
    let folder = project();
    let code = folder.path().join("code");
    fs::create_dir(code.join("static")).unwrap();
    fs::write(code.join("static/page.css"), "x").unwrap();
    std::os::unix::fs::symlink("page.css", code.join("static/linked.css")).unwrap();
    let routes = INVENTORY.replace("/: { app: web }", "/: { app: web }\n      /static/: { app: web, files: static }");
    fs::write(folder.path().join("inventory.yml"), routes).unwrap();
    let output = provision(folder.path(), &["check", "--offline"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && told.contains("such as `static/linked.css`"), "{told}");
    fs::remove_file(code.join("static/linked.css")).unwrap();
    assert!(provision(folder.path(), &["check", "--offline"]).output().unwrap().status.success());
}

/// Sixteen hosts at once need more open files than that.
#[test]
fn few_open_files_mean_fewer_hosts_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let hosts = (1..=20).map(|n| format!("  web-{n:02}: {{ address: 127.0.0.{n}, ssh: {{ port: 9 }} }}\n"));
    let text = format!("version: 1\npackages: [curl]\nhosts:\n{}", hosts.collect::<String>());
    fs::write(folder.path().join("inventory.yml"), text).unwrap();
    let program = assert_cmd::cargo::cargo_bin("provision");
    let run = |limit: &str| {
        let command = format!("ulimit -n {limit}; exec {} check", program.display());
        let output = std::process::Command::new("bash")
            .args(["-c", &command])
            .current_dir(folder.path())
            .env("NO_COLOR", "1")
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("HOME", folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(4));
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    let few = run("64");
    assert!(few.contains("note: at most 3 hosts at once: this machine allows 64 open files (`ulimit -n`)"), "{few}");
    assert!(!few.contains("Too many open files"), "{few}");
    // Where it is told, and in the recap.
    assert_eq!(few.matches("Connection refused").count(), 2 * 20, "{few}");
    // A limit that may be raised is.
    let raised = run("-S 64");
    assert!(!raised.contains("hosts at once") && !raised.contains("Too many open files"), "{raised}");
}
