//! Ports that another process holds.

use super::site::Site;

#[test]
fn a_port_that_is_taken_is_named_with_its_holder() {
    let Some(site) = Site::open("port-01") else { return };
    a_new_port_of_the_site(&site);
    a_new_port_of_the_app(&site);
    port_80_while_nginx_is_stopped(&site);
}

/// Something that listens on a port, under a name to be recognised by.
fn take(site: &Site, port: u16) {
    site.host().bash(&format!(
        "systemd-run --quiet --unit=squatter python3 -m http.server {port}; \
         until ss -tln | grep -q ':{port} '; do sleep 0.05; done"
    ));
}

fn release(site: &Site) {
    site.host().bash("systemctl stop squatter; systemctl reset-failed squatter 2>/dev/null || true");
}

fn a_new_port_of_the_site(site: &Site) {
    let failure = site.failure("new port of the site is taken");
    take(site, 8081);
    site.project.edit("routes: { /: { app: blue } }", "listen: [80, 8081], routes: { /: { app: blue } }");
    failure.either_may_answer();
    let run = site.project.up(&[]);
    failure.told(&run, 7, &["bind() to 0.0.0.0:8081 failed (98: Address already in use)", "python3", "rolled back"]);
    failure.nothing_left();
    let ended = failure.kept_serving();
    release(site);
    ended.converges();
    site.host().get_from(8081, "/").says(&site.answer());
}

fn a_new_port_of_the_app(site: &Site) {
    let failure = site.failure("new port of the app is taken");
    take(site, 5009);
    site.project.edit("bind: 127.0.0.1:5001", "bind: 127.0.0.1:5009");
    let run = site.project.up(&[]);
    failure.told(&run, 7, &["127.0.0.1:5009", "Address already in use", "python3", "rolled back"]);
    failure.nothing_left();
    let ended = failure.serves_again();
    release(site);
    ended.converges();
}

fn port_80_while_nginx_is_stopped(site: &Site) {
    let failure = site.failure("port 80 is taken, Nginx is stopped");
    site.host().bash("systemctl stop nginx");
    take(site, 80);
    let run = site.project.up(&[]);
    failure.told(&run, 7, &["bind() to 0.0.0.0:80 failed (98: Address already in use)", "python3", "rolled back"]);
    failure.nothing_left();
    assert_eq!(site.host().bash("systemctl is-active nginx || true"), "inactive", "it was stopped before");
    release(site);
    drop(failure);
    site.project.up(&[]).exits(0);
    site.converged();
}
