//! Where an app listens.

use super::OPEN_BIND;
use super::read::Settings;
use crate::lint::found::Found;

/// Finds the first address that others than the host itself can reach. A value that is no text is not known here.
pub(super) fn check(found: &mut Found<'_>, settings: &Settings) {
    let Some(assignment) = settings.last("bind") else { return };
    let lines: Vec<&str> = found.source.content.lines().skip(assignment.line - 1).collect();
    let is_list = assignment.value.starts_with(['[', '(']);
    if !is_list && !assignment.value.starts_with(['"', '\'']) {
        return;
    }
    // A list ends where its bracket does.
    let length = if is_list { lines.iter().position(|line| line.trim_end().ends_with([']', ')'])) } else { Some(0) };
    let texts = lines.iter().take(length.unwrap_or(0) + 1).flat_map(|line| strings(line));
    let open = texts.flat_map(|text| text.split(',')).map(str::trim).find(|address| is_open(address));
    if let Some(address) = open.map(str::to_owned) {
        found.add(&OPEN_BIND, assignment.line, format!("whoever reaches `{address}` asks the app past Nginx"));
    }
}

/// The address in settings that name one.
#[must_use]
pub fn bound(settings: &str) -> Option<String> {
    let settings = super::read::read(settings);
    strings(&settings.last("bind")?.value).first().map(|address| (*address).to_owned())
}

/// The texts in quotes of one line.
fn strings(line: &str) -> Vec<&str> {
    let mut texts = vec![];
    let mut rest = line;
    while let Some(begin) = rest.find(['"', '\'', '#']) {
        let Some(quote) = rest[begin..].chars().next().filter(|letter| *letter != '#') else { break };
        let inside = &rest[begin + 1..];
        let Some(end) = inside.find(quote) else { break };
        texts.push(&inside[..end]);
        rest = &inside[end + 1..];
    }
    texts
}

/// gunicorn takes an empty host for all addresses.
fn is_open(address: &str) -> bool {
    let address = address.strip_prefix("tcp://").unwrap_or(address);
    if address.starts_with("unix:") || address.starts_with("fd://") {
        return false;
    }
    let host = match address.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        // `::1` has colons of its own.
        None if address.matches(':').count() > 1 => address,
        None => address.split(':').next().unwrap_or_default(),
    };
    let is_loopback = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    !is_loopback && host != "localhost"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_beyond_the_host() {
        for open in ["0.0.0.0:5000", ":5000", "[::]:5000", "10.0.0.7:80", "tcp://0.0.0.0:1", "web.example.com:80", "::"]
        {
            assert!(is_open(open), "{open}");
        }
        for closed in ["127.0.0.1:5000", "127.3.2.1:1", "[::1]:5000", "::1", "localhost:5000", "unix:/run/a", "fd://3"]
        {
            assert!(!is_open(closed), "{closed}");
        }
    }

    #[test]
    fn texts_of_a_line() {
        assert_eq!(strings("bind = [\"a\", 'b'] # \"c\""), ["a", "b"]);
        assert_eq!(strings("bind = 'it # is'"), ["it # is"]);
    }
}
