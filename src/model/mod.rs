//! The words of the project as types: what an inventory can say, already valid.
//! Knows nothing of YAML, templates, SSH or hosts' state; does no I/O.

pub mod app;
pub mod bind;
pub mod catch_all;
pub mod connection;
pub mod hardening;
pub mod layout;
pub mod listen;
pub mod names;
pub mod process;
pub mod resource;
pub mod secret;
pub mod site;
pub mod target;
pub mod tls;
pub mod verdict;

pub use app::{App, EnvValue, Health, Install, LocalFolder, Log, LogTarget, Python, Source, StatusRange};
pub use bind::Bind;
pub use catch_all::CatchAll;
pub use connection::{Connection, not_root, without_brackets};
pub use hardening::{Guard, Hardening, Limits};
pub use listen::{Listen, Socket};
pub use names::{
    AppName, EnvName, GroupName, HeaderName, HostName, Mode, NameError, Network, PackageName, ProcessName, ProjectName,
    RelativePath, RemotePath, ServerName, SiteName, UrlPath, UserName, WsgiTarget, gain_of_account,
};
pub use resource::{Directory, File, Init, Link};
pub use secret::{Form, Part, Secrecy, Secret};
pub use site::{Rate, RateLimit, Route, RouteTo, Site};
pub use target::{ExtraFile, Notify, Target};
pub use tls::{Pem, Tls};
pub use verdict::Verdict;
