//! Two inventories, one host: each project changes what is its own and nothing of the other one.

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::processes::{Act, Processes};
use super::project::Project;

fn first() -> Inventory {
    Inventory::default()
        .app("blue", &format!("{APP}, bind: 127.0.0.1:5001"))
        .app("green", &format!("{APP}, bind: 127.0.0.1:5002"))
        .site("front", "server_names: [front.test], routes: { /: { app: blue }, /green/: { app: green } }")
}

fn second(bind: &str) -> Inventory {
    Inventory::default()
        .top("project: shop")
        .app("basket", &format!("{APP}, bind: {bind}"))
        .site("shop", "server_names: [shop.test], routes: { /: { app: basket } }")
}

const SHOP: [&str; 2] = ["-i", "shop.yml"];

#[test]
fn two_projects_share_a_host_and_nothing_of_each_other() {
    let Some(project) = Project::open(&["projects-01"]) else { return };
    let host = project.host();
    let shop = |inventory: &Inventory| project.write("shop.yml", &inventory.text(host));
    let says = |name: &str, words: &str| {
        let ask = format!("printf 'GET / HTTP/1.0\\r\\nHost: {name}.test\\r\\n\\r\\n' >&5 && timeout 5 cat <&5");
        let answer = host.bash(&format!("exec 5<>/dev/tcp/127.0.0.1/80 && {ask}"));
        assert!(answer.contains(words), "{name}: {answer}");
    };
    project.inventory(&first()).up(&[]).exits(0);

    // What the first one has is refused, before anything changes.
    let before = Processes::of(host);
    shop(&second("127.0.0.1:5001"));
    let refused = project.up(&SHOP).exits(3);
    refused.shows("project `shop` claims the listener `127.0.0.1:5001`, which belongs to project `default`");
    assert_eq!(host.bash("getent passwd basket || true"), "");
    let name = second("127.0.0.1:6001").site("shop", "server_names: [front.test], routes: { /: { app: basket } }");
    shop(&name);
    project.up(&SHOP).exits(3).shows("claims `front.test` on port 80");
    Processes::of(host).only(&before, &[], "a refusal");

    shop(&second("127.0.0.1:6001"));
    let came = project.up(&SHOP).exits(0);
    came.hides("blue").hides("green").shows("+ user basket");
    says("front", "blue runs release one");
    says("shop", "basket runs release one");
    let both = Processes::of(host);
    assert_eq!(both.service("blue"), before.service("blue"), "the second project has nothing to do with it");
    // Neither sees anything to do, and a second run of either does nothing.
    project.check(&[]).exits(0);
    project.check(&SHOP).exits(0);
    project.up(&[]).exits(0);
    project.up(&SHOP).exits(0);
    Processes::of(host).only(&both, &[], "a second run of each");

    // An app of the first one goes; the second one stays as it is, and so does what they share.
    let less = first().without_app("green").site("front", "server_names: [front.test], routes: { /: { app: blue } }");
    project.inventory(&less).up(&["--yes"]).exits(0).shows("- app green").hides("basket");
    assert_eq!(host.bash("getent passwd green || true"), "");
    says("shop", "basket runs release one");
    let after = Processes::of(host);
    assert_eq!(after.service("basket"), both.service("basket"), "{:?}", Act::Reload);
    project.check(&SHOP).exits(0);

    // Other settings of the first one, other code for the second one, and both go back, each to its own.
    let greeting = less.clone().app("blue", &format!("{APP}, bind: 127.0.0.1:5001, env: {{ GREETING: hello }}"));
    project.inventory(&greeting).up(&[]).exits(0);
    says("front", "greeting: hello");
    project.code("two");
    project.up(&SHOP).exits(0);
    says("shop", "basket runs release two");
    project.run(&["rollback", "projects-01", "--to", "1", "-i", "shop.yml"]).exits(3).shows("is of project `default`");
    project.run(&["rollback", "projects-01"]).exits(0).shows("back to generation 3").hides("basket");
    says("front", "blue runs release one");
    says("shop", "basket runs release two");
    project.run(&["rollback", "projects-01", "-i", "shop.yml"]).exits(0).hides("blue").hides("green");
    says("shop", "basket runs release one");
    project.run(&["status"]).exits(0).shows("blue").hides("basket");
    project.run(&["status", "-i", "shop.yml"]).exits(0).shows("basket").hides("blue");
    project.run(&["status", "--project", "shop"]).exits(0).shows("basket").hides("blue");
    let history = project.run(&["history", "projects-01"]).exits(0).shows("PROJECT").shows("shop").shows("default");
    assert_eq!(history.text.lines().filter(|line| line.starts_with('*')).count(), 2, "{}", history.text);
    project.run(&["history", "projects-01", "--project", "shop"]).exits(0).shows("basket").hides("blue");

    // The first one goes altogether.
    project.code("one");
    project.inventory(&Inventory::default()).up(&["--yes"]).exits(0).hides("basket").hides("conf.d");
    says("shop", "basket runs release one");
    project.check(&SHOP).exits(0);
    // And the last one with what they shared.
    shop(&Inventory::default().top("project: shop"));
    project.up(&["-i", "shop.yml", "--yes"]).exits(0).shows("conf.d/provision.conf").shows("- user provision-build");
    assert_eq!(
        host.bash("ls /etc/nginx/conf.d /etc/nginx/sites-enabled; ls -d /etc/provision 2>/dev/null || true").trim(),
        "/etc/nginx/conf.d:\n\n/etc/nginx/sites-enabled:\ndefault"
    );
    say("projects: two on one host, each with its own apps, sites and way back");
}
