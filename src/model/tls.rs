//! What a site needs to speak HTTPS.

use std::fmt;
use std::time::Duration;

use super::listen::Listen;
use super::names::{EnvName, RemotePath};

/// A site's certificate, and where it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, followed by those that vouch for it.
    pub certificate: Pem,
    /// The certificate's private key.
    pub key: Pem,
    /// Addresses that speak HTTPS; at least one.
    pub listen: Vec<Listen>,
    /// Requests on the plain addresses are sent to HTTPS.
    pub redirect: bool,
    /// How long browsers remember that this site speaks HTTPS alone.
    pub hsts: Option<Duration>,
    /// The folder on the host where an ACME client, such as certbot, puts its answers to challenges.
    pub acme: Option<RemotePath>,
}

/// A certificate or key in PEM form.
#[derive(Clone, PartialEq, Eq)]
pub enum Pem {
    /// A file that the host has already.
    Path(RemotePath),
    /// The text itself, from the controller's environment: never shown in a diff, log or report.
    Content {
        /// The variable that it came from.
        variable: EnvName,
        /// What that held.
        text: String,
    },
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "Pem({path})"),
            Self::Content { variable, .. } => write!(f, "Pem(secret {variable})"),
        }
    }
}
