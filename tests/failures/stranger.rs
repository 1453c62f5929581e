//! A site of somebody else's that Nginx refuses.

use super::site::Site;

#[test]
fn a_strangers_mistake_is_shown_where_it_is() {
    let Some(site) = Site::open("stranger-01") else { return };
    nginx_refuses(&site);
    nginx_refuses_what_only_reloads(&site);
    nginx_refuses_by_a_link_that_leads_nowhere(&site);
}

const MISTAKE: &str = "server {\n    listen 8080;\n    server_name stranger;\n    proxy_passs http://127.0.0.1:9;\n}\n";

fn nginx_refuses(site: &Site) {
    let failure = site.failure("nginx -t refuses a stranger's site");
    site.project.edit("routes: {", "headers: { X-Mark: m2 }, routes: {");
    site.host().put("/etc/nginx/conf.d/stranger.conf", MISTAKE);
    let run = site.project.up(&[]);
    let evidence = [
        "Nginx refuses the new configuration",
        "unknown directive \"proxy_passs\" in /etc/nginx/conf.d/stranger.conf:4",
        "/etc/nginx/conf.d/stranger.conf:\n",
        "    3      server_name stranger;",
        ">    4      proxy_passs http://127.0.0.1:9;",
        "refused before the switch: live services were not touched",
    ];
    failure.told(&run, 3, &evidence);
    assert_eq!(site.host().get("/").header("X-Mark"), None, "our change of Nginx must not go through");
    site.host().bash("rm /etc/nginx/conf.d/stranger.conf");
    failure.nothing_left();
    failure.kept_serving().converges();
    assert_eq!(site.host().get("/").header("X-Mark"), Some("m2"));
}

fn nginx_refuses_by_a_link_that_leads_nowhere(site: &Site) {
    let failure = site.failure("nginx -t refuses a stranger's dead link");
    site.project.edit("X-Mark: m2", "X-Mark: m3");
    site.host().bash("ln -s /nowhere/site /etc/nginx/sites-enabled/stranger");
    let run = site.project.up(&[]);
    failure.told(&run, 3, &["/etc/nginx/sites-enabled/stranger", "No such file or directory"]);
    assert_eq!(site.host().get("/").header("X-Mark"), Some("m2"));
    site.host().bash("rm /etc/nginx/sites-enabled/stranger");
    failure.nothing_left();
    failure.kept_serving().converges();
}

/// Nginx has to read again what the plan does not change.
fn nginx_refuses_what_only_reloads(site: &Site) {
    let failure = site.failure("nginx -t refuses where Nginx only reloads");
    site.host().put("/etc/nginx/conf.d/stranger.conf", MISTAKE);
    site.host().bash("rm /var/lib/provision/loaded/nginx.service");
    let run = site.project.up(&[]);
    let evidence = ["Nginx refuses the new configuration", "/etc/nginx/conf.d/stranger.conf:4", "refused before"];
    failure.told(&run, 3, &evidence);
    site.host().bash("rm /etc/nginx/conf.d/stranger.conf");
    failure.nothing_left();
    failure.kept_serving().converges();
}
