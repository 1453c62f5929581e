//! The routes of a site, each as a `location` of Nginx.

use serde::Serialize;

use super::app::seconds;
use crate::model::layout;
use crate::model::process::stop_timeout;
use crate::model::{App, Route, RouteTo, UrlPath};

/// Nginx waits this much longer than the app's runtime does, so that this ends a stuck request and says why in its log.
const READ_MARGIN: u64 = 5;

/// What stands for "no limit": an app's timeout can be switched off, Nginx's cannot.
const LONGEST_READ: u64 = 24 * 60 * 60;

/// One `location`. `folder` is for files; `upstream`, `pass` and `read_timeout` are for an app.
#[derive(Serialize)]
pub(super) struct RouteContext {
    /// What Nginx compares: percent-decoded, as Nginx decodes the request.
    location: String,
    app: String,
    folder: Option<String>,
    /// The link to the live release, with a final slash: below it no other link is followed.
    live: String,
    /// Seconds that browsers keep a file; 0 makes them ask each time.
    cache: u64,
    /// Matches dotfiles in the folder, where the path itself would be taken for one, such as `/.well-known/`.
    dotfiles: Option<String>,
    /// The same path without its final slash, where the app decides what that means.
    without_slash: Option<String>,
    pass: String,
    read_timeout: u64,
    /// The prefix that the app does not see, without a final slash.
    strip: Option<String>,
    /// Matches a path below the prefix, and captures what the app sees of it.
    prefix: Option<String>,
}

impl RouteContext {
    pub(super) fn new(route: &Route, app: &App, upstream: &str) -> Self {
        let base = Self {
            location: percent_decode(route.path.as_str()),
            app: app.name.to_string(),
            folder: None,
            live: format!("{}/", layout::CURRENT.of(&app.name)),
            cache: 0,
            dotfiles: None,
            without_slash: None,
            pass: format!("http://{upstream}"),
            read_timeout: read_timeout(app),
            strip: None,
            prefix: None,
        };
        match &route.to {
            RouteTo::Files { folder, cache, .. } => {
                let folder = format!("{}/{folder}/", layout::CURRENT.of(&app.name));
                Self { folder: Some(folder), cache: seconds(*cache), dotfiles: dotfiles(&base.location), ..base }
            }
            RouteTo::App { strip, .. } => match strip.as_ref().and_then(|strip| stripped(&route.path, strip)) {
                Some(strip) => Self { prefix: Some(below(&strip)), strip: Some(strip), ..base },
                None => Self { without_slash: without_slash(&base.location), ..base },
            },
        }
    }
}

/// The prefix that is taken off `path`, without a final slash; `None` when nothing is.
fn stripped(path: &UrlPath, strip: &UrlPath) -> Option<String> {
    let strip = strip.as_str().trim_end_matches('/');
    let rest = path.as_str().strip_prefix(strip)?;
    (!strip.is_empty() && rest.starts_with('/')).then(|| strip.to_owned())
}

/// A pattern that captures what follows a prefix. It counts the prefix's bytes, so that nothing of it stands in the
/// pattern. `(?s)` lets a dot match a line break too, which a request can encode.
fn below(prefix: &str) -> String {
    format!("(?s)^.{{{}}}(/.*)", percent_decode(prefix).len())
}

/// `/api` for `/api/`; `None` for `/`.
fn without_slash(location: &str) -> Option<String> {
    location.strip_suffix('/').filter(|path| !path.is_empty()).map(str::to_owned)
}

/// A pattern for dotfiles below a location that has a part with a leading dot itself: it counts the location's bytes,
/// so that nothing of it stands in the pattern. `(?s)` lets a dot match a line break too, which a request can encode.
fn dotfiles(location: &str) -> Option<String> {
    location.contains("/.").then(|| format!("(?s)^.{{{}}}(.*/)?[.]", location.len()))
}

/// Nginx compares a location with the decoded path. What does not decode to text stays as it is.
fn percent_decode(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let digits = rest.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[at + 3..];
            }
            None => {
                bytes.push(b'%');
                rest = &rest[at + 1..];
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// How long Nginx waits for an answer of the app. Where nobody serves while it restarts, a request waits until the old
/// process has ended and the new one has imported the app.
fn read_timeout(app: &App) -> u64 {
    if app.timeout.is_zero() {
        return LONGEST_READ;
    }
    let restart = stop_timeout(app) + app.health.import_timeout();
    let longest = if app.health.before_switch { app.timeout } else { app.timeout.max(restart) };
    seconds(longest) + READ_MARGIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> UrlPath {
        path.parse().unwrap()
    }

    #[test]
    fn a_prefix_is_stripped_only_at_a_slash() {
        let stripped = |path, strip| stripped(&url(path), &url(strip));
        assert_eq!(stripped("/shop/", "/shop").as_deref(), Some("/shop"));
        assert_eq!(stripped("/shop/", "/shop/").as_deref(), Some("/shop"));
        assert_eq!(stripped("/shop/v1/", "/shop").as_deref(), Some("/shop"));
        assert_eq!(stripped("/shopping/", "/shop"), None);
        assert_eq!(stripped("/shop/", "/"), None);
        assert_eq!(below("/a%20b"), "(?s)^.{4}(/.*)");
    }

    #[test]
    fn locations_are_decoded_as_nginx_decodes_requests() {
        assert_eq!(percent_decode("/a%20b/%C3%A9/"), "/a b/é/");
        assert_eq!(percent_decode("/100%/%zz/%FF/"), "/100%/%zz/%FF/");
        assert_eq!(percent_decode("/a%+4b/"), "/a%+4b/");
    }

    #[test]
    fn dotfiles_are_looked_for_below_the_location() {
        assert_eq!(dotfiles("/static/"), None);
        assert_eq!(dotfiles("/.well-known/").as_deref(), Some("(?s)^.{13}(.*/)?[.]"));
    }
}
