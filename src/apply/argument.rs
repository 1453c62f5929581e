//! What a call hands to a function of `host/*.sh`: values that become words. Pure.

use std::time::Duration;

use crate::digest::Digest;
use crate::model::{AppName, Mode, PackageName, RemotePath, UserName};

/// A value that becomes words of a command.
pub trait Argument {
    /// It may be any number of words, and so comes last.
    const MANY: bool = false;

    /// Adds its words, not yet quoted.
    fn append(&self, words: &mut Vec<String>);
}

macro_rules! shown_as_they_are {
    ($($type:ty),*) => { $(impl Argument for $type {
        fn append(&self, words: &mut Vec<String>) {
            words.push(self.to_string());
        }
    })* };
}

shown_as_they_are!(String, usize, u16, AppName, UserName, PackageName, RemotePath, Mode, Digest);

impl Argument for Duration {
    /// Whole seconds.
    fn append(&self, words: &mut Vec<String>) {
        words.push(self.as_secs().to_string());
    }
}

impl<A: Argument> Argument for Option<A> {
    /// What is not there is an empty word.
    fn append(&self, words: &mut Vec<String>) {
        match self {
            Some(argument) => argument.append(words),
            None => words.push(String::new()),
        }
    }
}

impl<A: Argument> Argument for Vec<A> {
    const MANY: bool = true;

    fn append(&self, words: &mut Vec<String>) {
        self.iter().for_each(|argument| argument.append(words));
    }
}

/// An enum whose values are one fixed word each.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident => $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$about])* $variant,)* }

        impl $name {
            /// Every word.
            pub const WORDS: &[&str] = &[$($word),*];

            /// The word that the host knows it by.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl Argument for $name {
            fn append(&self, words: &mut Vec<String>) {
                words.push(self.word().to_owned());
            }
        }
    };
}

words! {
    /// What a service is made to do.
    Act {
        /// It is enabled at boot, and started.
        Start => "start",
        /// It is restarted; its socket goes on listening.
        Restart => "restart",
        /// An app's workers are replaced gracefully.
        Reload => "reload",
        /// Nginx reloads, and proves it.
        Nginx => "nginx",
        /// A service of the host reads its files again.
        Other => "other",
        /// A listener moves to another address.
        Move => "move",
        /// A service stops, and starts no more, not at boot either.
        Stop => "stop",
    }
}

words! {
    /// Where Python dependencies go.
    Method {
        /// Into the release.
        Venv => "venv",
        /// Into the host, for all its apps.
        System => "system",
    }
}

words! {
    /// Whether every requirement must name the hashes of its files.
    Hashes {
        /// It must.
        Demanded => "demanded",
        /// It need not.
        Free => "no",
    }
}

words! {
    /// Who sends requests to addresses that go from one app to another.
    Senders {
        /// The same as before: the app that comes is the one that goes, under another name.
        Same => "same",
        /// Nginx, which has to know first, lest an app gets the requests of another.
        Nginx => "nginx",
    }
}

/// What an app does when addresses go from one to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// It stops, and leaves its address to others.
    Gives(AppName),
    /// It listens where another one did, or where its own address is another now.
    Takes(AppName),
}

impl Part {
    /// Whose part it is.
    #[must_use]
    pub fn app(&self) -> &AppName {
        match self {
            Self::Gives(app) | Self::Takes(app) => app,
        }
    }
}

impl Argument for Part {
    fn append(&self, words: &mut Vec<String>) {
        let word = match self {
            Self::Gives(_) => "gives",
            Self::Takes(_) => "takes",
        };
        words.extend([word.to_owned(), self.app().to_string()]);
    }
}

/// An app whose new release is started and asked before it goes live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The app.
    pub app: AppName,
    /// The user that it runs as.
    pub user: UserName,
    /// Its new release.
    pub id: String,
    /// The Python that runs it.
    pub python: String,
    /// The settings of its runtime; empty where it has none.
    pub settings: String,
    /// `module:callable`.
    pub wsgi: String,
    /// How long it may take to become healthy.
    pub patience: Duration,
    /// The file of the payload that starts it.
    pub number: usize,
}

impl Argument for Proof {
    fn append(&self, words: &mut Vec<String>) {
        let Self { app, user, id, python, settings, wsgi, patience, number } = self;
        words.extend([app.to_string(), user.to_string(), id.clone(), python.clone(), settings.clone(), wsgi.clone()]);
        patience.append(words);
        number.append(words);
    }
}

/// An app that clients decide about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnProbation {
    /// The app.
    pub app: AppName,
    /// Its workers end for no other reason than that something is wrong.
    pub workers_stay: bool,
}

impl Argument for OnProbation {
    fn append(&self, words: &mut Vec<String>) {
        let stay = if self.workers_stay { "yes" } else { "no" };
        words.extend([self.app.to_string(), stay.to_owned()]);
    }
}

/// One difference between Nginx's tree and the coming one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NginxChange {
    /// A file is new or different.
    File(RemotePath),
    /// A link is new or different.
    Link {
        /// Where it is.
        path: String,
        /// What it points at.
        to: String,
    },
    /// A file or link goes.
    Gone(String),
}

impl Argument for NginxChange {
    fn append(&self, words: &mut Vec<String>) {
        match self {
            Self::File(path) => words.extend(["file", path.as_str()].map(ToOwned::to_owned)),
            Self::Link { path, to } => words.extend(["link", path, to].map(ToOwned::to_owned)),
            Self::Gone(path) => words.extend(["gone", path].map(ToOwned::to_owned)),
        }
    }
}
