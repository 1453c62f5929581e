//! Reports of real kinds of hosts → facts.

use provision::model::Init;
use provision::platform::Version;
use provision::probe::{Dependencies, Facts, NodeKind, Owned, Welcome, parse};
use provision::runtime::PlainNames;

use crate::fixture::held;

fn units(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn bare() -> Facts {
    parse(include_str!("../fixtures/probe/bare.txt"), &units(&["nginx.service", "web.service"]))
        .expect("a whole report")
}

fn provisioned() -> Facts {
    let report = include_str!("../fixtures/probe/provisioned.txt");
    parse(report, &units(&["nginx.service", "web.service", "web.socket"])).expect("a whole report")
}

#[track_caller]
fn check_refused(report: &str, words: &str) {
    let error = parse(report, &units(&["nginx.service", "web.service"])).expect_err("a refusal");
    assert!(format!("{error:#}").contains(words), "{error:#}");
}

#[test]
fn a_bare_host_has_nothing() {
    let facts = bare();
    assert_eq!((facts.os.id.as_str(), facts.os.version.as_str(), facts.init), ("debian", "12", Init::Systemd));
    assert!(facts.externally_managed);
    assert_eq!(facts.packages.keys().collect::<Vec<_>>(), ["python3"], "a removed package is not installed");
    assert!(facts.units.values().all(|unit| !unit.known && !unit.active));
    assert!(facts.nodes.is_empty() && facts.owned.is_empty() && facts.users.is_empty());
    assert_eq!(facts.welcome, Welcome::Absent);
}

#[test]
fn a_provisioned_host_tells_what_runs_with_what() {
    let facts = provisioned();
    let web = &facts.units["web.service"];
    assert!(web.active && web.enabled && web.known);
    assert_eq!(web.instance, "812/50000000");
    assert_eq!(facts.loaded["web.service"].instance, web.instance);
    // Wall time 1000 at 100 seconds of uptime: what started at 50 seconds started at 950.
    assert!((web.started - 950.0).abs() < 0.001, "{}", web.started);
    assert_eq!(facts.units["web.socket"].instance, "0/49000000");
    assert_eq!(facts.nodes["/srv/web/current"].kind, NodeKind::Link("/srv/web/releases/aaaaaaaaaaaa".to_owned()));
    let env = &facts.nodes["/etc/provision/web/env"];
    assert_eq!((env.mode.bits(), env.group.as_str()), (0o640, "web"));
    assert_eq!(env.content.as_deref(), Some(b"MODE=\"test\"\n".as_slice()));
    let owned = [Owned::App("web".to_owned()), Owned::File("/etc/provision/web/env".to_owned())].map(held);
    assert_eq!(facts.owned, owned, "a line of a later version is passed over");
    assert!(facts.releases["web"].contains("aaaaaaaaaaaa"));
    let python = Dependencies { digest: "b".repeat(64).parse().unwrap(), python: "3.11".to_owned() };
    assert_eq!(facts.python["web"], python);
    assert_eq!(facts.welcome, Welcome::Packaged);
}

#[test]
fn what_a_host_is_made_of_is_what_it_has_and_else_what_its_release_brings() {
    let platform = provisioned().platform();
    let version = |version: Option<Version>| version.map(|version| version.to_string()).unwrap_or_default();
    let versions = &platform.versions;
    assert_eq!(version(versions.systemd), "252.39");
    assert_eq!(version(versions.nginx), "1.27.3", "what runs, not what the package says");
    assert_eq!(version(versions.openssl), "3.0.15", "what it runs with, not what it was built with");
    assert_eq!(version(versions.gunicorn), "20.1", "not installed, so the release's");
    assert!(platform.ipv6 && platform.nginx_modules.has("http_v2_module"));
    let features = platform.features();
    assert!(features.present["nginx_http2_directive"] && !features.present["nginx_gzip_static"]);

    let xenial = parse(include_str!("../fixtures/probe/xenial-upstart.txt"), &[]).expect("a whole report").platform();
    assert_eq!((version(xenial.versions.upstart), xenial.versions.systemd), ("1.13.2".to_owned(), None));
    assert!(xenial.plain_names == PlainNames::Python2 && !xenial.ipv6);
}

#[test]
fn a_host_with_upstart_tells_its_jobs() {
    let facts =
        parse(include_str!("../fixtures/probe/xenial-upstart.txt"), &units(&["web.service"])).expect("a report");
    assert_eq!((facts.init, facts.os.version.as_str()), (Init::Upstart, "16.04"));
    let web = &facts.units["web"];
    assert!(web.active && web.known);
    assert_eq!(web.instance, "431/2500");
    assert!((web.started - 925.0).abs() < 0.001, "{}", web.started);
    assert!(!facts.units["nginx"].known);
}

#[test]
fn an_empty_line_in_the_record_owns_nothing() {
    let report = include_str!("../fixtures/probe/bare.txt").replace("welcome\t", "owned\t\nwelcome\t");
    assert_eq!(parse(&report, &units(&["nginx.service", "web.service"])).expect("a report"), bare());
}

#[test]
fn what_a_shell_prints_before_the_report_does_not_matter() {
    let report = format!("Welcome to web-01!\n\n{}", include_str!("../fixtures/probe/bare.txt"));
    assert_eq!(parse(&report, &units(&["nginx.service", "web.service"])).expect("a report"), bare());
}

#[test]
fn a_report_that_cannot_be_trusted_is_refused() {
    let whole = include_str!("../fixtures/probe/bare.txt");
    check_refused("", "ends early");
    check_refused(whole.strip_suffix("end\n").expect("an end"), "ends early");
    check_refused(&whole.replace("units-end", ""), "ends early");
    check_refused(include_str!("../fixtures/probe/not-root.txt"), "`deploy` is not root");
    check_refused(&whole.replace("welcome\tabsent", "surprise\t1"), "`surprise 1`");
    check_refused(&whole.replace("init\tsystemd", "init\tunknown"), "neither systemd nor Upstart");
    let error = parse(whole, &units(&["nginx.service"])).expect_err("a refusal");
    assert!(error.to_string().contains("2 of 1 units"), "{error}");
}

/// A report of one file whose content is `sent`, compressed, and of which it says that it has `size` bytes.
fn with_contents(sent: &[u8], size: usize, digest_of: &[u8]) -> String {
    use std::io::Write as _;

    use base64::Engine as _;
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    packed.write_all(sent).expect("memory");
    let packed = base64::engine::general_purpose::STANDARD.encode(packed.finish().expect("memory"));
    let digest = provision::digest::Digest::of(digest_of);
    format!(
        "os\tdebian\t12\nnode\tf\t644\troot\troot\t{size}\t1.5\t/etc/a\t\ndigest\t{digest}\t/etc/a\n\
         contents\t{packed}\nend\n"
    )
}

#[test]
fn no_more_is_unpacked_than_a_file_has() {
    // Of a bomb only the beginning is looked at: it is damaged further on.
    let bomb = with_contents(&[b'x'; 1_000_000], 5, b"xxxxx");
    let line = bomb.lines().find(|line| line.starts_with("contents\t")).expect("contents");
    let damaged = bomb.replace(line, &format!("{}%%%%", &line[..line.len() - 100]));
    let facts = parse(&damaged, &[]).expect("a report");
    assert_eq!(facts.nodes["/etc/a"].content.as_deref(), Some(&b"xxxxx"[..]));
    // Nor anything of a file that says that it is huge, or is shorter than it says.
    for size in [300_000_000, 131_073] {
        assert_eq!(
            parse(&with_contents(b"xxxxx", size, b"xxxxx"), &[]).expect("a report").nodes["/etc/a"].content,
            None
        );
    }
    assert_eq!(parse(&with_contents(b"xxxxx", 6, b"xxxxx"), &[]).expect("a report").nodes["/etc/a"].content, None);
}

#[test]
fn many_files_are_unpacked_up_to_a_sum() {
    let mut report = String::from("os\tdebian\t12\n");
    let text = vec![b'x'; 128 * 1024];
    let digest = provision::digest::Digest::of(&text);
    for number in 0..100 {
        report.push_str(&format!("node\tf\t644\troot\troot\t{}\t1.5\t/etc/{number:03}\t\n", text.len()));
        report.push_str(&format!("digest\t{digest}\t/etc/{number:03}\n"));
    }
    let all = with_contents(&text.repeat(100), 0, b"");
    report.push_str(all.lines().find(|line| line.starts_with("contents\t")).expect("contents"));
    let facts = parse(&format!("{report}\nend\n"), &[]).expect("a report");
    assert_eq!(facts.nodes.values().filter(|node| node.content.is_some()).count(), 64);
}

#[test]
fn a_line_that_something_has_written_into_does_not_cost_the_look() {
    let whole = include_str!("../fixtures/probe/bare.txt");
    let junk = "owned\tfile\t/etc/a\twith\ttabulators\nowned\nloaded\tx\ty\tz\npython\nloaded\n\
                untold\treason\tImportError:\tno\tmodule\nuntold\twho\n\
                node\tl\t777\tweb\tweb\t9\t1.5\t/var/log/a\tto\there\n";
    let facts =
        parse(&whole.replace("welcome\t", &format!("{junk}welcome\t")), &units(&["nginx.service", "web.service"]))
            .expect("a report");
    assert_eq!(facts.untold.expect("an attempt").reason, "ImportError: no module");
    assert_eq!(facts.nodes["/var/log/a"].kind, NodeKind::Link("to here".to_owned()));
    assert!(facts.owned.is_empty());
}

#[test]
fn what_is_shown_of_a_host_has_a_length() {
    let whole = include_str!("../fixtures/probe/bare.txt");
    let long = "x".repeat(1 << 20);
    let junk = format!("untold\treason\t{long}\nowned\tfile\t/{long}\nnode\tl\t777\t{long}\tweb\t9\t1.5\t/a\t{long}\n");
    let facts =
        parse(&whole.replace("welcome\t", &format!("{junk}welcome\t")), &units(&["nginx.service", "web.service"]))
            .expect("a report");
    assert!(facts.untold.expect("an attempt").reason.len() < 1000 && facts.owned.is_empty());
    assert!(format!("{:?}", facts.nodes["/a"]).len() < 6000);
    check_refused(&whole.replace("welcome\tabsent", &format!("surprise\t{long}")), "surprise xxx");
    let error = parse(&whole.replace("welcome\tabsent", &long), &[]).expect_err("a refusal");
    assert!(error.to_string().len() < 1000);
}
