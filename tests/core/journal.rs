//! `journal.sh` as a host runs it: what is noted is read again, whatever a disk has made of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::bash::bashes;

const SCRIPT: &str =
    concat!(include_str!("../../src/apply/host/lib.sh"), include_str!("../../src/apply/host/journal.sh"));

/// Notes as much as a transaction does until it switches.
const NOTE: &str =
    "sync_everything() { :; }\nsync() { :; }\nprintf 'path\\t/etc/a\\nservice\\tweb.service\\n' >$work/touches
journal state begun
journal was path /etc/a present
journal was path '/etc/ü b' absent
journal was service web.service active
journal noted
cp $work/journal $work/before
reach switching
journal acted restart web.service
(journal returned web.service)
";

/// What a process knows that takes it up.
const KNOW: &str = "read_journal
for line in ${noted[@]+\"${noted[@]}\"} ${hints[@]+\"${hints[@]}\"}; do printf '%s\\n' \"${line//$'\\t'/ }\"; done
acted web.service
printf '%s %s %s\\n' \"$reached\" \"$damaged\" \"$REPLY\"
";

fn run(program: &str, folder: &Path, script: &str) -> String {
    let script = format!("{SCRIPT}\nwork=$1\n{script}");
    let output = Command::new(program).args(["-c", &script, "bash"]).arg(folder).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What is known of a journal that a disk has changed, after its last line of the log that is as it was.
fn known(change: impl Fn(&Path)) -> String {
    let answers: Vec<String> = bashes()
        .into_iter()
        .map(|program| {
            let folder = tempfile::tempdir().unwrap();
            run(&program, folder.path(), NOTE);
            change(folder.path());
            run(&program, folder.path(), KNOW)
        })
        .collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    answers[0].clone()
}

fn last(answer: &str) -> &str {
    answer.lines().next_back().unwrap()
}

fn edit(folder: &Path, name: &str, edit: impl Fn(&str) -> String) {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).unwrap();
    let changed = edit(&text);
    assert_ne!(text, changed, "nothing was changed");
    fs::write(path, changed).unwrap();
}

#[test]
fn what_was_noted_is_read_again() {
    let whole = known(|_| {});
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(
        lines,
        [
            "state begun",
            "was path /etc/a present",
            "was path /etc/ü b absent",
            "was service web.service active",
            "noted",
            "state switching",
            "acted restart web.service",
            "returned web.service",
            "switching no nothing",
        ]
    );
    // The copy of what was there before is not needed.
    assert_eq!(known(|folder| fs::write(folder.join("before"), "").unwrap()), whole);
}

#[test]
fn half_a_last_line_was_never_written() {
    let half = known(|folder| edit(folder, "journal", |text| text[..text.len() - 35].to_owned()));
    assert_eq!(last(&half), "switching no nothing");
    assert!(half.contains("state switching") && !half.contains("returned"), "{half}");
    // The state is in the name of a file, too.
    let gone = known(|folder| {
        edit(folder, "journal", |text| text.split_inclusive('\n').take(5).collect::<String>() + "6\t12345\tstate comm");
    });
    assert_eq!(last(&gone), "switching lost restart");
}

#[test]
fn what_is_damaged_is_not_believed_and_what_was_there_before_is_known_all_the_same() {
    let damages: [fn(&str) -> String; 4] = [
        |_| String::new(),
        |text| text[..text.len() / 2].to_owned(),
        |text| text.replace("acted\trestart", "acted\treload"),
        |text| text.replace("was\tpath\t/etc/a\tpresent", "was\tpath\t/etc/a\tabsent"),
    ];
    for damage in damages {
        let answer = known(|folder| edit(folder, "journal", damage));
        assert!(answer.contains("was path /etc/a present\n") && !answer.contains("/etc/a absent"), "{answer}");
        assert!(answer.contains("was service web.service active\n") && !answer.contains("reload"), "{answer}");
        assert!(last(&answer).starts_with("switching "), "{answer}");
    }
}

#[test]
fn where_both_are_lost_what_lies_on_the_disk_decides() {
    let answer = known(|folder| {
        fs::write(folder.join("journal"), "").unwrap();
        fs::write(folder.join("before"), "garbage\n").unwrap();
    });
    assert_eq!(answer, "was path /etc/a unknown\nwas service web.service unknown\nswitching all restart\n");
}
