//! Words that systemd does not understand, and would pass over with a line in the journal.

use super::read::{Entry, Unit};
use crate::diagnostic::did_you_mean;
use crate::lint::found::Found;
use crate::lint::host::{Host, running, too_old};
use crate::lint::rule::{Example, Rule, Severity};
use crate::lint::versions::{SYSTEMD, Words};

pub static SYNTAX: Rule = Rule {
    id: "systemd/syntax",
    severity: Severity::Error,
    title: "a line of a unit is neither a section nor an assignment",
    why: "systemd ignores the line and starts the unit without it.",
    remedy: "Write `Name=value` below the `[Section]` that it belongs to.",
    wrong: &[Example::service("[Service]\nUser app\n")],
    right: &[Example::service("[Service]\nUser=app\n")],
};

pub static UNKNOWN_SECTION: Rule = Rule {
    id: "systemd/unknown-section",
    severity: Severity::Error,
    title: "a unit of this kind has no such section",
    why: "systemd ignores the section with all that stands in it.",
    remedy: "Repair the name; a service has `[Unit]`, `[Service]` and `[Install]`. Sections of your own begin with \
             `X-`.",
    wrong: &[Example::service("[Unit]\nDescription=App\n[Services]\nUser=app\n")],
    right: &[Example::service("[Unit]\nDescription=App\n[X-Notes]\nOwner=web team\n")],
};

pub static UNKNOWN_DIRECTIVE: Rule = Rule {
    id: "systemd/unknown-directive",
    severity: Severity::Error,
    title: "no version of systemd knows this directive in this section",
    why: "systemd ignores it, and the protection or limit that it names is not there.",
    remedy: "Repair the spelling, or move it to the section that it belongs to. `systemd-analyze verify` lists them \
             too.",
    wrong: &[Example::service("[Service]\nNoNewPriviledges=yes\n")],
    right: &[Example::service("[Service]\nNoNewPrivileges=yes\n")],
};

pub static LATER_DIRECTIVE: Rule = Rule {
    id: "systemd/later-directive",
    severity: Severity::Error,
    title: "a directive or value is younger than the host's systemd",
    why: "An old systemd ignores it, and its protection with it. Where the host's version is not known the oldest \
          supported one, 229, is kept in mind, and the finding is a warning.",
    remedy: "Write what the old version knows too (`ReadWriteDirectories=` for `ReadWritePaths=`, `ProtectSystem=full` \
             for `strict`), or make the line depend on the host.",
    wrong: &[Example::service("[Service]\nProtectSystem=strict\nReadWritePaths=/srv/app\n")],
    right: &[Example::service("[Service]\nProtectSystem=full\nReadWriteDirectories=/srv/app\n")],
};

pub static SPECIFIER: Rule = Rule {
    id: "systemd/specifier",
    severity: Severity::Error,
    title: "a `%` stands for something that systemd does not know",
    why: "systemd puts names and paths in for `%` and a letter; a letter that it does not know makes it ignore the \
          whole line.",
    remedy: "Write `%%` for a percent sign.",
    wrong: &[Example::service("[Service]\nExecStart=/bin/date +%Y\n")],
    right: &[Example::service("[Service]\nExecStart=/bin/date +%%Y\n")],
};

/// The letters behind `%` that some version of systemd knows, except `y` and `Y`: those are the folder of the unit
/// itself, and far more often a year.
const SPECIFIERS: &str = "aAbBcCdDEfgGhHiIjJlLmMnNopPqrRsStTuUvVwW%";

/// Of these, what came after 229, and when.
const LATER_SPECIFIERS: [(char, u32); 21] = [
    ('a', 246),
    ('A', 246),
    ('B', 242),
    ('C', 235),
    ('d', 250),
    ('D', 255),
    ('E', 239),
    ('g', 238),
    ('G', 238),
    ('j', 245),
    ('J', 245),
    ('l', 246),
    ('L', 235),
    ('M', 246),
    ('o', 244),
    ('q', 251),
    ('S', 235),
    ('T', 236),
    ('V', 236),
    ('w', 244),
    ('W', 244),
];

const OLDEST: Option<crate::platform::Version> = Host::XENIAL.systemd;

pub(super) fn check(found: &mut Found<'_>, unit: &Unit, host: &Host) {
    for (line, message) in &unit.faults {
        found.add(&SYNTAX, *line, message.clone());
    }
    let Some((name, _)) = found.source.unit() else { return };
    let own = own_section(name);
    for (section, line) in &unit.sections {
        let fits = ["Unit", "Install", &own].contains(&section.as_str()) || section.starts_with("X-");
        if !fits {
            let hint =
                did_you_mean(section, ["Unit", "Install", &own]).map(|hint| format!(": {hint}")).unwrap_or_default();
            found.add(&UNKNOWN_SECTION, *line, format!("`{name}` has no section `{section}`{hint}"));
        }
    }
    let words: &Words = &SYSTEMD;
    for entry in &unit.entries {
        directive(found, entry, words, host);
        specifiers(found, entry, host);
    }
}

/// `Service` for `app.service`.
fn own_section(name: &str) -> String {
    let kind = name.rsplit('.').next().unwrap_or_default();
    let mut letters = kind.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn directive(found: &mut Found<'_>, entry: &Entry, words: &Words, host: &Host) {
    let Entry { section, key, value, line } = entry;
    // The lists have no mounts and slices; what is said of them is left alone.
    if !words.sections.contains(section.as_str()) || key.starts_with("X-") {
        return;
    }
    let name = format!("{section}.{key}");
    // A socket runs programs too, with what confines them.
    let name = if words.knows(&name) || section != "Socket" { name } else { format!("Service.{key}") };
    if !words.knows(&name) {
        let elsewhere = words.all().find_map(|word| word.strip_suffix(key.as_str())?.strip_suffix('.'));
        let hint = elsewhere.map(|section| format!("it belongs to `[{section}]`")).or_else(|| {
            let here = words.all().filter_map(|word| word.strip_prefix(section.as_str())?.strip_prefix('.'));
            did_you_mean(key, here)
        });
        let hint = hint.map(|hint| format!(": {hint}")).unwrap_or_default();
        found.add(&UNKNOWN_DIRECTIVE, *line, format!("`[{section}]` has no directive `{key}`{hint}"));
        return;
    }
    let word = words.since(&name).map(|since| (format!("{key}="), since));
    let value = words.value_since(&name, value).map(|since| (format!("{key}={value}"), since));
    for (what, since) in word.into_iter().chain(value) {
        if let Some(severity) = too_old(host.systemd, since) {
            let host = running("systemd", host.systemd, OLDEST);
            found.add_as(
                severity,
                &LATER_DIRECTIVE,
                *line,
                format!("`{what}` came with systemd {}, and {host}", since),
            );
        }
    }
}

fn specifiers(found: &mut Found<'_>, entry: &Entry, host: &Host) {
    let mut letters = entry.value.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            continue;
        }
        let Some(specifier) = letters.next().filter(|letter| !letter.is_whitespace()) else {
            // A lone percent sign, as in `CPUQuota=50%`, is taken as it is.
            continue;
        };
        let later = LATER_SPECIFIERS.iter().find(|(letter, _)| *letter == specifier);
        let since = later.map(|(_, since)| crate::platform::Version::new(*since, 0, 0));
        if !SPECIFIERS.contains(specifier) {
            found.add(&SPECIFIER, entry.line, format!("systemd puts nothing in for `%{specifier}`"));
        } else if let Some(since) = since
            && let Some(severity) = too_old(host.systemd, since)
        {
            let message = format!("`%{specifier}` came with systemd {since}");
            found.add_as(severity, &LATER_DIRECTIVE, entry.line, message);
        }
    }
}
