//! A rendered file, and the language that its reader on the host takes it for.

use crate::model::File;

/// A rendered file as the rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Where it goes on the host.
    pub path: &'a str,
    /// Its whole content.
    pub content: &'a str,
    /// The template that it came from.
    pub template: &'a str,
    /// Permission bits.
    pub mode: u32,
    /// Texts inside the content that must never be shown, the longest first.
    pub secrets: &'a [String],
}

impl<'a> From<&'a File> for Source<'a> {
    fn from(file: &'a File) -> Self {
        Self {
            path: file.path.as_str(),
            content: &file.content,
            template: &file.template,
            mode: file.mode.bits(),
            secrets: &file.secrets,
        }
    }
}

/// Who reads a file on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Nginx.
    Nginx,
    /// systemd: a unit, or a drop-in of one.
    Unit,
    /// Upstart.
    Job,
    /// gunicorn: Python.
    Settings,
    /// logrotate.
    Rotation,
    /// A shell or another interpreter.
    Script,
    /// A program with settings in lines, where `#` begins a comment.
    Lines,
    /// Anything else.
    Other,
}

/// The kinds of units, as the ends of their names.
const UNITS: [&str; 9] =
    [".service", ".socket", ".timer", ".path", ".mount", ".automount", ".swap", ".target", ".slice"];

/// Folders whose files are run.
const RUN: [&str; 7] = [
    "/usr/local/bin/",
    "/usr/local/sbin/",
    "/etc/cron.hourly/",
    "/etc/cron.daily/",
    "/etc/cron.weekly/",
    "/etc/cron.monthly/",
    "/etc/init.d/",
];

/// Ends of names whose files have lines of settings, and comments that begin with `#`.
const SETTINGS: [&str; 8] = [".conf", ".cnf", ".cfg", ".env", ".yml", ".yaml", ".toml", ".rules"];

/// Folders of such files.
const SETTINGS_FOLDERS: [&str; 3] = ["/etc/default/", "/etc/cron.d/", "/etc/provision/"];

impl Source<'_> {
    /// Who reads it, by its path and first bytes.
    #[must_use]
    pub fn language(&self) -> Language {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", self.path));
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let within = |folders: &[&str]| folders.iter().any(|folder| self.path.starts_with(folder));
        let nginx = ["/sites-available", "/sites-enabled", "/conf.d", "/snippets"];
        if within(&["/etc/nginx/"]) && (name.ends_with(".conf") || nginx.iter().any(|part| folder.ends_with(part))) {
            Language::Nginx
        } else if self.unit().is_some() {
            Language::Unit
        } else if within(&["/etc/init/"]) {
            Language::Job
        } else if name.contains("gunicorn") && name.ends_with(".py") {
            Language::Settings
        } else if within(&["/etc/logrotate.d/"]) || self.path == "/etc/logrotate.conf" {
            Language::Rotation
        } else if self.content.starts_with("#!") || name.ends_with(".sh") || within(&RUN) {
            Language::Script
        } else if ends(&SETTINGS) || within(&SETTINGS_FOLDERS) {
            Language::Lines
        } else {
            Language::Other
        }
    }

    /// The name of the unit that the file says something of, and whether it is a drop-in.
    pub(super) fn unit(&self) -> Option<(&str, bool)> {
        let (folder, name) = self.path.rsplit_once('/')?;
        if !["/etc/systemd/", "/usr/lib/systemd/", "/lib/systemd/"].iter().any(|start| self.path.starts_with(start)) {
            return None;
        }
        let is_unit = |name: &str| UNITS.iter().any(|end| name.ends_with(end));
        if is_unit(name) {
            return Some((name, false));
        }
        let unit = folder.rsplit('/').next()?.strip_suffix(".d")?;
        (name.ends_with(".conf") && is_unit(unit)).then_some((unit, true))
    }
}
