//! Packages that cannot be installed: the package manager is busy, or the network is gone.

use super::site::Site;

#[test]
fn a_busy_package_manager_is_waited_for_and_a_missing_package_is_named() {
    let Some(site) = Site::open("apt-01") else { return };
    lock_is_held_for_ever(&site);
    lock_is_held_for_a_while(&site);
    no_network(&site);
}

/// Holds dpkg's lock as unattended upgrades do, and returns the process that does.
fn hold(site: &Site, seconds: u32) -> String {
    site.host().put("/run/hold.py", include_str!("../e2e/scripts/hold.py"));
    site.host().bash(&format!(
        "systemd-run --quiet --unit=holder -p StandardOutput=file:/run/held python3 /run/hold.py {seconds}; \
         until grep -q held /run/held 2>/dev/null; do sleep 0.05; done; systemctl show -P MainPID holder"
    ))
}

fn lock_is_held_for_ever(site: &Site) {
    let failure = site.failure("dpkg's lock is held for ever");
    site.project.edit("version: 1\n", "version: 1\npackages: [git]\n");
    let holder = hold(site, 3600);
    let run = site.project.up(&["--lock-wait", "10s"]);
    let who = format!("held by process {holder} (python3)");
    let evidence = ["waiting: the package manager's lock is", &who, "gave up after 10 seconds", "refused before"];
    failure.told(&run, 3, &evidence);
    // Bash counts whole seconds.
    assert!((9..30).contains(&run.took.as_secs()), "{:?}", run.took);
    failure.nothing_left();
    site.host().bash("systemctl stop holder; rm /run/held");
    failure.kept_serving().converges();
}

fn lock_is_held_for_a_while(site: &Site) {
    let failure = site.failure("dpkg's lock is held for 30 s");
    site.project.edit("[git]", "[git, curl]");
    let holder = hold(site, 30);
    failure.either_may_answer();
    let run = site.project.up(&[]);
    let who = format!("waiting: the package manager's lock is held by process {holder} (python3)");
    failure.told(&run, 0, &[&who, "changed="]);
    assert!((25..60).contains(&run.took.as_secs()), "{:?}", run.took);
    failure.kept_serving_either();
    site.host().bash("rm -f /run/held");
    site.converged();
}

/// The sandbox has no way to the internet; this takes away apt's own source as well.
fn no_network(site: &Site) {
    let failure = site.failure("apt has no network");
    site.project.edit("[git, curl]", "[git, curl, tree]");
    site.host().bash(
        "mkdir /root/kept; mv /etc/apt/sources.list* /root/kept; \
         echo 'deb http://deb.debian.org/debian bookworm main' >/etc/apt/sources.list",
    );
    let run = site.project.up(&[]);
    failure.told(
        &run,
        3,
        &["failed to install tree", "Temporary failure resolving 'deb.debian.org'", "refused before"],
    );
    site.host().bash("rm -r /etc/apt/sources.list*; mv /root/kept/* /etc/apt; apt-get --quiet update");
    failure.nothing_left();
    // The sandbox's own source has no such package.
    site.project.edit("[git, curl, tree]", "[git, curl]");
    failure.kept_serving().converges();
}
