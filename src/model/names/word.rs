//! Names that become users, units, files and packages of a host.

use super::{NameError, ensure, name, reserved};

name!(
    /// A host's name in the inventory.
    HostName,
    |text| word("host", text, 1..=253, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
);
name!(
    /// A group's name in the inventory.
    GroupName,
    |text| {
        word("group", text, 1..=253, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))?;
        if text == "all" {
            return Err(NameError::new(
                "`all` always means every host",
                "give the group another name; what all hosts share goes to the top level",
            ));
        }
        Ok(())
    }
);
name!(
    /// The name of a project: what its inventory is called in the records of hosts, which other projects may share.
    ProjectName,
    |text| {
        let valid = matches!(text.len(), 1..=63)
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        ensure(valid, || {
            NameError::new(
                format!("`{text}` is not a valid project name"),
                "use lower-case letters, digits and `-`, beginning with a letter and not ending with `-`, at most 63 \
                 characters",
            )
        })
    }
);

impl ProjectName {
    /// What is added to the name of what each project has for itself on a host: nothing for the usual one, which had it
    /// before there were others.
    #[must_use]
    pub fn suffix(&self) -> String {
        if *self == Self::default() { String::new() } else { format!("+{self}") }
    }
}

/// That of an inventory which names none.
impl Default for ProjectName {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

name!(
    /// An app's name: also a system user, a unit and a folder.
    ///
    /// ```
    /// use provision::model::AppName;
    ///
    /// let name: AppName = "web".parse()?;
    /// assert_eq!(name.as_str(), "web");
    /// let error = "Web Shop".parse::<AppName>().unwrap_err();
    /// println!("{error}; {}", error.hint);
    /// # Ok::<(), provision::model::NameError>(())
    /// ```
    AppName,
    |text| {
        system_word("app", text)?;
        refuse_reserved(text)
    }
);
name!(
    /// What a process of an app is called, and its unit or job: as its app, or `APP.NAME` for what else the app runs.
    /// No app has a `.` in its name.
    ProcessName,
    |text| {
        let (app, own) = text.split_once('.').map_or((text, None), |(app, own)| (app, Some(own)));
        app.parse::<AppName>()?;
        own.map_or(Ok(()), |own| system_word("process", own))
    }
);

impl ProcessName {
    /// The app.
    #[must_use]
    pub fn app(&self) -> AppName {
        let app = self.as_str().split('.').next().unwrap_or_default();
        app.parse().expect("it begins with the name of an app")
    }
}

impl From<&AppName> for ProcessName {
    fn from(app: &AppName) -> Self {
        app.as_str().parse().expect("an app's name is the name of a process")
    }
}

name!(
    /// A site's name: also a file in `sites-available`.
    SiteName,
    |text| {
        word("site", text, 1..=64, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))?;
        if text == "default" {
            return Err(NameError::new(
                "`default` is the name of Debian's own site",
                "choose another name, and set `default: true` on the site",
            ));
        }
        if text.eq_ignore_ascii_case("provision-default") {
            return Err(NameError::new(
                "`provision-default` is what answers for host names that no site claims",
                "choose another name",
            ));
        }
        Ok(())
    }
);
name!(
    /// A user or group of the host.
    UserName,
    |text| system_word("user", text)
);
name!(
    /// A Debian package.
    PackageName,
    |text| {
        // apt takes `cron-` for "remove cron", whatever it was asked to do. A final `+` is harmless to it, and some
        // names have one.
        if let Some(removed) = text.strip_suffix('-').filter(|name| !name.is_empty()) {
            return Err(NameError::new(
                format!("apt would remove the package `{removed}`: that is what a final `-` asks of it"),
                format!("write `{removed}` to install it; an inventory removes no package"),
            ));
        }
        if let Some((name, rest)) = text.split_once(['/', '=', ':']) {
            return Err(NameError::new(
                format!("`{text}` names a version, suite or architecture of a package"),
                format!("write `{name}`, and let the host's own apt settings choose what `{rest}` would"),
            ));
        }
        let valid = text.len() >= 2
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
        ensure(valid, || {
            NameError::new(
                format!("`{text}` is not a package name"),
                "a Debian package name has lower-case letters, digits and `+-.`, and no version",
            )
        })
    }
);

fn word(
    kind: &str,
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    allowed: fn(char) -> bool,
) -> Result<(), NameError> {
    let valid = length.contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(allowed);
    ensure(valid, || {
        NameError::new(
            format!("`{text}` is not a valid {kind} name"),
            format!(
                "use letters, digits, `-`, `_` and `.`, beginning with a letter or digit, at most {} characters",
                length.end()
            ),
        )
    })
}

/// What useradd, systemd and every file system accept alike.
fn system_word(kind: &str, text: &str) -> Result<(), NameError> {
    let valid = matches!(text.len(), 1..=32)
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    ensure(valid, || {
        NameError::new(
            format!("`{text}` is not a valid {kind} name"),
            "use lower-case letters, digits, `-` and `_`, beginning with a letter, at most 32 characters",
        )
    })
}

fn refuse_reserved(text: &str) -> Result<(), NameError> {
    ensure(!reserved::is_taken(text), || {
        NameError::new(
            format!("an app cannot be called `{text}`: hosts have a user or service of that name"),
            format!("choose another name, such as `{text}-app`"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_called_as_its_app_or_has_a_name_behind_it() {
        let app: AppName = "web".parse().unwrap();
        for (text, valid) in [
            ("web", true),
            ("web.digest", true),
            ("web.", false),
            (".web", false),
            ("web.a.b", false),
            ("cron.x", false),
        ] {
            let name = text.parse::<ProcessName>();
            assert_eq!(name.as_ref().map(ProcessName::app).ok(), valid.then(|| app.clone()), "{text}");
        }
        assert_eq!(ProcessName::from(&app).as_str(), "web");
    }
}
