//! What runs an app: one description for each program that can, as data and a few functions over texts.
//! Knows nothing of inventories, hosts or templates' language; who renders, plans and applies asks here.

mod gunicorn;
mod stored;

use std::fmt;

use serde::Serialize;

pub use gunicorn::GUNICORN;

/// Every runtime that is known, the usual one first.
pub static ALL: [&Runtime; 1] = [USUAL];

/// What runs an app whose inventory does not choose.
pub const USUAL: &Runtime = &GUNICORN;

/// A program that runs apps.
#[derive(Clone, Copy)]
pub struct Runtime {
    /// What the inventory and the history call it, in lower case; also the Python module whose import tells whether
    /// an app's requirements brought it.
    pub name: &'static str,
    /// The name at the beginning of a sentence.
    pub title: &'static str,
    /// The program and its arguments.
    pub command: fn(&Start<'_>) -> Vec<String>,
    /// The file that it reads when it starts and when it reloads; `None` where the command says everything.
    pub settings: Option<Template>,
    /// It takes the listener that systemd holds. Otherwise it binds by itself, and a new address is a restart.
    pub inherits_listener: bool,
    /// It enters the live release by itself, so it starts above the releases and a reload finds new code.
    pub enters_release: bool,
    /// How it takes up new code while it runs; `None` where only a restart does.
    pub reload: Option<Reload>,
    /// Whether a variable of the environment is taken up by a start alone, where its settings as we write them let a
    /// reload take up the others; `None` where a reload takes up none.
    pub start_variables: Option<fn(&str) -> bool>,
    /// Which processes answer requests.
    pub workers: Workers,
    /// Why it gets USR1 when log files are rotated, in lines; none where it has no log files of its own.
    pub reopens_logs: &'static [&'static str],
    /// Imports the app before anything live is touched: Bash, in the app's box, with the Python, the new settings
    /// (empty without), the folder of the new release and the `module:callable` as arguments.
    pub import_check: &'static str,
    /// Starts the app in the foreground with one worker, before anything live is touched: Bash, in the app's box, with
    /// the same arguments and a Unix socket to listen on; `None` where the program cannot listen on one.
    pub proof: Option<&'static str>,
    /// Keys of an app in the inventory that mean something to it, among those of all runtimes.
    pub keys: &'static [&'static str],
    /// Debian's package of it.
    pub debian: Debian,
    /// What pip installs where an app's requirements do not bring it: requirements with hashes, each with the first
    /// Python 3 that it is for (`5` is 3.5), by age. It holds up to the next one; none where Python itself brings it.
    pub pins: &'static [(u8, &'static str)],
    /// Units and jobs of its packages: no app can be called like one.
    pub services: &'static [&'static str],
    /// System calls that it needs of those that services usually do not.
    pub system_calls: Option<SystemCalls>,
    /// What the comments of units and jobs say of it.
    pub remarks: Remarks,
}

/// A template that only this runtime has.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// Its name, which a template of a user overrides; without `.tera` it is the name of the rendered file.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl Template {
    /// The name of the file that is rendered from it.
    #[must_use]
    pub fn file_name(&self) -> &'static str {
        self.name.strip_suffix(".tera").unwrap_or(self.name)
    }
}

/// How a runtime takes up new code while it runs: HUP, once a check has passed.
#[derive(Clone, Copy)]
pub struct Reload {
    /// The program that checks, and its arguments.
    pub check: fn(&Start<'_>) -> Vec<String>,
    /// The script that reloads an app and waits until new workers have taken over.
    pub script: Template,
}

/// Which processes of an app answer requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// Children of the process that was started.
    Children,
    /// That process itself.
    Itself,
}

/// The names of Debian's package, where Debian has one.
#[derive(Debug, Clone, Copy)]
pub struct Debian {
    /// For Python 3, since Debian dropped Python 2.
    pub package: Option<&'static str>,
    /// The same beside a Python 2.
    pub beside_python2: Option<&'static str>,
}

impl Debian {
    /// The package on one host, where the plain names may be for Python 2.
    #[must_use]
    pub fn on(&self, plain_names: PlainNames) -> Option<&'static str> {
        match plain_names {
            PlainNames::Python3 => self.package,
            PlainNames::Python2 => self.beside_python2,
        }
    }

    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.package.into_iter().chain(self.beside_python2)
    }
}

/// Which Python Debian's packages without a digit in their names are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainNames {
    /// The only one that there is.
    Python3,
    /// The old one; packages for Python 3 have a digit.
    Python2,
}

/// System calls, and the words that say why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SystemCalls {
    /// Their names and groups, as systemd has them.
    pub names: &'static [&'static str],
    /// Why, as a clause that follows a colon.
    pub why: &'static str,
}

/// What the comments of a unit or job say of its program. Lines are at most 118 columns wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Remarks {
    /// What the process is, as what follows the app's name and a colon.
    pub what: &'static str,
    /// Where its manual is.
    pub manual: &'static str,
    /// When systemd takes it for ready, and why, in lines.
    pub ready: &'static [&'static str],
    /// Why it starts in the folder that it starts in, in lines.
    pub folder: &'static [&'static str],
    /// Why its command is as it is, in lines.
    pub command: &'static [&'static str],
    /// What the time to stop is a little more than.
    pub patience: &'static str,
    /// Why the service may live on when the kernel ends one of its processes, in lines; none where it may not.
    pub out_of_memory: &'static [&'static str],
}

/// What a command is made of.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The Python that runs the app.
    pub python: &'a str,
    /// The settings, where the runtime has some.
    pub settings: &'a str,
    /// `module:callable`.
    pub target: &'a str,
    /// The listening address: `127.0.0.1:5000` or `unix:/path`.
    pub bind: &'a str,
    /// Worker processes; `None` for as many as fit the host.
    pub workers: Option<u16>,
}

impl Runtime {
    /// The one that is called so.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|runtime| runtime.name == name)
    }

    /// Whether it is the one that an app gets whose inventory does not choose.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self == USUAL
    }

    /// The templates that it brings.
    pub fn templates(&self) -> impl Iterator<Item = Template> + Clone {
        self.settings.into_iter().chain(self.reload.as_ref().map(|reload| reload.script))
    }
}

/// A name stands for one runtime.
impl PartialEq for Runtime {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Runtime {}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Runtime({})", self.name)
    }
}
