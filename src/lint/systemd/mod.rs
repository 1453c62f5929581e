//! Rules for systemd's units.

mod exec;
mod read;
mod service;
mod words;

use super::found::Found;
use super::gunicorn::Keeper;
use super::host::Host;
use super::rule::Rule;
use super::source::Language;

pub static RULES: &[&Rule] = &[
    &words::SYNTAX,
    &words::UNKNOWN_SECTION,
    &words::UNKNOWN_DIRECTIVE,
    &words::LATER_DIRECTIVE,
    &words::SPECIFIER,
    &exec::RELATIVE_EXEC,
    &exec::DOLLAR,
    &exec::SHELL_SYNTAX,
    &service::NOTIFY_GUNICORN,
    &service::RESTART_LIMIT,
];

/// Checks all units of a host. Returns those that run gunicorn.
pub(super) fn check(files: &mut [Found<'_>], host: &Host) -> Vec<Keeper> {
    let mut keepers = vec![];
    for (index, found) in files.iter_mut().enumerate() {
        if found.language != Language::Unit {
            continue;
        }
        let unit = read::read(found.source.content);
        found.blocks.extend(unit.blocks());
        words::check(found, &unit, host);
        exec::check(found, &unit, host);
        service::check(found, &unit, host);
        keepers.extend(service::keeper(index, &unit));
    }
    keepers
}
