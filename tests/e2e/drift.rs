//! Edits by hand of every kind of managed file: shown, mended, and felt only by the processes that read the file.

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::processes::{Act, Processes};
use super::project::Project;

/// One edit by hand.
struct Edit {
    /// What is done on the host.
    by: &'static str,
    /// The path that `check` has to name.
    path: &'static str,
    /// A line of the diff, where content differs.
    diff: Option<&'static str>,
    /// What mending it does to processes.
    acts: &'static [(&'static str, Act)],
}

const EDITS: [Edit; 16] = [
    Edit {
        by: "echo '# by hand' >>/etc/nginx/sites-available/front",
        path: "/etc/nginx/sites-available/front",
        diff: Some("-# by hand"),
        acts: &[("nginx", Act::Reload)],
    },
    Edit {
        by: "echo 'workers = 5' >>/etc/provision/blue/gunicorn.conf.py",
        path: "/etc/provision/blue/gunicorn.conf.py",
        diff: Some("-workers = 5"),
        acts: &[("blue", Act::Reload)],
    },
    Edit {
        by: "rm /etc/provision/blue/gunicorn.conf.py",
        path: "/etc/provision/blue/gunicorn.conf.py",
        diff: Some("+workers = min("),
        acts: &[("blue", Act::Reload)],
    },
    Edit {
        by: "echo 'BY_HAND=\"1\"' >>/etc/provision/blue/env",
        path: "/etc/provision/blue/env",
        diff: Some("-BY_HAND="),
        acts: &[("blue", Act::Reload)],
    },
    Edit {
        by: "sed -i 's/^RestartSec=2$/RestartSec=60/' /etc/systemd/system/blue.service",
        path: "/etc/systemd/system/blue.service",
        diff: Some("+RestartSec=2"),
        acts: &[("blue", Act::Restart)],
    },
    Edit {
        by: "sed -i 's/^Backlog=2048$/Backlog=1/' /etc/systemd/system/blue.socket",
        path: "/etc/systemd/system/blue.socket",
        diff: Some("+Backlog=2048"),
        acts: &[("blue", Act::Restart)],
    },
    Edit {
        by: "echo '# by hand' >>/etc/logrotate.d/blue",
        path: "/etc/logrotate.d/blue",
        diff: Some("-# by hand"),
        acts: &[],
    },
    Edit {
        by: "echo 'exit 0' >>/usr/local/bin/reload-blue",
        path: "/usr/local/bin/reload-blue",
        diff: Some("-exit 0"),
        acts: &[],
    },
    Edit {
        by: "ln -sfn /etc/nginx/sites-available/default /etc/nginx/sites-enabled/front",
        path: "/etc/nginx/sites-enabled/front",
        diff: None,
        acts: &[("nginx", Act::Reload)],
    },
    Edit {
        by: "rm /etc/nginx/sites-enabled/front && nginx -s reload && sleep 1",
        path: "/etc/nginx/sites-enabled/front",
        diff: None,
        acts: &[("nginx", Act::Reload)],
    },
    Edit {
        by: "ln -sfn /etc/nginx/sites-available/default /etc/nginx/sites-enabled/default",
        path: "/etc/nginx/sites-enabled/default",
        diff: None,
        acts: &[("nginx", Act::Reload)],
    },
    Edit { by: "chmod 0666 /etc/logrotate.d/blue", path: "/etc/logrotate.d/blue", diff: None, acts: &[] },
    Edit {
        by: "chown blue:blue /usr/local/bin/reload-blue",
        path: "/usr/local/bin/reload-blue",
        diff: None,
        acts: &[],
    },
    Edit { by: "chmod 0777 /etc/provision/blue", path: "/etc/provision/blue", diff: None, acts: &[] },
    Edit { by: "chown blue:blue /srv/blue/releases", path: "/srv/blue/releases", diff: None, acts: &[] },
    Edit {
        by: "cp -a $(readlink /srv/blue/current) /srv/blue/releases/mine && ln -sfn /srv/blue/releases/mine \
             /srv/blue/current",
        path: "live release blue",
        diff: None,
        acts: &[("blue", Act::Reload)],
    },
];

#[test]
fn edits_by_hand_are_shown_and_mended_one_by_one() {
    let Some(project) = Project::open(&["drift-01"]) else { return };
    let logs = "log: { access: /var/log/blue/access.log, error: /var/log/blue/error.log }";
    let inventory = Inventory::default()
        .app("blue", &format!("{APP}, bind: 0.0.0.0:5001, {logs}"))
        .app("green", &format!("{APP}, bind: 0.0.0.0:5002"))
        .site("front", "routes: { /: { app: blue }, /green/: { app: green } }");
    project.inventory(&inventory).up(&[]).exits(0);
    let host = project.host();
    for Edit { by, path, diff, acts } in EDITS {
        host.bash(by);
        let before = Processes::of(host);
        let check = project.check(&["--diff"]).exits(2).shows(path);
        if let Some(line) = diff {
            assert!(check.text.lines().any(|shown| shown.starts_with(line)), "no `{line}` after {by}:\n{}", check.text);
        }
        Processes::of(host).only(&before, &[], &format!("check after {by}"));
        let up = project.up(&[]).exits(0);
        assert_eq!(up.plan(), check.plan(), "`check` and `up` plan the same after {by}");
        assert_eq!(up.plan().len(), 1 + acts.len().min(1), "only that is mended after {by}: {:?}", up.plan());
        Processes::of(host).only(&before, acts, by);
        project.check(&[]).exits(0);
        host.get("/").says("blue runs release one");
        host.get("/green/").says("green runs release one");
    }
    say(&format!("drift: {} edits by hand shown and mended", EDITS.len()));
}
