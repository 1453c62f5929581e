//! Template files: the built-in ones, and those beside the inventory that override them by name.
//! Does no I/O: overrides come as texts, and a rendered file goes back as one.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::{Context, Error, ErrorKind, Kwargs, State, Tera, Value};

use super::error::{REFUSED, TemplateError, UNDEFINED};
use crate::encode::{ENCODERS, Encoder};
use crate::runtime;

/// Those that are for every runtime.
const COMMON: [(&str, &str); 21] = [
    ("app.service.tera", include_str!("../../templates/app.service.tera")),
    ("app.socket.tera", include_str!("../../templates/app.socket.tera")),
    ("app.upstart.conf.tera", include_str!("../../templates/app.upstart.conf.tera")),
    ("default-server.conf.tera", include_str!("../../templates/default-server.conf.tera")),
    ("env.tera", include_str!("../../templates/env.tera")),
    ("logrotate-tmp.conf.tera", include_str!("../../templates/logrotate-tmp.conf.tera")),
    ("logrotate.tera", include_str!("../../templates/logrotate.tera")),
    ("maintenance.html.tera", include_str!("../../templates/maintenance.html.tera")),
    ("managed-by.tera", include_str!("../../templates/managed-by.tera")),
    ("nginx-acme.conf.tera", include_str!("../../templates/nginx-acme.conf.tera")),
    ("nginx-headers.conf.tera", include_str!("../../templates/nginx-headers.conf.tera")),
    ("nginx-limits.conf.tera", include_str!("../../templates/nginx-limits.conf.tera")),
    ("nginx-maps.conf.tera", include_str!("../../templates/nginx-maps.conf.tera")),
    ("nginx-proxy.conf.tera", include_str!("../../templates/nginx-proxy.conf.tera")),
    ("nginx-rate.conf.tera", include_str!("../../templates/nginx-rate.conf.tera")),
    ("nginx-realip.conf.tera", include_str!("../../templates/nginx-realip.conf.tera")),
    ("nginx-redirect.conf.tera", include_str!("../../templates/nginx-redirect.conf.tera")),
    ("nginx-shared.conf.tera", include_str!("../../templates/nginx-shared.conf.tera")),
    ("nginx-site.conf.tera", include_str!("../../templates/nginx-site.conf.tera")),
    ("nginx-tls.conf.tera", include_str!("../../templates/nginx-tls.conf.tera")),
    ("tls.pem.tera", include_str!("../../templates/tls.pem.tera")),
];

/// The built-in templates: each one's name and text.
pub fn built_in() -> impl Iterator<Item = (&'static str, &'static str)> + Clone {
    let of_runtimes = runtime::ALL.iter().flat_map(|runtime| runtime.templates());
    COMMON.into_iter().chain(of_runtimes.map(|template| (template.name, template.text)))
}

/// Every template of one run, ready to render.
///
/// ```
/// use std::collections::BTreeMap;
/// use provision::template::Engine;
///
/// let own = BTreeMap::from([("motd".to_owned(), "cd {{ folder | shell }}".to_owned())]);
/// let engine = Engine::new(&own)?;
/// assert_eq!(engine.render("motd", &BTreeMap::from([("folder", "my files")]))?, "cd 'my files'\n");
/// assert!(engine.render("motd", &BTreeMap::<&str, &str>::new()).is_err(), "an undefined variable");
/// # Ok::<(), provision::template::TemplateError>(())
/// ```
pub struct Engine {
    tera: Tera,
    sources: BTreeMap<String, String>,
    overridden: Vec<&'static str>,
}

impl Engine {
    /// Loads the built-in templates, and over them `overrides`: the texts of the folder `templates/` beside the
    /// inventory, by file name.
    ///
    /// # Errors
    /// The first template that cannot be parsed.
    pub fn new(overrides: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let mut sources: BTreeMap<String, String> =
            built_in().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        sources.extend(overrides.clone());
        let mut tera = Tera::new();
        // Nothing rendered here is HTML: each value goes through the encoder of its own language.
        tera.autoescape_on(Vec::<&'static str>::new());
        for (name, encoder) in ENCODERS {
            tera.register_filter(name, move |value: Value, _: Kwargs, _: &State| encode(encoder, &value));
        }
        let marked = sources.iter().map(|(name, text)| (name.as_str(), mark_tag_lines(text)));
        if let Err(error) = tera.add_raw_templates(marked) {
            return Err(TemplateError::from_tera("", &error, |name| sources.get(name).map(String::as_str)));
        }
        let overridden = built_in().map(|(name, _)| name).filter(|name| overrides.contains_key(*name)).collect();
        Ok(Self { tera, sources, overridden })
    }

    /// The built-in templates that are overridden.
    pub fn overridden(&self) -> impl Iterator<Item = &'static str> {
        self.overridden.iter().copied()
    }

    /// Renders the template called `name`. The result ends with a line break.
    ///
    /// # Errors
    /// No such template, an undefined variable, or a value that its encoder refuses.
    pub fn render<T: Serialize>(&self, name: &str, context: &T) -> Result<String, TemplateError> {
        let source_of = |name: &str| self.sources.get(name).map(String::as_str);
        let rendered = Context::from_serialize(context)
            .and_then(|context| self.tera.render(name, &context))
            .map_err(|error| TemplateError::from_tera(name, &error, source_of))?;
        let mut text = drop_tag_lines(&rendered);
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }
}

fn encode(encoder: Encoder, value: &Value) -> Result<String, Error> {
    if value.is_undefined() {
        return Err(Error::new(ErrorKind::InvalidArgument {
            expected_type: "a value".to_owned(),
            actual_type: UNDEFINED.to_owned(),
        }));
    }
    if value.is_array() || value.is_map() || value.is_none() {
        return Err(Error::message(format!("a text or a number is needed here, not a {}", value.name())));
    }
    encoder(&value.to_string()).map_err(|refusal| Error::message(format!("{REFUSED}{refusal}")))
}

/// Ends a line that holds nothing but tags. No value can bring in a NUL: inventories and encoders refuse it.
const TAG_LINE: char = '\0';

/// A line that holds nothing but `{% … %}` and `{# … #}` leaves no line behind, as with Jinja's `trim_blocks`. The
/// mark stands at the end of the line, so that places in error messages stay true.
fn mark_tag_lines(template: &str) -> String {
    let mark = |line: &str| match line.strip_suffix('\n') {
        Some(text) if holds_only_tags(text) => format!("{text}{TAG_LINE}\n"),
        _ => line.to_owned(),
    };
    template.split_inclusive('\n').map(mark).collect()
}

fn holds_only_tags(line: &str) -> bool {
    let mut rest = line.trim();
    let mut tags = 0;
    while !rest.is_empty() {
        let close = match rest.get(..2) {
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => return false,
        };
        let Some(end) = rest.find(close) else { return false };
        rest = rest[end + close.len()..].trim_start();
        tags += 1;
    }
    tags > 0
}

fn drop_tag_lines(rendered: &str) -> String {
    let mut text = String::with_capacity(rendered.len());
    for line in rendered.split_inclusive('\n') {
        match line.strip_suffix("\0\n") {
            None => text.push_str(line),
            Some(before) if before.trim().is_empty() => {}
            // `{%-` joined the tag's line to the one before it.
            Some(before) => text.extend([before, "\n"]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn render(template: &str, context: &serde_json::Value) -> Result<String, TemplateError> {
        let overrides = BTreeMap::from([("t".to_owned(), template.to_owned())]);
        Engine::new(&overrides)?.render("t", context)
    }

    #[track_caller]
    fn check(template: &str, context: &serde_json::Value, expected: &str) {
        assert_eq!(render(template, context).unwrap(), expected);
    }

    #[test]
    fn lines_of_tags_leave_no_line() {
        let context = json!({"names": ["a", "b"], "on": true});
        check(
            "{# why #}\n  {% for n in names %}\n  x {{ n }};\n  {% endfor %}\nend\n",
            &context,
            "  x a;\n  x b;\nend\n",
        );
        check("{% if on %}yes{% endif %}\n\nz", &context, "yes\n\nz\n");
        check("a\n{%- if on %}\n b\n{% endif %}\n", &context, "a\n b\n");
    }

    #[test]
    fn values_are_not_escaped_for_html_but_by_their_filter() {
        let context = json!({"v": "<a & \"b\">", "n": 3});
        check("{{ v }} {{ v | nginx }} {{ n | shell }}", &context, "<a & \"b\"> \"<a & \\\"b\\\">\" 3\n");
    }

    #[test]
    fn an_override_replaces_the_built_in_template() {
        let overrides = BTreeMap::from([("env.tera".to_owned(), "mine\n".to_owned())]);
        assert_eq!(Engine::new(&overrides).unwrap().render("env.tera", &json!({})).unwrap(), "mine\n");
    }

    #[test]
    fn an_undefined_variable_is_named_with_its_place() {
        for (template, variable, column) in [
            ("a\n  {{ vars.nope }}\n", "vars.nope", 6),
            ("a\n  {{ vars.nope | nginx }}\n", "vars.nope", 6),
            ("a\n  {{ nope | shell }}\n", "nope", 6),
            ("a\n  {% if nope.deep.er %}{% endif %}\n", "nope", 9),
        ] {
            let error = render(template, &json!({"vars": {"port": 1}})).unwrap_err();
            assert_eq!(error.variable.as_deref(), Some(variable), "{error}");
            let place = error.place.clone().unwrap();
            assert_eq!((place.line, place.column), (2, column), "{error}");
        }
    }

    #[test]
    fn errors_show_the_line_and_a_hint() {
        let context = json!({"vars": {"port": 1}, "secret": "hunter2$"});
        insta::assert_snapshot!("undefined", render("a\n  listen {{ vars.prot | nginx }};\n", &context).unwrap_err());
        insta::assert_snapshot!("refused", render("x {{ secret | nginx }};\n", &context).unwrap_err());
        insta::assert_snapshot!("syntax", render("{% if %}\n", &context).unwrap_err());
        insta::assert_snapshot!("unknown_filter", render("{{ vars | jason }}\n", &context).unwrap_err());
        let engine = Engine::new(&BTreeMap::new()).unwrap();
        insta::assert_snapshot!("missing", engine.render("motd.tera", &context).unwrap_err());
    }
}
