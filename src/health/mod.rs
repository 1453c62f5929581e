//! Whether apps work: which requests tell, and the two programs that make them on a host. One asks every app until it
//! works or its time is up, at the end of a change and for `status`; the other asks every site while a host is changed.

mod check;

pub use check::{Endpoint, HealthCheck, checks, name_of, proofs};

use std::time::Duration;

use crate::format::Format;

/// Asks every app whether it works; what it takes is [`checks_json`].
pub const CHECK: &str = concat!(include_str!("client.py"), include_str!("health.py"));

/// Asks every site while a host is being changed.
pub const WATCH: &str = concat!(include_str!("client.py"), include_str!("watch.py"));

/// Watches what clients get of a change.
pub const PROBATION: &str = concat!(include_str!("access.py"), include_str!("probation.py"));

/// Chooses what a new release is rehearsed with.
pub const REHEARSE: &str = concat!(include_str!("client.py"), include_str!("access.py"), include_str!("rehearse.py"));

/// Of lists of checks. The first one was the list alone.
const FORMAT: Format = Format::new("the list of health checks", 2);

/// Health checks as both programs read them, by `checks_of` in `client.py`.
#[must_use]
pub fn checks_json(checks: &[HealthCheck]) -> serde_json::Value {
    let one = |check: &HealthCheck| {
        let mut json = serde_json::json!({
            "app": check.app.as_str(),
            "label": check.label,
            "tls": check.tls,
            "host": check.host,
            "path": check.path,
            "first": check.status.first,
            "last": check.status.last,
            "timeout": Duration::as_secs_f64(&check.timeout),
        });
        match &check.endpoint {
            Endpoint::Tcp(address) => {
                json["address"] = address.ip().to_string().into();
                json["port"] = address.port().into();
            }
            Endpoint::Unix(path) => json["unix"] = path.as_str().into(),
        }
        json
    };
    serde_json::json!({ "format": FORMAT.newest(), "checks": checks.iter().map(one).collect::<Vec<_>>() })
}
