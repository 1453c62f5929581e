//! Paths of locations against the paths that they lead to.

use super::location::{Fit, location};
use super::read::{Config, Directive};
use super::variables;
use crate::lint::found::Found;
use crate::lint::rule::{Example, Rule, Severity};

pub static ALIAS_TRAVERSAL: Rule = Rule {
    id: "nginx/alias-traversal",
    severity: Severity::Error,
    title: "a location without a final slash has an `alias`",
    why: "What follows the location's path is put behind the alias as it is: `/static../secret` becomes \
          `…/static/../secret`, and everything beside the folder can be read.",
    remedy: "End both the location and the alias with `/`.",
    wrong: &[Example::site("server {\n    location /static {\n        alias /srv/app/static/;\n    }\n}\n")],
    right: &[Example::site("server {\n    location /static/ {\n        alias /srv/app/static/;\n    }\n}\n")],
};

pub static ALIAS_SLASH: Rule = Rule {
    id: "nginx/alias-slash",
    severity: Severity::Error,
    title: "a location ends with a slash and its `alias` does not",
    why: "The slash is a part of what the alias replaces: `/static/page.css` becomes `…/staticpage.css`, and no file \
          is found.",
    remedy: "End the alias with `/`, as the location ends.",
    wrong: &[Example::site("server {\n    location /static/ {\n        alias /srv/app/static;\n    }\n}\n")],
    right: &[Example::site("server {\n    location = /page.css {\n        alias /srv/app/page.css;\n    }\n}\n")],
};

pub static PROXY_PASS_PATH: Rule = Rule {
    id: "nginx/proxy-pass-path",
    severity: Severity::Error,
    title: "the path in `proxy_pass` does not fit its location",
    why: "A path in `proxy_pass` replaces the location's own. If one ends with a slash and the other does not, the app \
          gets `//users` or `/v1users`. In a location that is a pattern, has a name, or is an `if`, Nginx refuses a \
          path altogether.",
    remedy: "Let both end with a slash, or leave the path off and the app sees the request's own.",
    wrong: &[Example::site("server {\n    location /api/ {\n        proxy_pass http://127.0.0.1:5000/v1;\n    }\n}\n")],
    right: &[Example::site(
        "server {\n    location /api/ {\n        proxy_pass http://127.0.0.1:5000/v1/;\n    }\n}\n",
    )],
};

pub static UNESCAPED_DOT: Rule = Rule {
    id: "nginx/unescaped-dot",
    severity: Severity::Error,
    title: "a dot in a location's pattern is not escaped",
    why: "A bare `.` is any character: `/.` closes every path and not only dotfiles, and `.php$` takes `/aphp` too, so \
          what should be closed or open is something else.",
    remedy: "Write `\\.` or `[.]`.",
    wrong: &[Example::site("server {\n    location ~ /.git {\n        return 404;\n    }\n}\n")],
    right: &[Example::site("server {\n    location ~ /\\.git {\n        return 404;\n    }\n}\n")],
};

pub(super) fn check(found: &mut Found<'_>, config: &Config) {
    for node in config.nodes() {
        let directive = node.directive;
        if let Some((Fit::Pattern, pattern)) = location(directive)
            && let Some(rest) = bare_dot(pattern)
        {
            found.add(&UNESCAPED_DOT, directive.line, format!("the dot before `{rest}` means any character"));
        }
        let Some(parent) = node.parent() else { continue };
        if directive.is("alias") {
            alias(found, parent, directive);
        } else if directive.is("proxy_pass") {
            proxy_pass(found, parent, directive);
        }
    }
}

fn alias(found: &mut Found<'_>, parent: &Directive, directive: &Directive) {
    let Some((Fit::Prefix, path)) = location(parent) else { return };
    let folder = directive.argument(0);
    if !path.ends_with('/') {
        found.add(&ALIAS_TRAVERSAL, parent.line, format!("a request for `{path}..` leaves the folder `{folder}`"));
    } else if !folder.ends_with('/') && variables::of(folder).is_empty() {
        found.add(&ALIAS_SLASH, directive.line, format!("`{path}x` becomes `{folder}x`"));
    }
}

/// The path in a URL, with its slash; `None` if it has none.
fn path_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    match rest.strip_prefix("unix:") {
        Some(socket) => socket.split_once(':').map(|(_, path)| path).filter(|path| !path.is_empty()),
        None => rest.find('/').map(|start| &rest[start..]),
    }
}

fn proxy_pass(found: &mut Found<'_>, parent: &Directive, directive: &Directive) {
    let url = directive.argument(0);
    // With variables the URL is taken as it is, whatever the location.
    if url.contains('$') {
        return;
    }
    let Some(path) = path_of(url) else { return };
    let fault = match location(parent) {
        Some((Fit::Prefix, prefix)) if prefix.ends_with('/') != path.ends_with('/') => {
            let request = if prefix.ends_with('/') { "x" } else { "/x" };
            Some(format!("`{prefix}{request}` becomes `{path}{request}`"))
        }
        Some((Fit::Prefix | Fit::Exact, _)) => None,
        Some((Fit::Pattern | Fit::Named, _)) => Some(format!("Nginx refuses the path `{path}` in such a location")),
        None if matches!(parent.name.as_str(), "if" | "limit_except") => {
            Some(format!("Nginx refuses the path `{path}` inside `{}`", parent.name))
        }
        None => None,
    };
    if let Some(message) = fault {
        found.add(&PROXY_PASS_PATH, directive.line, message);
    }
}

/// What follows the first dot in a pattern that is neither escaped, nor in a class, nor repeated.
fn bare_dot(pattern: &str) -> Option<&str> {
    let mut class = false;
    let mut letters = pattern.char_indices().peekable();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '[' => class = true,
            ']' => class = false,
            '.' if !class => {
                let rest = &pattern[index + 1..];
                // `.*`, `.{3}`: any character is what is meant. `(.` and `.)` alone are rare enough to be named.
                if !rest.starts_with(['*', '+', '?', '{']) {
                    return Some(if rest.is_empty() { "the end" } else { rest });
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_dots() {
        assert_eq!(bare_dot("/.git"), Some("git"));
        for fine in [r"\.php$", "(?s)^.{13}(.*/)?[.]", "^/a.*$", "^/x(.+)$", r"[^.]+\\\."] {
            assert_eq!(bare_dot(fine), None, "{fine}");
        }
        assert_eq!(bare_dot(r"\\."), Some("the end"));
    }

    #[test]
    fn paths_in_urls() {
        assert_eq!(path_of("http://a"), None);
        assert_eq!(path_of("http://a/"), Some("/"));
        assert_eq!(path_of("http://unix:/run/a.sock"), None);
        assert_eq!(path_of("http://unix:/run/a.sock:/v1"), Some("/v1"));
    }
}
