//! A site: what Nginx listens on and which app answers which path.

use std::net::SocketAddr;

use indexmap::IndexMap;

use super::names::{AppName, HeaderName, RelativePath, ServerName, SiteName, UrlPath};

/// One Nginx `server` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Names the file in `sites-available`.
    pub name: SiteName,
    /// Listening addresses; at least one.
    pub listen: Vec<Listen>,
    /// Host names that it answers to. Empty: any.
    pub server_names: Vec<ServerName>,
    /// Answers requests for host names that no other site names.
    pub default_server: bool,
    /// Response headers added to every answer.
    pub headers: IndexMap<HeaderName, String>,
    /// Largest request body, in bytes.
    pub max_body_bytes: u64,
    /// Longest match first is Nginx's rule; the order here is the inventory's.
    pub routes: Vec<Route>,
}

/// One listening address of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Listen {
    /// A port on every IPv4 address.
    Port(u16),
    /// One address and port; `[::]:80` is IPv6.
    Address(SocketAddr),
}

impl Listen {
    /// The socket that Nginx opens for it.
    #[must_use]
    pub fn socket(self) -> SocketAddr {
        match self {
            Self::Port(port) => SocketAddr::from(([0, 0, 0, 0], port)),
            Self::Address(address) => address,
        }
    }
}

/// Which app answers below one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The prefix. It ends with `/`, so that it cannot match `/apifoo` for `/api`.
    pub path: UrlPath,
    /// What answers.
    pub to: RouteTo,
}

/// What answers a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteTo {
    /// The app, through gunicorn.
    App {
        /// The app.
        app: AppName,
        /// A prefix of the path that is taken off before the app sees the request.
        strip: Option<UrlPath>,
    },
    /// Files of the app's live release, served by Nginx.
    Files {
        /// The app.
        app: AppName,
        /// The folder inside the release.
        folder: RelativePath,
    },
}

impl RouteTo {
    /// The app that the route belongs to.
    #[must_use]
    pub fn app(&self) -> &AppName {
        match self {
            Self::App { app, .. } | Self::Files { app, .. } => app,
        }
    }
}
