//! Users and groups of a host that are not an app's.

use crate::model::names::{RemotePath, UserName};

/// Builds the Python packages of every app and compiles its code; owns nothing else.
pub const BUILDER: &str = "provision-build";

/// The user and group that Debian's and Ubuntu's Nginx workers run as.
pub const NGINX_USER: &str = "www-data";

/// The user and group `root`.
#[must_use]
pub fn root() -> UserName {
    user("root")
}

/// [`BUILDER`] as a user.
#[must_use]
pub fn builder() -> UserName {
    user(BUILDER)
}

/// The home of a user that has none.
#[must_use]
pub fn nowhere() -> RemotePath {
    "/nonexistent".parse().expect("the path is a constant")
}

/// The group that reads logs, on every Debian and Ubuntu.
#[must_use]
pub fn log_readers() -> UserName {
    user("adm")
}

fn user(name: &str) -> UserName {
    name.parse().expect("the name is a constant")
}
