//! Paths on hosts, in releases and in URLs.

use super::{NameError, ensure, name};

name!(
    /// An absolute path on a host, with no `.`, `..`, blank or control character.
    RemotePath,
    |text| {
        ensure(text.starts_with('/'), || {
            NameError::new(format!("`{text}` is not an absolute path"), "begin the path with `/`")
        })?;
        ensure(text.len() > 1 && !text.ends_with('/') && !text.contains("//"), || {
            NameError::new(format!("`{text}` is not the path of a file or folder"), "write it without empty parts and \
                                                                                     without a final `/`")
        })?;
        no_dots(text)?;
        plain_path(text)
    }
);
name!(
    /// A path inside a release, relative, with no `.`, `..`, blank or control character.
    RelativePath,
    |text| {
        ensure(!text.is_empty() && !text.starts_with('/'), || {
            NameError::new(format!("`{text}` is not a path inside the app's folder"), "write it relative to the app's \
                                                                                       folder, such as `web/static`")
        })?;
        ensure(!text.ends_with('/') && !text.contains("//"), || {
            NameError::new(format!("`{text}` has an empty part"), "write it without a final or doubled `/`")
        })?;
        no_dots(text)?;
        plain_path(text)
    }
);
name!(
    /// The path of a URL, beginning with `/`.
    UrlPath,
    |text| {
        ensure(text.starts_with('/'), || {
            NameError::new(format!("`{text}` is not the path of a URL"), "begin it with `/`")
        })?;
        let valid = text.chars().all(|c| {
            c.is_ascii_alphanumeric() || "/-_.~!&+,=:@%?*()".contains(c)
        });
        ensure(valid, || {
            NameError::new(
                format!("`{text}` has a character that a URL's path cannot hold"),
                "write other characters percent-encoded, such as `%20` for a blank",
            )
        })?;
        no_dots(text)
    }
);

impl RemotePath {
    /// Does it lie somewhere below `folder`?
    #[must_use]
    pub fn is_below(&self, folder: &str) -> bool {
        self.as_str().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Is it `folder` itself, or somewhere below?
    #[must_use]
    pub fn is_at_or_below(&self, folder: &str) -> bool {
        self.as_str() == folder || self.is_below(folder)
    }

    /// The folder that it lies in; `None` for the root.
    #[must_use]
    pub fn folder(&self) -> Option<Self> {
        self.as_str().rsplit_once('/').and_then(|(folder, _)| folder.parse().ok())
    }

    /// The part behind the last slash.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.as_str().rsplit('/').next().unwrap_or_default()
    }

    /// The path of `name` in this folder, where that is a path by itself.
    ///
    /// # Panics
    /// When `name` is not a valid end of a path: it is a constant, or the name of a release.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        format!("{self}/{name}").parse().expect("a valid name in a folder")
    }
}

fn no_dots(text: &str) -> Result<(), NameError> {
    ensure(!text.split('/').any(|part| part == "." || part == ".."), || {
        NameError::new(format!("`{text}` has a `.` or `..` part"), "write the path that it leads to")
    })
}

fn plain_path(text: &str) -> Result<(), NameError> {
    let valid = text.len() <= 1024
        && text.chars().all(|c| {
            c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '+' | '@' | '%' | '=' | ',' | ':' | '~')
        });
    ensure(valid, || {
        NameError::new(
            format!("`{text}` has a character that a path here cannot hold"),
            "use letters, digits and `-_.+@%=,:~`: a blank or quote in a path breaks too many configuration languages",
        )
    })
}
