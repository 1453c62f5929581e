//! Rendered files on many hosts, as snapshots: each file whole for the newest host that has it, and for each template
//! one small list of what is different on the others.

use std::fmt::Write as _;

use provision::model::File;
use similar::TextDiff;

/// A host by name, and the files that are rendered for it.
pub type Host = (&'static str, Vec<File>);

/// Compares the files of `hosts`, the newest host first, with snapshots whose names begin with `set`. Mode and owner
/// are part of what is compared.
pub fn assert_reviewed(set: &str, hosts: &[Host]) {
    let mut paths: Vec<&str> = vec![];
    let mut templates: Vec<&str> = vec![];
    for file in hosts.iter().flat_map(|(_, files)| files) {
        if !paths.contains(&file.path.as_str()) {
            paths.push(file.path.as_str());
        }
        if !templates.contains(&file.template.as_str()) {
            templates.push(&file.template);
        }
    }
    for template in templates {
        let mut elsewhere = String::new();
        for path in &paths {
            // By the newest host: a template that is another one on an older host is a difference like any other.
            let (newest, base) = hosts.iter().find_map(|(host, files)| Some((*host, find(files, path)?))).unwrap();
            if base.template != template {
                continue;
            }
            insta::assert_snapshot!(format!("{set}{}", path.replace('/', "__")), whole(base));
            writeln!(elsewhere, "= {path}, whole for {newest}").unwrap();
            differences(&mut elsewhere, &whole(base), path, hosts.iter().filter(|(host, _)| *host != newest));
        }
        insta::assert_snapshot!(format!("{set}@{template}"), elsewhere);
    }
}

/// What is different on `others`: hosts side by side that have the same share one difference.
fn differences<'h>(text: &mut String, base: &str, path: &str, others: impl Iterator<Item = &'h Host>) {
    let mut shown: Vec<(Vec<&str>, Option<String>)> = vec![];
    for (host, files) in others {
        let content = find(files, path).map(whole);
        match shown.last_mut() {
            Some((hosts, last)) if *last == content => hosts.push(host),
            _ => shown.push((vec![host], content)),
        }
    }
    for (hosts, content) in shown {
        let hosts = hosts.join(", ");
        match content {
            None => writeln!(text, "= none: {hosts}").unwrap(),
            Some(content) if content == base => writeln!(text, "= same: {hosts}").unwrap(),
            Some(content) => {
                let diff = TextDiff::from_lines(base, content.as_str());
                write!(text, "= {hosts}\n{}", diff.unified_diff().context_radius(0)).unwrap();
            }
        }
    }
}

fn find<'f>(files: &'f [File], path: &str) -> Option<&'f File> {
    files.iter().find(|file| file.path.as_str() == path)
}

fn whole(file: &File) -> String {
    format!("{} {} {}:{}\n{}", file.path, file.mode, file.owner, file.group, file.content)
}
