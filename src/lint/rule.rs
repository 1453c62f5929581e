//! What a rule is: an id, why it is one, what to do, and two examples that prove it.

pub use crate::diagnostic::Severity;

/// A rule over rendered files.
#[derive(Debug)]
pub struct Rule {
    /// `language/name`: what comments, `--explain` and the documentation call it.
    pub id: &'static str,
    /// How bad a finding usually is.
    pub severity: Severity,
    /// What is found, in a few words.
    pub title: &'static str,
    /// What happens to those who leave it.
    pub why: &'static str,
    /// What to write instead.
    pub remedy: &'static str,
    /// Files of a host that the rule finds fault with.
    pub wrong: &'static [Example],
    /// Files close to those, that it accepts.
    pub right: &'static [Example],
}

/// A file of an example.
#[derive(Debug)]
pub struct Example {
    /// Where it is on the host.
    pub path: &'static str,
    /// Permission bits.
    pub mode: u32,
    /// Its content.
    pub text: &'static str,
}

impl Example {
    /// A readable file.
    pub(super) const fn file(path: &'static str, text: &'static str) -> Self {
        Self { path, mode: 0o644, text }
    }

    /// An Nginx site.
    pub(super) const fn site(text: &'static str) -> Self {
        Self::file("/etc/nginx/sites-available/site", text)
    }

    /// A systemd service.
    pub(super) const fn service(text: &'static str) -> Self {
        Self::file("/etc/systemd/system/app.service", text)
    }

    /// An Upstart job.
    pub(super) const fn job(text: &'static str) -> Self {
        Self::file("/etc/init/app.conf", text)
    }

    /// Settings of gunicorn.
    pub(super) const fn settings(text: &'static str) -> Self {
        Self::file("/etc/provision/app/gunicorn.conf.py", text)
    }

    /// A log rotation.
    pub(super) const fn rotation(text: &'static str) -> Self {
        Self::file("/etc/logrotate.d/app", text)
    }

    /// An executable script.
    pub(super) const fn script(text: &'static str) -> Self {
        Self { path: "/usr/local/bin/tool", mode: 0o755, text }
    }
}
