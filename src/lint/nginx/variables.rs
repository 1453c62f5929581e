//! Variables of a request, and where they must not end up.

use super::location::{Fit, location};
use super::read::{Config, Directive, Node};
use crate::lint::found::Found;
use crate::lint::rule::{Example, Rule, Severity};

pub static HTTP_SPLITTING: Rule = Rule {
    id: "nginx/http-splitting",
    severity: Severity::Error,
    title: "a decoded part of the request's path ends up in a header",
    why: "`$uri` and `$document_uri` are percent-decoded: `%0d%0a` in the path becomes a line break, and what follows \
          it a header, or a whole answer, of the client's choice. So does what a class such as `[^/]` takes from the \
          path.",
    remedy: "Use `$request_uri`, which stays as the client sent it, or a class that takes no line break, such as \
             `[^/\\s]`.",
    wrong: &[Example::site("server {\n    location /old/ {\n        return 301 https://example.com$uri;\n    }\n}\n")],
    right: &[Example::site(
        "server {\n    location /old/ {\n        return 301 https://example.com$request_uri;\n    }\n}\n",
    )],
};

/// The names of the variables in a text, without `$` and braces; `1` is a captured part.
pub(super) fn of(text: &str) -> Vec<&str> {
    let mut names = vec![];
    for rest in text.split('$').skip(1) {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end > 0 {
            names.push(&rest[..end]);
        }
    }
    names
}

pub(super) fn check(found: &mut Found<'_>, config: &Config) {
    for node in config.nodes() {
        let captured = captures_line_breaks(&node);
        let splits = |name: &&str| matches!(*name, "uri" | "document_uri") || (captured && is_captured(name, &node));
        let name = sent(node.directive).into_iter().flat_map(|text| of(text)).find(splits);
        if let Some(name) = name {
            let message = format!("`${name}` may hold a line break, and `{}` sends it", node.directive.name);
            found.add(&HTTP_SPLITTING, node.directive.line, message);
        }
    }
}

/// The texts of a directive that become a part of a request or answer.
fn sent(directive: &Directive) -> Vec<&str> {
    let all = || directive.arguments.iter().map(String::as_str);
    match directive.name.as_str() {
        "add_header" | "proxy_set_header" | "proxy_pass" => all().collect(),
        // The text of an answer is no header.
        "return" if matches!(directive.argument(0), "301" | "302" | "303" | "307" | "308") => all().skip(1).collect(),
        "return" if directive.arguments.len() == 1 => all().collect(),
        "rewrite" => {
            let redirects = matches!(directive.argument(2), "redirect" | "permanent")
                || ["http://", "https://", "$scheme"].iter().any(|start| directive.argument(1).starts_with(start));
            if redirects { vec![directive.argument(1)] } else { vec![] }
        }
        _ => vec![],
    }
}

/// Whether the location around takes parts of the path by a class that excludes some characters, and line breaks not.
fn captures_line_breaks(node: &Node<'_>) -> bool {
    let Some((Fit::Pattern, pattern)) = node.within("location").and_then(location) else { return false };
    let mut rest = pattern;
    while let Some(start) = rest.find("[^") {
        let class = &rest[start + 2..];
        let end = class.find(']').unwrap_or(class.len());
        if !["\\s", "\\n", "\\r", "\\v"].iter().any(|escape| class[..end].contains(escape)) {
            return true;
        }
        rest = &class[end..];
    }
    false
}

fn is_captured(name: &str, node: &Node<'_>) -> bool {
    let pattern = node.within("location").and_then(location).map_or("", |(_, pattern)| pattern);
    let numbered = name.chars().all(|c| c.is_ascii_digit());
    // `rewrite` counts the parts of its own pattern.
    (numbered && !node.directive.is("rewrite")) || pattern.contains(&format!("(?<{name}>"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_variables() {
        assert_eq!(super::of("a$host:${uri}b$1-$"), ["host", "uri", "1"]);
    }
}
