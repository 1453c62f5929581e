//! `provision lint`: rules over what the templates render.

use anyhow::Result;
use provision::diagnostic::{Severity, Style, did_you_mean};
use provision::fault::Fault;
use provision::lint::{self, Finding, Gathered, Host, Source};
use provision::model::{HostName, Init};
use provision::platform::Platform;
use provision::render::{Rendered, render};
use provision::report::{self, data, data_json, talk};

use super::Exit;
use crate::cli::{Format, Lint};
use crate::settings::{Loaded, Secrets};

/// Says what is wrong in the files of the selected hosts, or what the rules are.
pub fn lint(arguments: &Lint) -> Result<Exit> {
    if let Some(id) = &arguments.explain {
        return explain(id);
    }
    if arguments.rules {
        match arguments.format {
            Format::Json => lint::rules().for_each(|rule| data_json(&report::rule_json(rule))),
            Format::Table => data(report::rules(lint::rules()).trim_end()),
        }
        return Ok(Exit::Done);
    }
    // No rule looks at a secret.
    let loaded = Loaded::read_if_there(&arguments.inventory, Secrets::Spared)??;
    let targets = loaded.select(&arguments.selection)?;
    if arguments.selection.list_hosts {
        targets.iter().for_each(|target| data(target.host.as_str()));
        return Ok(Exit::Done);
    }
    let platforms = arguments.platform.clone().map_or_else(|| Platform::extremes().to_vec(), |platform| vec![platform]);
    let mut linted = Linted::default();
    let mut not_on_upstart = vec![];
    for target in &targets {
        for platform in &platforms {
            match render(target, platform, &loaded.engine) {
                Ok(rendered) => linted.add(&target.host, &rendered, platform),
                Err(_) if arguments.platform.is_none() && platform.init == Init::Upstart => {
                    not_on_upstart.push(target.host.as_str());
                }
                Err(error) => return Err(Fault::misuse(error.to_string()).into()),
            }
        }
    }
    if let Some(host) = not_on_upstart.first() {
        let hosts = not_on_upstart.len();
        talk(&format!(
            "note: hosts that were not checked for Upstart, where they would be refused: {hosts}; {host}, for one"
        ));
    }
    let files = linted.files;
    let gathered = linted.gather();
    match arguments.format {
        Format::Json => gathered.iter().for_each(|one| data_json(&report::finding_json(one))),
        Format::Table => gathered.iter().for_each(|one| data(&format!("{}\n", report::finding(one, Style::Coloured)))),
    }
    talk(&summary(&gathered, files));
    Ok(if gathered.is_empty() { Exit::Done } else { Exit::Usage })
}

fn explain(id: &str) -> Result<Exit> {
    let Some(rule) = lint::rule(id) else {
        let help = did_you_mean(id, lint::rules().map(|rule| rule.id));
        let help = help.unwrap_or_else(|| "`provision lint --rules` lists them".to_owned());
        return Err(Fault::misuse(format!("no rule is called `{id}`")).hint(help).into());
    };
    data(lint::document(rule).trim_end());
    Ok(Exit::Done)
}

/// What the rules found on several hosts.
#[derive(Default)]
pub struct Linted {
    found: Vec<(HostName, Vec<Finding>)>,
    /// How many rendered files were looked at.
    pub files: usize,
}

impl Linted {
    /// Looks at everything that was rendered for a host as if it were made of `platform`.
    pub fn add(&mut self, host: &HostName, rendered: &Rendered, platform: &Platform) {
        let sources: Vec<Source<'_>> = rendered.files.iter().map(Source::from).collect();
        self.files += sources.len();
        self.found.push((host.clone(), lint::lint(&sources, &Host::from(platform))));
    }

    /// Each finding once.
    pub fn gather(self) -> Vec<Gathered> {
        lint::gather(self.found)
    }
}

/// The errors among findings.
pub fn errors(gathered: &[Gathered]) -> impl Iterator<Item = &Gathered> {
    gathered.iter().filter(|one| one.finding.severity == Severity::Error)
}

/// One line about all findings.
pub fn summary(gathered: &[Gathered], files: usize) -> String {
    let (counted, rules) = (report::findings_counted(gathered), lint::rules().count());
    let help = if gathered.is_empty() { "" } else { "; `provision lint --explain RULE` explains a rule" };
    format!("lint: {counted}; rules: {rules}, rendered files: {files}{help}")
}
