//! Two inventories, one host: each project changes what is its own, and nothing that another one has.

use std::time::Duration;

use provision::fault::Fault;
use provision::generation::History;
use provision::model::{Bind, ExtraFile, Init, Listen, LogTarget, Mode, Notify, ProjectName, Target, Tls};
use provision::plan::{Handover, Operation, Plan};
use provision::probe::{Facts, Owned};
use provision::report;

use crate::fixture::{after, app, converged, desired, desired_on, plan, site, target};

fn shop() -> ProjectName {
    "shop".parse().unwrap()
}

/// The other project: an app and a site with a name of its own, both on the port that the first one has.
fn second() -> Target {
    let mut site = site(&["basket"]);
    site.name = "shop".parse().unwrap();
    site.server_names = vec!["shop.example.com".parse().unwrap()];
    site.default_server = false;
    site.catch_all = false;
    Target { project: shop(), apps: vec![app("basket", 6000)], sites: vec![site], ..target() }
}

/// A host that both have changed.
fn shared() -> Facts {
    let facts = converged(&target());
    apply(&second(), &facts)
}

fn apply(target: &Target, facts: &Facts) -> Facts {
    let desired = desired(target);
    after(&desired, &plan(&desired, facts).unwrap(), facts)
}

fn plan_of(target: &Target, facts: &Facts) -> Result<Plan, Fault> {
    plan(&desired(target), facts)
}

fn lines(plan: &Plan) -> Vec<String> {
    plan.changes.iter().map(|change| format!("{:?} {}", change.verb(), change.operation)).collect()
}

/// What is named in lines of a plan that is of the first project.
fn mentions_first(line: &str) -> bool {
    ["hello", "web", "airbnb"].iter().any(|name| line.contains(name))
}

#[test]
fn the_second_project_touches_nothing_of_the_first() {
    let plan = plan_of(&second(), &converged(&target())).unwrap();
    let lines = lines(&plan);
    assert!(lines.contains(&"Add user basket".to_owned()) && lines.contains(&"Act reload nginx.service".to_owned()));
    assert!(!lines.iter().any(|line| line.starts_with("Remove") || mentions_first(line)), "{lines:#?}");
    // What is there once for all sites is there already.
    assert!(!lines.iter().any(|line| line.contains("conf.d") || line.contains("/etc/provision,")), "{lines:#?}");
}

#[test]
fn after_both_have_come_neither_has_anything_to_do() {
    let facts = shared();
    for target in [target(), second()] {
        let plan = plan_of(&target, &facts).unwrap();
        assert!(plan.in_sync(), "{}: {:#?}", target.project, lines(&plan));
    }
    // Under another name of the host, and in comments alone, what they share differs.
    let mut renamed = second();
    renamed.host = "shop-host".parse().unwrap();
    let facts = apply(&renamed, &facts);
    assert!(plan_of(&renamed, &facts).unwrap().in_sync());
    assert!(plan_of(&target(), &facts).unwrap().in_sync());
}

#[test]
fn a_project_that_goes_leaves_what_the_other_one_needs() {
    let facts = shared();
    let nothing = |project: ProjectName| Target {
        project,
        apps: vec![],
        sites: vec![],
        keep_removed: Duration::ZERO,
        ..target()
    };
    let plan_of_first = plan_of(&nothing(ProjectName::default()), &facts).unwrap();
    let removed = lines(&plan_of_first);
    assert!(removed.contains(&"Remove app web".to_owned()) && removed.contains(&"Remove user web".to_owned()));
    for stays in ["basket", "conf.d/provision.conf", "directory /etc/provision,", "user provision-build"] {
        assert!(!removed.iter().any(|line| line.contains(stays)), "{stays}: {removed:#?}");
    }
    let facts = apply(&nothing(ProjectName::default()), &facts);
    assert!(plan_of(&second(), &facts).unwrap().in_sync());
    assert!(facts.owned.iter().all(|holding| holding.project == shop()), "{:?}", facts.owned);
    // The last one to go takes them along.
    let removed = lines(&plan_of(&nothing(shop()), &facts).unwrap());
    for goes in ["conf.d/provision.conf", "directory /etc/provision,", "user provision-build", "app basket"] {
        assert!(removed.iter().any(|line| line.contains(goes)), "{goes}: {removed:#?}");
    }
}

#[test]
fn one_project_that_loses_an_app_leaves_the_apps_of_the_other() {
    let mut less = target();
    less.apps.truncate(1);
    less.sites = vec![site(&["hello"])];
    let removed = lines(&plan_of(&less, &shared()).unwrap());
    assert!(removed.contains(&"Remove app web, kept for 30 days".to_owned()));
    assert!(!removed.iter().any(|line| line.contains("basket") || line.contains("shop")), "{removed:#?}");
}

/// The second project with a change is refused, with both names and what it claims.
#[track_caller]
fn check_refused(change: impl Fn(&mut Target), what: &str) {
    let mut second = second();
    change(&mut second);
    let fault = plan_of(&second, &converged(&target())).expect_err("a refusal");
    let expected = format!("project `shop` claims {what}, which belongs to project `default` on this host");
    assert_eq!(fault.message, expected);
    assert!(fault.hints[0].contains("give one of the two another name"), "{:?}", fault.hints);
}

#[test]
fn what_the_other_project_has_is_refused_before_anything_changes() {
    let renamed = |target: &mut Target| {
        target.apps[0].name = "web".parse().unwrap();
        target.sites.clear();
    };
    check_refused(renamed, "the app `web`");
    check_refused(|target| target.apps[0].user = "web".parse().unwrap(), "the user `web`");
    check_refused(|target| target.sites[0].name = "airbnb".parse().unwrap(), "the site `airbnb`");
    let file = |destination: &str| ExtraFile {
        template: "motd.tera".to_owned(),
        destination: destination.parse().unwrap(),
        mode: Mode::new(0o644),
        owner: "root".parse().unwrap(),
        group: "root".parse().unwrap(),
        notify: vec![],
    };
    let path = "/etc/systemd/system/web.service";
    check_refused(|target| target.files = vec![file(path)], &format!("the path {path}"));
    let path = "/etc/provision/web/more";
    let inside = format!("the path {path} in a folder of the app `web`");
    check_refused(|target| target.files = vec![file(path)], &inside);
    let reloads = |target: &mut Target| {
        target.files = vec![ExtraFile { notify: vec![Notify::Unit("web.service".to_owned())], ..file("/etc/motd") }];
    };
    check_refused(reloads, "the unit `web.service`");
    let bind = |address: &str| Bind::Tcp(address.parse().unwrap());
    check_refused(|target| target.apps[0].bind = bind("0.0.0.0:5001"), "the listener `0.0.0.0:5001`");
    check_refused(|target| target.apps[0].bind = bind("127.0.0.1:80"), "the listener `127.0.0.1:80`");
    check_refused(|target| target.sites[0].listen = vec![Listen::Port(5001)], "the listener `127.0.0.1:5001`");
    check_refused(|target| target.sites[0].default_server = true, "the requests for unknown names on port 80");
    check_refused(|target| target.sites[0].server_names = vec![], "any host name on port 80");
    let tls = |target: &mut Target| {
        let pem = |name: &str| provision::model::Pem::Path(format!("/etc/ssl/{name}").parse().unwrap());
        target.sites[0].listen = vec![];
        target.sites[0].tls = Some(Tls {
            certificate: pem("shop.pem"),
            key: pem("shop.key"),
            listen: vec![Listen::Port(80)],
            redirect: false,
            acme: None,
            hsts: None,
        });
    };
    check_refused(tls, "port 80 for HTTPS");
}

#[test]
fn one_name_on_one_port_is_of_one_project() {
    let named = |names: &[&str]| {
        let mut target = target();
        target.sites[0].default_server = false;
        target.sites[0].catch_all = false;
        target.sites[0].server_names = names.iter().map(|name| name.parse().unwrap()).collect();
        target
    };
    let clash = plan_of(&second(), &converged(&named(&["a.example.com", "Shop.example.com"])));
    let said = clash.expect_err("a refusal").message;
    assert!(said.contains("claims `shop.example.com` on port 80, which belongs to project `default`"), "{said}");
    plan_of(&second(), &converged(&named(&["a.example.com"]))).unwrap();
}

/// Under Upstart an app opens its listener by itself, and no unit says where.
#[test]
fn a_listener_is_known_without_a_unit_for_it() {
    let first = desired_on(&target(), Init::Upstart);
    let mut bare = crate::fixture::bare();
    bare.init = Init::Upstart;
    let facts = after(&first, &plan(&first, &bare).unwrap(), &bare);
    let mut second = second();
    second.apps[0].bind = Bind::Tcp(([127, 0, 0, 1], 5001).into());
    let fault = plan(&desired_on(&second, Init::Upstart), &facts).expect_err("a refusal");
    assert!(fault.message.contains("claims the listener `127.0.0.1:5001`"), "{}", fault.message);
}

/// Sites of two projects that leave unknown names to the server for them, on those ports.
fn refusing(project: &str, ports: &[u16]) -> Target {
    let mut target = if project == "shop" { second() } else { target() };
    target.sites[0].listen = ports.iter().copied().map(Listen::Port).collect();
    target.sites[0].server_names = vec![format!("{project}.example.com").parse().unwrap()];
    target.sites[0].default_server = false;
    target.sites[0].catch_all = true;
    target
}

fn writes_default(plan: &Plan) -> bool {
    let path = "file /etc/nginx/sites-available/provision-default";
    plan.changes.iter().any(|change| change.operation.to_string() == path)
}

#[test]
fn unknown_names_are_refused_for_all_projects_together() {
    let facts = apply(&refusing("default", &[80, 8080]), &crate::fixture::bare());
    // It needs no more than what is there.
    let less = plan_of(&refusing("shop", &[80]), &facts).unwrap();
    assert!(!writes_default(&less), "{:#?}", lines(&less));
    let both = apply(&refusing("shop", &[80]), &facts);
    for target in [refusing("default", &[80, 8080]), refusing("shop", &[80])] {
        assert!(plan_of(&target, &both).unwrap().in_sync());
    }
    // Who needs more writes it for both.
    let more = refusing("shop", &[80, 8080, 8081]);
    assert!(writes_default(&plan_of(&more, &facts).unwrap()));
    let both = apply(&more, &facts);
    assert!(plan_of(&refusing("default", &[80, 8080]), &both).unwrap().in_sync());
    // One that lacks what the other needs is refused, and goes without.
    let mut other = refusing("shop", &[80, 8081]);
    let fault = plan_of(&other, &facts).expect_err("a refusal");
    let said = report::error(&fault.into());
    assert!(said.contains("projects `shop` and `default` both claim /etc/nginx/sites-available/provision-default"));
    assert!(said.contains("write `catch_all: false`"), "{said}");
    other.sites[0].catch_all = false;
    plan_of(&other, &facts).unwrap();
}

/// The first project has one site, for all names, as most inventories have.
#[test]
fn where_another_site_answers_for_unknown_names_nothing_else_does() {
    let facts = converged(&target());
    let both = apply(&refusing("shop", &[80]), &facts);
    assert!(!both.nodes.keys().any(|path| path.ends_with("/provision-default")));
    assert!(plan_of(&refusing("shop", &[80]), &both).unwrap().in_sync());
    // Where it answers on one of two ports alone, somebody has to say so.
    let fault = plan_of(&refusing("shop", &[80, 8080]), &facts).expect_err("a refusal");
    assert!(fault.message.contains("claims the requests for unknown names on port 80"), "{}", fault.message);
    assert!(fault.hints[0].contains("`catch_all: false`"), "{:?}", fault.hints);
    // It goes, and the second project's own server comes.
    let gone = apply(&Target { apps: vec![], sites: vec![], ..target() }, &both);
    assert!(writes_default(&plan_of(&refusing("shop", &[80]), &gone).unwrap()));
}

#[test]
fn what_nginx_has_read_is_noted_for_each_project() {
    let mut facts = shared();
    assert!(facts.loaded.contains_key("nginx.service") && facts.loaded.contains_key("nginx.service+shop"));
    // The first changes what both share, and Nginx reads it: the second has nothing to do.
    let path = "/etc/nginx/conf.d/provision.conf";
    let old = facts.nodes[path].content.clone().unwrap();
    let node = facts.nodes.get_mut(path).unwrap();
    node.content = Some([&old[..], b"# of an older version\nmap $a $b { default 1; }\n"].concat());
    node.digest = Some(provision::digest::Digest::of(node.content.as_ref().unwrap()));
    let first = plan_of(&target(), &facts).unwrap();
    assert!(lines(&first).contains(&format!("Update file {path}")), "{:#?}", lines(&first));
    let facts = after(&desired(&target()), &first, &facts);
    let second = plan_of(&second(), &facts).unwrap();
    assert!(second.in_sync(), "{:#?}", lines(&second));
}

#[test]
fn an_app_takes_over_no_listener_and_no_logs_of_another_project() {
    let mut facts = shared();
    let mut both = target();
    both.apps[1].log.error = LogTarget::File("/var/log/web.log".parse().unwrap());
    facts.logs.insert("/var/log/web.log".to_owned(), "basket".to_owned());
    let plan = plan_of(&both, &facts).unwrap();
    assert!(!plan.changes.iter().any(|change| matches!(change.operation, Operation::GiveLogs(_))));
    let moves = |operation: &Operation| matches!(operation, Operation::MoveListener(_, _, Handover::From(_)));
    assert!(!plan.changes.iter().any(|change| moves(&change.operation)));
}

#[test]
fn the_record_says_whose_each_thing_is() {
    let facts = shared();
    let record = provision::probe::ownership_record(&facts.owned);
    for line in ["app\tbasket\tshop\n", "app\tweb\tdefault\n", "user\tprovision-build\tdefault\n", "format\t3\n"] {
        assert!(record.contains(line), "{line} in {record}");
    }
    assert!(record.contains("user\tprovision-build\tshop\n"));
    assert_eq!(facts.owned_by(&shop()).filter(|owned| matches!(owned, Owned::App(_))).count(), 1);
}

/// Two projects in turn; the second one was live last.
const HISTORY: &str = "history\nlive\t3\t\nlive\t4\tshop\n\
    generation\t1\nrecord\tresult\tcommitted\nstored\t\"releases\":[],\n\
    generation\t2\nrecord\tproject\tshop\nrecord\tresult\tcommitted\nstored\t\"releases\":[],\n\
    generation\t3\nrecord\tproject\tdefault\nrecord\tresult\tcommitted\nstored\t\"releases\":[],\n\
    generation\t4\nrecord\tproject\tshop\nrecord\tresult\tcommitted\nstored\t\"releases\":[],\nend\n";

#[test]
fn a_way_back_stays_in_the_project() {
    let history = History::parse(HISTORY).unwrap();
    let number = |project: &ProjectName, to| history.choose(project, to).map(|generation| generation.number);
    assert_eq!(number(&ProjectName::default(), None), Ok(1));
    assert_eq!(number(&shop(), None), Ok(2));
    let fault = number(&shop(), Some(1)).expect_err("a refusal");
    assert_eq!(fault.message, "generation 1 is of project `default`, and this is `shop`");
    assert_eq!(fault.hints, ["the host has generations 2 to 4, and can go back to 2"]);
    let fault = number(&"third".parse().unwrap(), None).expect_err("a refusal");
    assert!(
        fault.hints[0].contains("project `third` has not changed this host yet; `default`, `shop` has"),
        "{fault:?}"
    );
    let table = report::history(&history, false);
    assert!(table.contains("PROJECT") && table.contains("* 3  default") && table.contains("* 4  shop"), "{table}");
    let json = report::history_json(&"web-01".parse().unwrap(), &history);
    assert_eq!(json.matches("\"live\":true").count(), 2, "{json}");
}
