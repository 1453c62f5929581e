//! Units whose program is not there.

use super::inventory::Inventory;
use super::site::Site;

#[test]
fn a_unit_whose_program_is_missing_is_refused_or_rolled_back() {
    let Some(site) = Site::open("exec-01") else { return };
    a_strangers_drop_in(&site);
    a_strangers_drop_in_after_the_check(&site);
    the_interpreter_vanishes(&site);
}

const DROP_IN: &str = "mkdir -p /etc/systemd/system/blue.service.d; \
    printf '[Service]\\nExecStart=\\nExecStart=/opt/agent/wrap gunicorn\\n' \
        >/etc/systemd/system/blue.service.d/wrap.conf; \
    systemctl daemon-reload";

fn drop_in_goes(site: &Site) {
    site.host().bash("rm -r /etc/systemd/system/blue.service.d; systemctl daemon-reload");
}

/// A restart with it would end the app, and so would the restart on the way back.
fn a_strangers_drop_in(site: &Site) {
    let failure = site.failure("a stranger's drop-in names no program");
    site.new_environment();
    site.host().bash(DROP_IN);
    let run = site.project.up(&[]);
    failure.told(
        &run,
        3,
        &["systemd refuses the new units", "/opt/agent/wrap", "blue.service.d/wrap.conf", "refused before"],
    );
    drop_in_goes(site);
    failure.nothing_left();
    failure.kept_serving().converges();
}

fn a_strangers_drop_in_after_the_check(site: &Site) {
    let failure = site.failure("a stranger's drop-in comes after the check");
    site.new_environment();
    let running = failure.up_to("restart blue.service");
    site.host().bash(DROP_IN);
    failure.go_on();
    let run = running.wait();
    failure.told(&run, 3, &["/opt/agent/wrap", "not every former app answers"]);
    drop_in_goes(site);
    failure.serves_again_after(|site| drop(site.project.up(&[]).exits(0)));
    site.converged();
}

/// The virtual environment was there when it was checked.
fn the_interpreter_vanishes(site: &Site) {
    let app = "source: { path: code }, wsgi: app:app, python: { install: venv }, bind: 127.0.0.1:5001, \
               health: { path: /, timeout: 5s }, env: { LC_N: n1 }";
    let inventory = Inventory::default().app("blue", app).site("front", "routes: { /: { app: blue } }");
    site.inventory(&inventory);
    site.project.up(&[]).exits(0);
    let failure = site.failure("a virtual environment's python vanishes");
    failure.either_may_answer();
    let running = failure.up_to("restart blue.service");
    site.host().bash("rm $(readlink /srv/blue/current)/venv/bin/python3");
    failure.go_on();
    let run = running.wait();
    let evidence = ["not every app is healthy", "venv/bin/python3: No such file or directory", "rolled back"];
    failure.told(&run, 7, &evidence);
    failure.nothing_left();
    failure.serves_again().converges();
}
