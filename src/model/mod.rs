//! The words of the project as types: what an inventory can say, already valid.
//! Knows nothing of YAML, templates, SSH or hosts' state; does no I/O.

pub mod app;
pub mod connection;
pub mod hardening;
pub mod names;
pub mod resource;
pub mod site;
pub mod target;

pub use app::{App, Bind, EnvValue, Health, Install, Log, LogTarget, Python, Source, StatusRange};
pub use connection::Connection;
pub use hardening::{Guard, Hardening, Limits};
pub use names::{
    AppName, EnvName, GroupName, HeaderName, HostName, Mode, NameError, PackageName, RelativePath, RemotePath,
    ServerName, SiteName, UrlPath, UserName, WsgiTarget,
};
pub use resource::{Directory, File, Init, Link};
pub use site::{Listen, Route, RouteTo, Site};
pub use target::{ExtraFile, Notify, Target};
