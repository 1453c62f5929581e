//! Hosts that are short of something. Nothing fails for it, and the run says what it means.

use super::inventory::{APP, Inventory};
use super::site::Site;

#[test]
fn what_a_host_is_short_of_is_said() {
    let Some(site) = Site::open("short-01") else { return };
    no_memory_for_two(&site);
    requests_wait_for_who_cannot_run_twice(&site);
    too_few_connections(&site);
}

fn no_memory_for_two(site: &Site) {
    site.new_environment();
    site.host().bash(
        "sed 's/^MemAvailable:.*/MemAvailable: 64 kB/' /proc/meminfo >/run/meminfo
        mount --bind /run/meminfo /proc/meminfo",
    );
    let run = site.project.up(&[]).exits(0);
    site.host().bash("umount /proc/meminfo");
    run.shows("memory is too short for a second process of blue: requests wait while it restarts");
    site.inventory(&Site::usual());
    site.project.up(&[]).exits(0).shows("! restart blue.service").hides("too short");
    site.converged();
}

fn requests_wait_for_who_cannot_run_twice(site: &Site) {
    let app = format!(
        "{APP}, bind: 127.0.0.1:5001, health: {{ path: /, timeout: 5s, before_switch: false }}, env: {{ LC_N: n7 }}"
    );
    site.inventory(&Inventory::default().app("blue", &app).site("front", "routes: { /: { app: blue } }"));
    site.project.up(&[]).exits(0).shows("restart blue.service, while requests wait");
    // 30 seconds to finish requests, 10 for what lasts longer, 30 to import the app, and what Nginx always adds.
    let timeout = site.host().bash("grep -o 'proxy_read_timeout [0-9]*s' /etc/nginx/sites-available/front");
    assert!(timeout.contains("proxy_read_timeout 75s"), "{timeout}");
}

fn too_few_connections(site: &Site) {
    let app = format!("{APP}, bind: 127.0.0.1:5001, health: {{ path: / }}, workers: 4, threads: 64");
    site.inventory(&Inventory::default().app("blue", &app).site("front", "routes: { /: { app: blue } }"));
    site.host().bash("sed -i 's/worker_connections .*/worker_connections 30;/' /etc/nginx/nginx.conf");
    // Those of all processes of Nginx, as many as the host has processors.
    let have = 30 * std::thread::available_parallelism().expect("processors").get();
    let said = format!("Nginx takes {have} connections, and needs 512");
    site.project
        .up(&[])
        .exits(0)
        .shows(&said)
        .shows("`worker_connections` in the block events of /etc/nginx/nginx.conf");
    site.host().bash("sed -i 's/worker_connections .*/worker_connections 768;/' /etc/nginx/nginx.conf");
    site.inventory(&Site::usual());
    site.project.up(&[]).exits(0).hides("connections");
    site.converged();
}
