//! Bytes that are no text, and records that are lost: what is named is left alone, and everything else goes on.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use serde_json::Value;

use super::inventory::{APP, Inventory};
use super::lab::say;
use super::project::Project;

/// What was damaged: a line of the ownership record, an old record, the target of a link that is managed, and names of
/// others. The files are what the line names, and what it would name if it were read otherwise.
const DAMAGE: &str = r#"
set -e
cd /var/lib/provision
touch /etc/name-$'\xff' /etc/name-$'\xef\xbf\xbd' /etc/name-
printf 'file\t/etc/name-\xff\nfile\t/etc/na\0me-\n' >>owned
printf 'inventory\tprod\xffuction.yml\n' >>generations/1/record
ln -sfn $'/etc/nginx/\xff' /etc/nginx/sites-enabled/front
touch /etc/nginx/sites-enabled/$'odd-\xff' /etc/nginx/$'odd-\xff'
mkdir /srv/blue/releases/{$'odd-\xff',$'odd\nline\tbreak'}
touch /srv/blue/releases/{$'odd-\xff',$'odd\nline\tbreak'}/.provision-release
touch /etc/provision/blue/$'odd-\xff' loaded/$'odd-\xff'
"#;

/// Everything whose name is in danger, byte by byte.
const NAMES: &str = "ls /etc/name-* | LC_ALL=C od -c; grep --text -c 'name-\\|me-' /var/lib/provision/owned";

fn inventory(greeting: &str) -> Inventory {
    Inventory::default()
        .app("blue", &format!("{APP}, bind: 0.0.0.0:5001, env: {{ GREETING: {greeting} }}"))
        .site("front", "routes: { /: { app: blue } }")
}

fn history(project: &Project) -> Vec<Value> {
    let run = project.run(&["history", "damaged-01", "--format", "json"]).exits(0);
    run.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn what_is_damaged_is_named_and_left_alone() {
    let Some(project) = Project::open(&["damaged-01"]) else { return };
    project.inventory(&inventory("hello")).up(&[]).exits(0);
    project.inventory(&inventory("bonjour")).up(&[]).exits(0);
    project.host().bash(DAMAGE);
    let names = project.host().bash(NAMES);
    let note = "the ownership record has 2 damaged lines";
    project.check(&[]).exits(2).shows("sites-enabled/front").shows(note).shows("`file /etc/name-\u{fffd}`");
    project.up(&[]).exits(0).shows(note);
    project.check(&[]).exits(0).shows(note);
    assert_eq!(project.host().bash(NAMES), names);
    project.host().get("/").says("greeting: bonjour");
    project.run(&["status"]).exits(0);
    assert_eq!(history(&project)[0]["inventory"], "prod\u{fffd}uction.yml");

    // A later version has written one record, and another is lost: neither hides the rest.
    project.host().bash(
        "cd /var/lib/provision/generations; sed -i 's/^format\t.*/format\t9/' 2/record; cp -a 1 1.bak; rm 3/record",
    );
    let table = project.run(&["history", "damaged-01"]).exits(0).shows("format 9").shows("* 3 ");
    assert_eq!(table.text.matches("unreadable").count(), 2, "{}", table.text);
    project.run(&["rollback", "damaged-01"]).exits(3).shows("generation 2 cannot be read").shows("update `provision`");
    project.run(&["rollback", "damaged-01", "--to", "1"]).exits(0).shows("back to generation 1");
    project.host().get("/").says("greeting: hello");
    assert_eq!(project.host().bash(NAMES), names);

    // The live one is lost as a whole: its number is not given again.
    project.host().bash("rm -r /var/lib/provision/generations/4");
    assert_eq!(history(&project)[3]["result"], "unreadable");
    project.check(&["--diff"]).exits(2);
    project.up(&[]).exits(0);
    let numbers: Vec<Value> = history(&project).iter().map(|one| one["generation"].clone()).collect();
    assert_eq!(numbers, [1, 2, 3, 5].map(Value::from));
    project.host().get("/").says("greeting: bonjour");
    project.run(&["rollback", "damaged-01", "--to", "1"]).exits(0);

    // Code may have such a name, and an app such last words.
    let name = OsStr::from_bytes(b"odd-\xff");
    fs::write(project.path("code").join(name), "").expect("a file");
    project.up(&[]).exits(0);
    assert_eq!(project.host().bash("ls /srv/blue/current/ | grep --text -c odd-"), "1");
    project.write("code/app.py", "import os\nos.write(2, b'no \\xff room\\n')\nraise SystemExit(1)\n");
    project.up(&[]).exits(3).shows("no \u{fffd} room");
    project.host().get("/").says("greeting: bonjour");
    project.run(&["history", "damaged-01"]).exits(0).shows("refused");

    // An app goes, and what is not ours in its folders stays.
    project.inventory(&Inventory::default()).up(&["--yes"]).exits(0).shows(note);
    project.check(&[]).exits(0).shows(note);
    assert_eq!(project.host().bash("ls /etc/provision/blue | grep --text -c odd-"), "1");
    assert_eq!(project.host().bash(NAMES), names);
    say("damaged: what no text is named and kept, and no number is given twice");
}
