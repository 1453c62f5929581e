//! Rendered files before their real readers: nothing in them runs, and nothing is left behind.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use provision::model::File;

/// Files that are to be judged, each content once.
#[derive(Default)]
pub struct Inert {
    python: BTreeMap<String, String>,
    scripts: BTreeMap<String, String>,
    environments: BTreeMap<String, String>,
}

impl Inert {
    pub fn add(&mut self, who: &str, file: File) {
        let path = file.path.as_str();
        let kind = if path.ends_with(".py") {
            &mut self.python
        } else if path.starts_with("/usr/local/bin/") {
            &mut self.scripts
        } else if path.ends_with("/env") {
            &mut self.environments
        } else {
            return;
        };
        kind.entry(file.content).or_insert_with(|| who.to_owned());
    }

    /// Takes over what another has.
    pub fn join(&mut self, other: Self) {
        self.python.extend(other.python);
        self.scripts.extend(other.scripts);
        self.environments.extend(other.environments);
    }

    /// Asks Python and the shells.
    pub fn check(&self) {
        let all = [&self.python, &self.scripts, &self.environments];
        assert!(all.iter().all(|files| files.len() > 20), "too few to judge: {:?}", all.map(BTreeMap::len));
        judge(&self.python, include_str!("scripts/judge_python.sh"));
        judge(&self.scripts, include_str!("scripts/judge_scripts.sh"));
        judge(&self.environments, include_str!("scripts/judge_environments.sh"));
    }
}

/// Runs a script in a folder of numbered files and an empty folder `empty`. It prints the number of each file that it
/// finds guilty, with a reason.
#[track_caller]
fn judge(files: &BTreeMap<String, String>, script: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    let cases: Vec<(&String, &String)> = files.iter().collect();
    for (number, (content, _)) in cases.iter().enumerate() {
        fs::write(folder.path().join(number.to_string()), content).expect("it can be written");
    }
    let output = Command::new("bash").args(["-c", script]).current_dir(folder.path()).output().expect("bash runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if let Some((number, why)) = said.lines().next().and_then(|line| line.split_once(' ')) {
        let (content, who) = cases[number.parse::<usize>().unwrap_or_else(|_| panic!("{said}"))];
        panic!("{who}: {why}\n{content}");
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let left: Vec<_> = fs::read_dir(folder.path().join("empty")).expect("it is there").collect();
    assert!(left.is_empty(), "something was left behind: {left:?}");
}
