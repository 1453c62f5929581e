//! A path that is the same on every host, but for the one name in it.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use crate::model::names::{AppName, ProcessName, RemotePath, SiteName};

/// What has places of its own.
pub trait Named: fmt::Display + FromStr {
    /// Stands for the name in a pattern.
    const WORD: &'static str;
}

impl Named for AppName {
    const WORD: &'static str = "APP";
}

/// The process that answers an app's requests is called as the app is.
impl Named for ProcessName {
    const WORD: &'static str = "APP";
}

impl Named for SiteName {
    const WORD: &'static str = "SITE";
}

/// What a place is of that every host has once.
#[derive(Debug)]
pub enum OnHost {}

/// A path of ours: an app's, one of its processes', a site's, or one that every host has once.
#[derive(Debug)]
pub struct Place<N> {
    pattern: &'static str,
    tree: bool,
    named: PhantomData<N>,
}

impl<N> Place<N> {
    /// A file, a link, or a folder in which others may have something as well.
    pub(super) const fn path(pattern: &'static str) -> Self {
        Self { pattern, tree: false, named: PhantomData }
    }

    /// A folder with everything that lies below it.
    pub(super) const fn tree(pattern: &'static str) -> Self {
        Self { pattern, tree: true, named: PhantomData }
    }

    /// The path with `APP` or `SITE` where a name stands.
    #[must_use]
    pub const fn pattern(&self) -> &'static str {
        self.pattern
    }

    /// Does it include what lies below it?
    pub(super) const fn is_tree(&self) -> bool {
        self.tree
    }
}

impl<N: Named> Place<N> {
    /// Where the one of that name lies.
    #[must_use]
    pub fn of(&self, name: &N) -> RemotePath {
        valid(&self.pattern.replace(N::WORD, &name.to_string()))
    }

    /// Whose the path is, if it is such a place.
    #[must_use]
    pub fn name_in(&self, path: &str) -> Option<N> {
        let (before, after) = self.pattern.split_once(N::WORD)?;
        path.strip_prefix(before)?.strip_suffix(after)?.parse().ok()
    }
}

impl Place<OnHost> {
    /// Where it lies.
    #[must_use]
    pub fn on_host(&self) -> RemotePath {
        valid(self.pattern)
    }

    /// The same as a text.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.pattern
    }
}

fn valid(path: &str) -> RemotePath {
    path.parse().expect("names are valid parts of a path")
}
