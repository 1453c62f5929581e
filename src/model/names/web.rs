//! Names that requests and processes know: variables, headers, servers, WSGI applications.

use super::{NameError, ensure, name};

name!(
    /// The name of an environment variable.
    EnvName,
    |text| {
        let valid = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        ensure(valid, || {
            NameError::new(
                format!("`{text}` is not the name of an environment variable"),
                "use letters, digits and `_`, not beginning with a digit",
            )
        })
    }
);
name!(
    /// The name of an HTTP header.
    HeaderName,
    |text| {
        let valid = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        ensure(valid, || {
            NameError::new(format!("`{text}` is not the name of an HTTP header"), "use letters, digits and `-`, as in `X-Served-By`")
        })
    }
);
name!(
    /// A host name that a site answers to; `*.example.com` and `.example.com` are wildcards.
    ServerName,
    |text| {
        let valid = !text.is_empty()
            && text.len() <= 253
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '*' | '_'))
            && !text.contains("..");
        ensure(valid, || {
            NameError::new(format!("`{text}` is not a server name"), "write a host name, such as `www.example.com` or `*.example.com`")
        })
    }
);

name!(
    /// `module:callable`, as gunicorn takes it.
    WsgiTarget,
    |text| {
        let part = |part: &str, extra: char| {
            !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.' || c == extra)
        };
        // A module may be called `0-hello_route`: gunicorn imports by name, not by statement.
        let valid = text.split_once(':').is_some_and(|(module, callable)| {
            part(module, '-') && part(callable, '_') && !module.split('.').any(str::is_empty) && !module.starts_with('-')
        });
        ensure(valid, || {
            NameError::new(format!("`{text}` does not name a WSGI application"), "write `module:callable`, such as `web_flask.0-hello_route:app`")
        })
    }
);
