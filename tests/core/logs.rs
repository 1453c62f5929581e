//! Log files that change hands: which a plan gives to whom, and `folder.py` that does it as a host runs it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use provision::apply::{Call, Options, transaction};
use provision::model::{LogTarget, Target};
use provision::probe::Facts;

use crate::fixture::{app, converged, desired, plan, site, target};
use crate::skip::skip;

/// Two apps of the user `web`, of which each has a log in `/tmp` and one of its own folder.
fn logging() -> Target {
    let mut target = target();
    for app in &mut target.apps {
        let file = |path: String| LogTarget::File(path.parse().unwrap());
        app.log.access = file(format!("/tmp/{}.log", app.name));
        app.log.error = file(format!("/var/log/{}/error.log", app.name));
        app.user = "web".parse().unwrap();
    }
    target
}

/// The host of that target, with the logs that are there.
fn host(target: &Target) -> Facts {
    let mut facts = converged(target);
    for app in &target.apps {
        facts.logs.extend(app.log.files().map(|path| (path.to_string(), app.user.to_string())));
    }
    facts
}

/// What a plan does to logs and to users that go: `FROM TO PATH…`, `user NAME`.
fn changes(target: &Target, facts: &Facts) -> Vec<String> {
    let desired = desired(target);
    let plan = plan(&desired, facts).unwrap();
    let transaction = transaction(&desired, &plan, Options::default());
    let words = |call: &Call| match call {
        Call::GiveLogs { .. } => Some(call.words().join(" ")),
        Call::RemoveUser { name } => Some(format!("user {name}")),
        _ => None,
    };
    transaction.steps.iter().filter_map(|step| words(&step.call)).collect()
}

#[test]
fn logs_go_with_the_user_of_their_app() {
    let facts = host(&logging());
    assert_eq!(changes(&logging(), &facts), [] as [&str; 0]);
    let mut one = logging();
    one.apps[0].user = "shop".parse().unwrap();
    let of_hello = "web shop /tmp/hello.log /var/log/hello/error.log";
    assert_eq!(changes(&one, &facts), [of_hello], "the other app goes on as the former user");
    let mut both = one.clone();
    both.apps[1].user = "shop".parse().unwrap();
    let of_web = "web shop /tmp/web.log /var/log/web/error.log";
    assert_eq!(changes(&both, &facts), [of_hello, of_web, "user web"]);
    // One that is not there yet may have to be given back; a stranger's is none of ours.
    let mut other = facts.clone();
    other.logs.remove("/tmp/hello.log");
    other.logs.insert("/var/log/hello/error.log".to_owned(), "root".to_owned());
    assert_eq!(changes(&one, &other), ["web shop /tmp/hello.log"]);
}

#[test]
fn a_new_name_takes_the_logs_along_and_a_new_app_takes_none() {
    let facts = host(&logging());
    let mut renamed = logging();
    let log = renamed.apps[1].log.clone();
    renamed.apps[1] = app("shop", 5001);
    renamed.apps[1].log = log;
    renamed.sites = vec![site(&["hello", "shop"])];
    assert_eq!(changes(&renamed, &facts), ["web shop /tmp/web.log /var/log/web/error.log"]);
    // One that the former app has yet to begin goes with the others.
    let mut starting = facts.clone();
    starting.logs.remove("/tmp/web.log");
    assert_eq!(changes(&renamed, &starting), ["web shop /tmp/web.log /var/log/web/error.log"]);
    let mut another = logging();
    another.apps.push(app("shop", 5002));
    another.apps[2].log.access = LogTarget::File("/tmp/shop.log".parse().unwrap());
    another.apps[2].log.error = LogTarget::File("/tmp/web.log".parse().unwrap());
    assert_eq!(changes(&another, &facts), [] as [&str; 0], "`web` stays, and so does what it logs to");
}

/// Two users of every Debian, whose groups have their names.
const USERS: [&str; 2] = ["daemon", "bin"];

fn give(path: &Path) -> (Option<i32>, String) {
    let mut python = Command::new("python3");
    python.args(["-I", "-S", "-W", "error", "src/apply/host/folder.py", "give"]).args(USERS).arg(path);
    let run = python.output().unwrap();
    (run.status.code(), String::from_utf8_lossy(&run.stderr).into_owned())
}

#[test]
fn only_a_log_of_the_former_user_is_given_away() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    if fs::write(at("log"), "").and_then(|()| chown(at("log"), Some(1), Some(1))).is_err() {
        return skip("only root can give files away");
    }
    for name in ["log.1", "log.2.gz", "log-20260101", "log.old", "linked", "roots"] {
        fs::write(at(name), "").unwrap();
        chown(at(name), Some(1), Some(4)).unwrap();
    }
    fs::set_permissions(at("log"), Permissions::from_mode(0o640)).unwrap();
    chown(at("roots"), Some(0), Some(0)).unwrap();
    fs::hard_link(at("linked"), at("log.3")).unwrap();
    fs::hard_link(at("roots"), at("log.4")).unwrap();
    symlink(at("roots"), at("log.5")).unwrap();
    assert_eq!(give(&at("log")), (Some(0), String::new()));
    let owner = |name: &str| {
        let metadata = fs::metadata(at(name)).unwrap();
        (metadata.uid(), metadata.gid())
    };
    assert_eq!(owner("log"), (2, 2));
    assert_eq!(fs::metadata(at("log")).unwrap().mode() & 0o777, 0o640);
    // Of another group than the user's, which stays.
    let rotated = ["log.1", "log.2.gz", "log-20260101", "log.old", "linked", "roots"];
    assert_eq!(rotated.map(owner), [(2, 4), (2, 4), (2, 4), (1, 4), (1, 4), (0, 0)]);

    for (name, wrong) in [("log.3", "with 2 names"), ("log.4", "of root"), ("log.5", "no file"), ("roots", "of root")] {
        let (code, complaint) = give(&at(name));
        assert!(code == Some(3) && complaint.contains(wrong), "{name}: {code:?} {complaint}");
    }
    assert_eq!(["linked", "roots"].map(owner), [(1, 4), (0, 0)]);
    assert_eq!(give(&at("no folder/log")), (Some(0), String::new()));
}
