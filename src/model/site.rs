//! A site: what Nginx listens on and which app answers which path.

use std::time::Duration;

use indexmap::IndexMap;

use super::listen::Listen;
use super::names::{AppName, HeaderName, Network, RelativePath, ServerName, SiteName, UrlPath};
use super::tls::Tls;

/// What Nginx answers for one set of host names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Names the file in `sites-available`.
    pub name: SiteName,
    /// The name that it had before.
    pub renamed_from: Option<SiteName>,
    /// Addresses that speak plain HTTP; empty only with [`Site::tls`].
    pub listen: Vec<Listen>,
    /// Certificate and addresses for HTTPS.
    pub tls: Option<Tls>,
    /// Host names that it answers to. Empty: any.
    pub server_names: Vec<ServerName>,
    /// Answers requests for host names that no other site names.
    pub default_server: bool,
    /// Requests for unknown host names are refused on its listeners, where no site is the default.
    pub catch_all: bool,
    /// Headers that tell browsers to be careful are added where the app does not send them.
    pub security_headers: bool,
    /// Response headers added to every answer.
    pub headers: IndexMap<HeaderName, String>,
    /// Largest request body, in bytes.
    pub max_body_bytes: u64,
    /// Proxies in front of Nginx, which are believed when they tell the client's address and scheme.
    pub behind: Vec<Network>,
    /// How often one client may ask the apps.
    pub rate_limit: Option<RateLimit>,
    /// Everything is answered by a page that asks for patience.
    pub maintenance: bool,
    /// Longest match first is Nginx's rule; the order here is the inventory's.
    pub routes: Vec<Route>,
}

impl Site {
    /// Every listener: those for plain HTTP, then those for HTTPS.
    pub fn listeners(&self) -> impl Iterator<Item = Listen> {
        self.listen.iter().copied().chain(self.tls_listen().iter().copied())
    }

    /// The listeners for HTTPS.
    #[must_use]
    pub fn tls_listen(&self) -> &[Listen] {
        self.tls.as_ref().map_or(&[], |tls| &tls.listen)
    }

    /// Does it answer whatever no other site claims? A site without a name of its own does, and `_` is no name.
    #[must_use]
    pub fn claims_any_name(&self) -> bool {
        self.default_server || self.server_names.is_empty() || self.server_names.iter().any(|name| name.as_str() == "_")
    }
}

/// How often one client may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// In the long run.
    pub rate: Rate,
    /// Requests that may come at once beyond the rate.
    pub burst: u16,
}

/// A number of requests in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Requests in a second.
    PerSecond(u16),
    /// Requests in a minute.
    PerMinute(u16),
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
    /// The app, through its runtime.
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
        /// How long browsers may keep a file without asking again.
        cache: Duration,
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

    /// The app that answers; `None` where Nginx does so itself.
    #[must_use]
    pub fn answering(&self) -> Option<&AppName> {
        if let Self::App { app, .. } = self { Some(app) } else { None }
    }

    /// What is taken off a path before the app sees it, without a slash at its end; most often nothing.
    #[must_use]
    pub fn strip(&self) -> &str {
        match self {
            Self::App { strip: Some(strip), .. } => strip.as_str().trim_end_matches('/'),
            Self::App { strip: None, .. } | Self::Files { .. } => "",
        }
    }
}
