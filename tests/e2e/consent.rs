//! What destroys is asked for on a terminal, and has to be allowed by name elsewhere, before anything is changed.

use super::host::Host;
use super::inventory::{APP, ssh};
use super::lab::say;
use super::project::Project;

/// Two hosts with an app each; the second one gets files as well.
fn inventory(project: &Project, apps_of_first: &str, user: &str, more: &str) {
    let [first, second] = project.hosts() else { panic!("two hosts") };
    let host = |host: &Host| format!("{}: {{ address: {}", host.name, host.address);
    project.write(
        "inventory.yml",
        &format!(
            "version: 1\n{}\napps:\n  blue: {{ {APP}, bind: 127.0.0.1:5001, env: {{ GREETING: hello{more} }} }}\n  \
             green: {{ {APP}, bind: 127.0.0.1:5002, user: {user}, spare: true }}\nhosts:\n  {}, apps: \
             [{apps_of_first}] }}\n  {}, apps: [blue] }}\n",
            ssh(first, 0),
            host(first),
            host(second)
        ),
    );
}

/// What tells whether anything was changed on both hosts.
fn state(project: &Project) -> Vec<String> {
    let host = |host: &Host| host.bash("sha256sum /etc/provision/*/* /var/lib/provision/owned; ls /srv; getent passwd");
    project.hosts().iter().map(host).collect()
}

#[test]
fn what_destroys_needs_consent_before_anything_is_changed_on_any_host() {
    let Some(project) = Project::open(&["consent-01", "consent-02"]) else { return };
    inventory(&project, "blue, green", "green", "");
    // Additions never ask.
    project.up(&[]).exits(0);
    let before = state(&project);

    // The first host loses an app; both get another setting, of which nothing comes.
    inventory(&project, "blue", "green", "!");
    let needed = "remove the app `green` (`rollback` brings it back for 30 days) and remove the user `green`";
    project.check(&[]).exits(2).shows(&format!("note: consent is needed to {needed}; `--yes` or `--allow remove`"));
    let refused =
        project.up(&["--forks", "1"]).exits(2).shows("consent is needed, and there is no terminal to ask for it");
    let refused = refused.shows(&format!("consent-01: {needed}")).shows("`--yes` or `--allow remove` gives it");
    refused.shows("nothing was changed: another host lacks consent").hides("consent-02: remove");
    project.up(&["--allow", "user"]).exits(2);
    assert_eq!(state(&project), before);
    // The other host alone needs none.
    project.check(&["consent-02"]).exits(2).hides("consent is");

    // On a terminal one question is asked for all hosts.
    let asked = project.run_on_a_terminal(&["up"], "n\n").exits(2).shows(&format!("consent-01: {needed}"));
    assert_eq!(asked.text.matches("Go on? [y/N]").count(), 1, "{}", asked.text);
    project.run_on_a_terminal(&["up"], "\n").exits(2);
    assert_eq!(state(&project), before);
    project.run_on_a_terminal(&["up", "--forks", "1"], "yes\n").exits(0).shows("Go on? [y/N]");
    assert_eq!(project.host().bash("getent passwd green || true"), "");
    assert!(project.hosts()[1].bash("cat /etc/provision/blue/env").contains("hello!"));
    project.check(&[]).exits(0);

    // A way back that removes an app, and another user for an app.
    inventory(&project, "blue, green", "green", "!");
    project.up(&["--yes"]).exits(0);
    let back = project.run(&["rollback", "consent-01"]).exits(2).shows(needed);
    back.shows("`--yes` or `--allow remove` gives it");
    project.run(&["rollback", "consent-01", "--check"]).exits(2).shows("note: consent is needed to remove the app");
    inventory(&project, "blue, green", "blue", "!");
    let other = project.up(&["--allow", "remove"]).exits(2);
    other.shows("run the app `green` as `blue` instead of `green`").shows("`--allow user` gives it");
    project.up(&["--allow", "remove,user"]).exits(0);
    inventory(&project, "blue, green", "green", "!");
    project.up(&["--yes"]).exits(0);
    project.run(&["rollback", "consent-01", "--to", "2", "--allow=remove"]).exits(0).shows("- app green");
    say("consent: asked once for both hosts on a terminal, refused without one, given by name");
}
