//! A main file of Nginx that does not include what provision writes: it is refused before anything is switched.

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::Project;

#[test]
fn a_main_file_that_does_not_read_our_sites_is_refused() {
    let Some(project) = Project::open(&["unread-01"]) else { return };
    let inventory = |mark: &str| {
        Inventory::default()
            .app("blue", &format!("{APP}, bind: 127.0.0.1:5001"))
            .site("front", &format!("headers: {{ X-Mark: {mark} }}, routes: {{ /: {{ app: blue }} }}"))
    };
    project.inventory(&inventory("old")).up(&[]).exits(0);
    let host = project.host();
    // What could not be started again is not touched.
    host.bash("systemctl mask nginx 2>/dev/null");
    let run = project.inventory(&inventory("new")).up(&[]);
    let run = run.exits(3).shows("`nginx.service` is masked on the host").shows("systemctl unmask nginx.service");
    assert!(run.took.as_secs() < 10, "{:?}", run.took);
    host.bash("systemctl unmask nginx 2>/dev/null");
    // Nginx itself has not read it yet.
    for (what, gone) in [("sites-enabled/*", "sites-enabled/front"), ("conf.d/*.conf", "conf.d/provision.conf")] {
        host.bash(&format!(
            "cp /etc/nginx/nginx.conf /root/main && grep -vF '{what}' /root/main >/etc/nginx/nginx.conf"
        ));
        // It is found even if there is nothing else to do.
        let changed = "/etc/nginx/nginx.conf changed after it was loaded";
        project.inventory(&inventory("old")).check(&[]).exits(2).shows(changed);
        let run = project.inventory(&inventory("new")).up(&[]);
        run.exits(3).shows("Nginx would not read").shows(gone).shows(&format!("include /etc/nginx/{what}"));
        host.get("/").says("blue runs release one");
        host.bash("mv /root/main /etc/nginx/nginx.conf");
    }
    project.up(&[]).exits(0);
    host.get("/").says("blue runs release one");
    project.check(&[]).exits(0);
    say("unread: a main file without our includes is refused, and the site goes on");
}
